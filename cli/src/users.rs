//! `intarsia users`: keeps the file of users that a server asks.

use std::{
    fs::{self, OpenOptions},
    io::{self, BufRead, ErrorKind, IsTerminal, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::{Args, Subcommand};
use intarsia_flight_server::auth::{Hash, Users as File};

use crate::{
    status::{Failure, Result, Status},
    tell,
};

/// Keeps the file of users; passwords come from the terminal or standard input
#[derive(Debug, Args)]
pub(crate) struct Users {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Adds a user to a file, or gives one that is there a new password; a server takes it over within seconds
    Add {
        /// The file of users; made if it is not there
        file: PathBuf,
        /// The user's name
        name: String,
    },
    /// Prints the hash of a password, for a line `NAME:HASH` in a file of users
    Hash,
}

impl Users {
    pub(crate) async fn run(self) -> Result<Status> {
        let work = tokio::task::spawn_blocking(move || match self.action {
            Action::Add { file, name } => add(&file, &name),
            Action::Hash => hash(),
        });
        work.await.map_err(|error| Failure::new(Status::Bug, error.to_string()))?
    }
}

fn hash() -> Result<Status> {
    let hash = hashed()?;
    writeln!(io::stdout(), "{}", hash.as_str())?;
    Ok(Status::Done)
}

fn add(path: &Path, name: &str) -> Result<Status> {
    let at = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(at(&error)),
    };
    let known = File::parse(&text).map_err(|fault| at(&fault))?.contains(name);
    // Told before anybody has typed a password for a name that cannot be.
    File::check_name(name).map_err(Failure::usage)?;
    let text = File::with(&text, name, &hashed()?).map_err(Failure::usage)?;
    replace(path, &text).map_err(|error| at(&error))?;
    tell(&format!("{name} {}", if known { "has a new password" } else { "was added" }));
    Ok(Status::Done)
}

fn hashed() -> Result<Hash> {
    let password = password().map_err(|e| Failure::usage(format!("the password: {e}")))?;
    if password.is_empty() {
        return Err(Failure::usage("a password must not be empty"));
    }
    Hash::of(&password).map_err(|error| Failure::new(Status::Bug, error))
}

/// A password from the terminal, unseen and twice, or the first line of standard input.
fn password() -> io::Result<String> {
    if !io::stdin().is_terminal() {
        return line();
    }
    let _unseen = Unseen::new();
    let ask = |prompt: &str| {
        write!(io::stderr(), "{prompt}: ")?;
        let typed = line();
        writeln!(io::stderr())?;
        typed
    };
    let password = ask("password")?;
    if ask("again")? == password {
        Ok(password)
    } else {
        Err(io::Error::other("the two were not the same"))
    }
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// A terminal that does not show what is typed, until this is dropped.
struct Unseen;

impl Unseen {
    fn new() -> Unseen {
        Unseen::tell_terminal("-echo");
        Unseen
    }

    /// By the system's own tool: the call behind it is unsafe. Where it is missing, the password is seen.
    fn tell_terminal(setting: &str) {
        let mut stty = Command::new("stty");
        let _missing = stty.arg(setting).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        Unseen::tell_terminal("echo");
    }
}

/// Writes a file at once: a server that reads it now finds the old one or the new one. Only its owner may read it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = if path.exists() { fs::canonicalize(path)? } else { path.to_owned() };
    let mut new = path.clone().into_os_string();
    new.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    if let Ok(old) = fs::metadata(&path) {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, &path)
}
