//! Opening an SQLite file: read-only, and the same whatever the file and the library's defaults say.

use std::{
    fs::Metadata,
    path::{self, Path, PathBuf},
    time::SystemTime,
};

use intarsia_catalog::{Address, Node};
use libsqlite3_sys as ffi;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, sqlite::SqliteConnectOptions};

use super::raw::{Connection, Failure, LOCK_WAIT};
use crate::{Error, ErrorKind, Flavor, Result, Server};

/// Page cache of one connection. SQLite takes a negative size as KiB.
const CACHE: &str = "-16384";

/// Opens the node's file for reading.
///
/// # Errors
/// [`ErrorKind::Unavailable`] if there is no such file, or it is none of SQLite's.
pub(super) async fn connect(node: &Node) -> Result<Connection> {
    let (path, _) = file(node)?;
    let options = options(&path)
        .read_only(true)
        // A second lock on the door: of what SQLite would do without writing to the file.
        .pragma("query_only", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        // A file that another process cuts short would end a process that has it mapped.
        .pragma("mmap_size", "0")
        .pragma("cache_size", CACHE);
    let sqlx = options.connect().await.map_err(|error| unopened(node, &path, &error.into()))?;
    Connection::new(sqlx).await.map_err(|failure| refused(node, &failure))
}

/// Reads the first page: only then SQLite sees whether the file is one of its own.
pub(super) async fn probe(node: &Node, connection: &Connection) -> Result<()> {
    let mut sqlx = connection.sqlx().lock().await;
    let probed = sqlx::raw_sql("SELECT count(*) FROM sqlite_schema").execute(&mut *sqlx).await;
    probed.map(drop).map_err(|error| refused(node, &error.into()))
}

/// Runs statements one after another on a connection of their own that may write; makes the file if need be.
pub(super) async fn run(node: &Node, statements: &[String]) -> Result<()> {
    let path = absolute(node)?;
    let options = options(&path).create_if_missing(true);
    let unopened = |error: sqlx::Error| unopened(node, &path, &error.into());
    let mut sqlx = options.connect().await.map_err(unopened)?;
    for statement in statements {
        let statement = AssertSqlSafe(statement.clone());
        let done = sqlx::raw_sql(statement).execute(&mut sqlx).await;
        done.map_err(|error| refused(node, &error.into()))?;
    }
    // Closed at once, so that whoever opens the file next finds nothing under way.
    sqlx.close().await.map_err(|error| refused(node, &error.into()))
}

/// SQLite is a library: its version is ours, and does not depend on the file.
pub(super) fn server() -> Server {
    let number = ffi::SQLITE_VERSION_NUMBER.unsigned_abs();
    Server {
        flavor: Flavor::Sqlite,
        version: (number / 1_000_000, number / 1_000 % 1_000, number % 1_000),
    }
}

/// What SQLite said, as an error of the node. A statement that a file cannot answer for is `Unavailable`,
/// one that asks for what is not there a `Mismatch`.
pub(super) fn refused(node: &Node, failure: &Failure) -> Error {
    let Failure { message, .. } = failure;
    let missing = message.starts_with("no such table") || message.starts_with("no such column");
    let (kind, advice) = match failure.primary() {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => {
            (ErrorKind::Unavailable, "; another program is writing to it, try again")
        }
        ffi::SQLITE_READONLY => (
            ErrorKind::Unavailable,
            "; it needs recovery, or its folder must be writable for the -shm file of its WAL mode: open it once with a program that may write to it",
        ),
        ffi::SQLITE_CANTOPEN => (
            ErrorKind::Unavailable,
            "; a file in WAL mode needs a folder that is writable: make it so, or leave that mode by PRAGMA journal_mode = DELETE",
        ),
        ffi::SQLITE_IOERR
        | ffi::SQLITE_CORRUPT
        | ffi::SQLITE_NOTADB
        | ffi::SQLITE_PERM
        | ffi::SQLITE_AUTH
        | ffi::SQLITE_PROTOCOL => (ErrorKind::Unavailable, ""),
        ffi::SQLITE_NOMEM | ffi::SQLITE_FULL | ffi::SQLITE_TOOBIG => (ErrorKind::Exhausted, ""),
        ffi::SQLITE_INTERRUPT => (ErrorKind::Cancelled, ""),
        ffi::SQLITE_SCHEMA => (ErrorKind::Mismatch, ""),
        ffi::SQLITE_INTERNAL | ffi::SQLITE_MISUSE => (ErrorKind::Internal, ""),
        _ if missing => (ErrorKind::Mismatch, ""),
        _ => (ErrorKind::Refused, ""),
    };
    Error::new(kind, &node.name, format!("{message}{advice}"))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(LOCK_WAIT).disable_statement_logging()
}

/// Tells a file from the one that was there before. SQLite itself notices what other users of it write; it
/// does not notice a file that was copied over or moved into its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    inode: (u64, u64),
    length: u64,
    modified: Option<SystemTime>,
}

/// What the node's file is now.
pub(super) fn identity(node: &Node) -> Result<Identity> {
    let (_, metadata) = file(node)?;
    Ok(Identity {
        inode: inode(&metadata),
        length: metadata.len(),
        modified: metadata.modified().ok(),
    })
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// The node's file, which must be there.
fn file(node: &Node) -> Result<(PathBuf, Metadata)> {
    let path = absolute(node)?;
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok((path, metadata)),
        Ok(_) => Err(unavailable(node, format!("`{}` is not a file", path.display()))),
        Err(error) => {
            Err(unavailable(node, format!("cannot open the file `{}`: {error}", path.display())))
        }
    }
}

/// The node's path. An absolute one is never read as a URI or as `:memory:`.
fn absolute(node: &Node) -> Result<PathBuf> {
    let Address::File(path) = &node.address else {
        return Err(Error::new(ErrorKind::Internal, &node.name, "an SQLite node has a file"));
    };
    path::absolute(path).map_err(|error| {
        unavailable(node, format!("`{}` is no path to a file: {error}", path.display()))
    })
}

fn unopened(node: &Node, path: &Path, failure: &Failure) -> Error {
    let error = refused(node, failure);
    let message = format!("cannot open the file `{}`: {}", path.display(), error.message());
    Error::new(error.kind(), &node.name, message)
}

fn unavailable(node: &Node, message: String) -> Error {
    Error::new(ErrorKind::Unavailable, &node.name, message)
}
