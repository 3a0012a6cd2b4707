//! `intarsia users`: keeps the file of users that a server asks.

use std::{
    fmt::Display,
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use intarsia_flight_server::auth::{Hash, Users as File};

use crate::{
    password,
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
        match self.action {
            Action::Add { file, name } => add(file, name).await,
            Action::Hash => {
                let hash = hashed(new_password().await?).await?;
                writeln!(io::stdout(), "{}", hash.as_str())?;
                Ok(Status::Done)
            }
        }
    }
}

async fn add(path: PathBuf, name: String) -> Result<Status> {
    let at = |error: &dyn Display| Failure::usage(format!("{}: {error}", path.display()));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(at(&error)),
    };
    let known = File::parse(&text).map_err(|fault| at(&fault))?.contains(&name);
    // Told before anybody has typed a password for a name that cannot be.
    File::check_name(&name).map_err(Failure::usage)?;
    let hash = hashed(new_password().await?).await?;
    let text = File::with(&text, &name, &hash).map_err(Failure::usage)?;
    replace(&path, &text).map_err(|error| at(&error))?;
    tell(&format!("{name} {}", if known { "has a new password" } else { "was added" }));
    Ok(Status::Done)
}

async fn new_password() -> Result<String> {
    let typed = password::new().await;
    let password = typed.map_err(|error| Failure::usage(format!("the password: {error}")))?;
    match password.is_empty() {
        true => Err(Failure::usage("a password must not be empty")),
        false => Ok(password),
    }
}

/// Its hash, which takes a while.
async fn hashed(password: String) -> Result<Hash> {
    let bug = |error: String| Failure::new(Status::Bug, error);
    let hash = tokio::task::spawn_blocking(move || Hash::of(&password)).await;
    hash.map_err(|error| bug(error.to_string()))?.map_err(|error| bug(error.to_string()))
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
