//! `intarsia shell`: SQL by hand.
//!
//! ```text
//! keys ─editor→ entry ─command→ what the shell itself does
//!                     ─split→ statements ─source→ answers, one after another
//! ```
//!
//! On a terminal a statement that fails or is interrupted leaves the shell as it is. From a pipe the first failure ends
//! it, with its exit status.

mod command;
mod complete;
mod describe;
mod editor;
mod highlight;
mod history;
mod input;
mod layout;
mod names;
mod vocabulary;

use std::{
    collections::VecDeque,
    future::Future,
    io::{self, BufWriter, IsTerminal, Write},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use intarsia_engine::session;
use tokio::{signal::ctrl_c, task::JoinSet, time::timeout};

use self::{
    command::Command,
    input::{Entries, Input, Read},
    names::Known,
};
use crate::{
    FAREWELL,
    catalog::Opened,
    progress, query,
    render::Format,
    source::{Source, Target},
    status::{Failure, Result, Status},
    tell, told,
};

/// Runs statements as they are typed
#[derive(Debug, Args)]
pub(crate) struct Shell {
    #[command(flatten)]
    target: Target,
    /// How answers are written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Scripts within scripts.
const NESTED_SCRIPTS: usize = 16;

impl Shell {
    /// Whether somebody types: Ctrl-C is then for the statement that runs.
    pub(crate) fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Reads and runs until there is nothing more to read.
    pub(crate) async fn run(self, opened: &Opened) -> Result<Status> {
        check(self.format)?;
        let interactive = self.is_interactive();
        let source = tokio::select! {
            source = self.target.open(opened) => Arc::new(source?),
            _ = ctrl_c(), if interactive => return Ok(Status::Interrupted),
        };
        let known = Known::default();
        let mut learning = JoinSet::new();
        let input = if interactive {
            tell(&greeting(&source, &self.target));
            learning.spawn(known.clone().learn(Arc::clone(&source)));
            Input::terminal(known)
        } else {
            Input::lines()
        };
        let state = State::new(source, opened.clone(), self.format, interactive);
        state.converse(input).await
    }
}

fn greeting(source: &Source, target: &Target) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let what = match source {
        Source::Nodes(session) => session.engine().map_or_else(String::new, |engine| {
            let catalog = engine.catalog();
            let (tables, nodes) = (catalog.tables.len(), catalog.nodes.len());
            format!("{target}: {} over {}", many(tables, "table"), many(nodes, "node"))
        }),
        Source::Server(_) => format!("connected to {target}"),
    };
    format!(
        "intarsia {version}, {what}\nStatements end with `;`. \\? lists commands, \\q leaves.\n"
    )
}

fn many(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// Refuses formats that are no text.
fn check(format: Format) -> Result<()> {
    match format.is_binary() {
        true => Err(Failure::usage("a shell writes text; `intarsia query` writes files")),
        false => Ok(()),
    }
}

/// Whether to go on.
enum Flow {
    On,
    Quit,
}

/// What lasts from one entry to the next.
struct State {
    source: Arc<Source>,
    opened: Opened,
    interactive: bool,
    format: Format,
    expanded: bool,
    timing: bool,
    /// The statement before, for `\explain`.
    last: Option<String>,
    /// What stands before the next answer.
    separator: &'static str,
    /// What scripts have still to say, with how deep they are in scripts.
    scripts: VecDeque<(usize, String)>,
}

impl State {
    fn new(source: Arc<Source>, opened: Opened, format: Format, interactive: bool) -> State {
        State {
            source,
            opened,
            interactive,
            format,
            expanded: false,
            timing: interactive,
            last: None,
            separator: "",
            scripts: VecDeque::new(),
        }
    }

    async fn converse(mut self, mut input: Input) -> Result<Status> {
        loop {
            let (depth, text) = match self.scripts.pop_front() {
                Some(entry) => entry,
                None => match input.next().await? {
                    Read::Entry(text) => (0, text),
                    Read::Nothing => continue,
                    Read::End => return Ok(Status::Done),
                },
            };
            match self.enter(&text, depth).await {
                Ok(Flow::On) => {}
                Ok(Flow::Quit) => return Ok(Status::Done),
                Err(failure) if self.interactive && failure.status() != Status::Done => {
                    self.scripts.clear();
                    told(&failure);
                    self.say("");
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Does what was entered: a command of the shell, or statements.
    async fn enter(&mut self, text: &str, depth: usize) -> Result<Flow> {
        if let Some(command) = Command::read(text)? {
            return self.command(command, depth).await;
        }
        for sql in session::split(text)? {
            self.last = Some(sql.clone());
            self.statement(sql).await?;
        }
        Ok(Flow::On)
    }

    async fn command(&mut self, command: Command, depth: usize) -> Result<Flow> {
        match command {
            Command::Quit => return Ok(Flow::Quit),
            Command::Help => self.print(command::help())?,
            Command::Timing(on) => {
                self.timing = on.unwrap_or(!self.timing);
                self.say(&format!("Timing is {}.", on_off(self.timing)));
            }
            Command::Expanded(on) => {
                self.expanded = on.unwrap_or(!self.expanded);
                self.say(&format!("Expanded display is {}.", on_off(self.expanded)));
            }
            Command::Format(None) => self.print(format!("{}\n", self.format.name()))?,
            Command::Format(Some(format)) => {
                check(format)?;
                self.format = format;
            }
            Command::Explain(sql) => self.explain(sql).await?,
            Command::Script(path) => self.script(&path, depth)?,
            Command::Describe(what) => {
                let source = Arc::clone(&self.source);
                let text = self.interruptible(describe::describe(source, what)).await?;
                self.print(text)?;
            }
            Command::Functions(pattern) => self.statement(describe::functions(&pattern)).await?,
        }
        Ok(Flow::On)
    }

    async fn explain(&mut self, sql: String) -> Result<()> {
        let sql = if sql.is_empty() { self.last.clone() } else { Some(sql) };
        let lacking = || Failure::fault("\\explain STATEMENT, or \\explain after a statement");
        let sql = sql.ok_or_else(lacking)?;
        for sql in session::split(&sql)? {
            self.statement(format!("EXPLAIN {sql}")).await?;
        }
        Ok(())
    }

    /// Puts a script's entries before all others.
    fn script(&mut self, path: &Path, depth: usize) -> Result<()> {
        if depth == NESTED_SCRIPTS {
            let message = format!("scripts in scripts, {NESTED_SCRIPTS} deep: is there a circle?");
            return Err(Failure::fault(message));
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        for (at, entry) in Entries::of_script(&text).into_iter().enumerate() {
            self.scripts.insert(at, (depth + 1, entry));
        }
        Ok(())
    }

    /// Runs one statement and writes its answer.
    async fn statement(&mut self, sql: String) -> Result<()> {
        let format = if self.expanded { Format::Expanded } else { self.format };
        let (source, separator, begun) = (Arc::clone(&self.source), self.separator, Instant::now());
        let answered = self.interruptible(async move {
            let mut out = BufWriter::new(io::stdout());
            query::answer(&source, &sql, (format, separator), &mut out).await
        });
        let answered = answered.await?;
        let taken = begun.elapsed();
        if !answered {
            self.say("SET");
        } else if !self.interactive {
            self.separator = format.separator().unwrap_or_default();
        }
        if self.timing {
            tell(&format!("Time: {}", shown(taken)));
        }
        self.say("");
        Ok(())
    }

    /// Waits for `work`. Where somebody types, Ctrl-C drops it, which stops it wherever it runs. It is a task of its own,
    /// so that Ctrl-C is heard while it computes.
    async fn interruptible<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let mut task = JoinSet::new();
        task.spawn(work);
        let ended = tokio::select! {
            ended = task.join_next() => ended,
            _ = ctrl_c(), if self.interactive => None,
        };
        match ended {
            Some(Ok(result)) => result,
            Some(Err(error)) => Err(Failure::new(Status::Bug, error.to_string())),
            None => {
                progress::clear();
                let stopped = async {
                    task.shutdown().await;
                    self.opened.settle_nodes().await;
                };
                let _late = timeout(FAREWELL, stopped).await;
                Err(Failure::interrupted())
            }
        }
    }

    /// Writes to standard output.
    fn print(&self, text: impl AsRef<[u8]>) -> Result<()> {
        let mut out = io::stdout();
        out.write_all(text.as_ref())?;
        out.flush()?;
        self.say("");
        Ok(())
    }

    /// Tells somebody who types. An empty line stands between what was and the next prompt.
    fn say(&self, text: &str) {
        if self.interactive {
            tell(text);
        }
    }
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn shown(time: Duration) -> String {
    match time.as_secs_f64() {
        short if short < 1.0 => format!("{:.1} ms", short * 1e3),
        long => format!("{long:.2} s"),
    }
}
