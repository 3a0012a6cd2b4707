//! `intarsia`: many databases answer as one.
//!
//! One file a subcommand. Results go to standard output, everything else to standard error; the exit status says
//! who has to act (see [`status::Status`]).

mod catalog;
mod check;
mod demo;
mod import;
mod password;
mod progress;
mod query;
mod render;
mod serve;
mod shell;
mod source;
mod status;
mod users;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use tokio::{
    runtime,
    signal::{
        self,
        unix::{self, SignalKind},
    },
    task::JoinSet,
};

use crate::{
    catalog::Opened,
    status::{Failure, Result, Status},
};

/// Many databases answer as one.
#[derive(Debug, Parser)]
#[command(name = "intarsia", version, max_term_width = 100)]
struct Intarsia {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Query(query::Query),
    Shell(shell::Shell),
    Check(check::Check),
    Import(import::Import),
    Serve(Box<serve::Serve>),
    Users(users::Users),
}

/// How long the nodes have to stop what is still running there when a command has ended.
pub(crate) const FAREWELL: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let command = Intarsia::parse().command;
    let status = match runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let status = runtime.block_on(watched(command));
            runtime.shutdown_timeout(FAREWELL);
            status
        }
        Err(error) => told(&Failure::new(Status::Bug, format!("no threads: {error}"))),
    };
    ExitCode::from(status as u8)
}

/// Runs a command until it ends or somebody interrupts it. It is a task of its own, so that even one that waits
/// for a full pipe, or asks a terminal that is gone for keys, can be left.
async fn watched(command: Command) -> Status {
    let opened = Opened::default();
    let hears = command.hears_interrupts();
    let types = command.is_typed_into();
    let mut task = JoinSet::new();
    task.spawn(command.run(opened.clone()));
    let ended = tokio::select! {
        ended = task.join_next() => ended,
        _ = signal::ctrl_c(), if !hears => None,
        () = hung_up(), if types => None,
    };
    let status = match ended {
        Some(Ok(Ok(status))) => status,
        Some(Ok(Err(failure))) => told(&failure),
        Some(Err(error)) => told(&Failure::new(Status::Bug, error.to_string())),
        None => {
            progress::clear();
            Status::Interrupted
        }
    };
    let farewell = async {
        task.shutdown().await;
        opened.settle().await;
    };
    let _late = tokio::time::timeout(FAREWELL, farewell).await;
    status
}

/// Waits until the terminal is gone. By default that ends a program, but not one whose parent told it otherwise, as nohup
/// does.
async fn hung_up() {
    match unix::signal(SignalKind::hangup()) {
        Ok(mut hang_up) => {
            let _gone = hang_up.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

impl Command {
    /// Whether somebody types what it does.
    fn is_typed_into(&self) -> bool {
        matches!(self, Command::Shell(shell) if shell.is_interactive())
    }

    /// Whether it does itself what Ctrl-C asks for: a server comes to its end, a shell stops a statement.
    fn hears_interrupts(&self) -> bool {
        matches!(self, Command::Serve(_)) || self.is_typed_into()
    }

    async fn run(self, opened: Opened) -> Result<Status> {
        match self {
            Command::Demo(demo) => demo.run(&opened).await,
            Command::Query(query) => query.run(&opened).await,
            Command::Shell(shell) => shell.run(&opened).await,
            Command::Check(check) => check.run(&opened).await,
            Command::Import(import) => import.run().await,
            Command::Serve(serve) => serve.run(&opened).await,
            Command::Users(users) => users.run().await,
        }
    }
}

/// Tells a failure, and says what the exit status is.
pub(crate) fn told(failure: &Failure) -> Status {
    let message = failure.to_string();
    if !message.is_empty() {
        tell(&message);
    }
    failure.status()
}

/// Prints a line for people. That nobody reads it is no failure.
pub(crate) fn tell(line: &str) {
    let _unread = writeln!(io::stderr().lock(), "{line}");
}
