//! The one place with `unsafe`: SQLite's C interface, on the handle that sqlx has opened.
//!
//! sqlx's own row stream sends every row through a channel and copies each value into a box. Here a statement
//! is stepped in place and its cells are read where SQLite keeps them. What makes that sound:
//!
//! - every call is made inside [`Connection::with`], which locks the connection and takes sqlx's own lock on
//!   the handle: SQLite never sees two threads at once (it is opened without a mutex of its own);
//! - a [`Statement`] keeps its [`Connection`] alive and is finalized before it;
//! - a [`Row`] and its [`Cell`]s borrow from the step that produced them.

#![expect(unsafe_code, reason = "SQLite's interface is C; this module is the fence around it")]

mod statement;
mod trust;

use std::{
    ffi::{CStr, c_int, c_uchar},
    fmt,
    ptr::NonNull,
    slice,
    time::Duration,
};

use libsqlite3_sys as ffi;
use sqlx::sqlite::{LockedSqliteHandle, SqliteConnection};
use tokio::{runtime::Handle, sync::Mutex};

pub(super) use statement::{Cell, Progress, Row, Statement};
pub(super) use trust::collation;

/// How long SQLite waits for another process that holds the file locked.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The same as SQLite takes it.
const LOCK_WAIT_MS: c_int = 5_000;

/// What SQLite answered in place of a result.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// The extended result code.
    pub(super) code: c_int,
    /// SQLite's own words.
    pub(super) message: String,
}

impl Failure {
    /// A failure that SQLite itself did not report.
    pub(super) fn new(code: c_int, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into() }
    }

    /// What went wrong last on `db`.
    fn last(locked: &mut LockedSqliteHandle<'_>) -> Failure {
        let db = locked.as_raw_handle().as_ptr();
        // SAFETY: `locked` shows that the connection is open and ours; the message is copied before another call.
        unsafe {
            let message = CStr::from_ptr(ffi::sqlite3_errmsg(db)).to_string_lossy();
            Failure::new(ffi::sqlite3_extended_errcode(db), message)
        }
    }

    /// Whether the statement is at fault, not the file.
    pub(super) fn is_of_the_statement(&self) -> bool {
        self.primary() == ffi::SQLITE_ERROR
    }

    /// The result code without its extension.
    pub(super) fn primary(&self) -> c_int {
        self.code & 0xff
    }
}

/// An open connection. Several statements may be under way on it at once; one at a time is stepped.
pub(super) struct Connection {
    sqlx: Mutex<SqliteConnection>,
    raw: Raw,
    runtime: Handle,
}

/// The handle itself, for [`Connection::interrupt`].
#[derive(Clone, Copy)]
struct Raw(NonNull<ffi::sqlite3>);

// SAFETY: outside of `Connection::with` the handle is used for `sqlite3_interrupt` only, which SQLite allows
// from any thread while the connection is open.
unsafe impl Send for Raw {}
// SAFETY: as for `Send`.
unsafe impl Sync for Raw {}

impl Connection {
    /// Takes over what sqlx has opened, and hardens it: what is in the file can neither run code, nor write,
    /// nor turn a misspelled `"column"` into a text. `md5(text)` becomes known, for the catalog's `hash`.
    pub(super) async fn new(mut sqlx: SqliteConnection) -> Result<Connection, Failure> {
        let mut locked = sqlx.lock_handle().await.map_err(Failure::from)?;
        trust::harden(&mut locked)?;
        let raw = Raw(locked.as_raw_handle());
        drop(locked);
        Ok(Connection { sqlx: Mutex::new(sqlx), raw, runtime: Handle::current() })
    }

    /// sqlx's connection, for the few queries that are not worth stepping.
    pub(super) fn sqlx(&self) -> &Mutex<SqliteConnection> {
        &self.sqlx
    }

    /// Makes every statement that is under way here fail with `SQLITE_INTERRUPT`.
    pub(super) fn interrupt(&self) {
        // SAFETY: `self.sqlx` keeps the handle open.
        unsafe { ffi::sqlite3_interrupt(self.raw.0.as_ptr()) }
    }

    /// Runs `work` while nobody else can touch the connection. Blocks: not for an async context.
    fn with<T>(
        &self,
        work: impl FnOnce(&mut LockedSqliteHandle<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut connection = self.sqlx.blocking_lock();
        let mut locked = self.runtime.block_on(connection.lock_handle())?;
        work(&mut locked)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Failure {
        let sqlx::Error::Database(database) = &error else {
            return Failure::new(ffi::SQLITE_IOERR, error.to_string());
        };
        let code = database.code().and_then(|code| code.parse().ok());
        Failure::new(code.unwrap_or(ffi::SQLITE_ERROR), database.message())
    }
}

/// The `length` bytes from `start`; none if SQLite had no memory for them, and says so by a null pointer.
///
/// # Safety
/// `start` is null or points to `length` bytes that live for `'a`.
#[inline]
unsafe fn bytes<'a>(start: *const c_uchar, length: c_int) -> Option<&'a [u8]> {
    let length = usize::try_from(length).ok()?;
    if start.is_null() {
        return (length == 0).then_some(&[]);
    }
    // SAFETY: the caller's promise.
    Some(unsafe { slice::from_raw_parts(start, length) })
}
