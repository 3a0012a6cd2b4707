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

use std::{
    ffi::{CStr, c_char, c_int, c_uchar},
    fmt, mem,
    ops::ControlFlow,
    ptr::{self, NonNull},
    slice,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use libsqlite3_sys as ffi;
use md5::{Digest, Md5};
use sqlx::sqlite::{LockedSqliteHandle, SqliteConnection};
use tokio::{runtime::Handle, sync::Mutex};

/// How long a statement waits for another process that holds the file locked.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// How long SQLite itself may wait in one call, so that a statement nobody wants any more soon sees it.
const LOCK_POLL_MS: c_int = 100;

/// After how many of SQLite's virtual instructions a running statement looks whether it should stop.
const INSTRUCTIONS_PER_LOOK: i32 = 10_000;

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
    fn last(db: NonNull<ffi::sqlite3>) -> Failure {
        // SAFETY: `db` is open and locked by the caller; the message is copied before another call.
        unsafe {
            let message = CStr::from_ptr(ffi::sqlite3_errmsg(db.as_ptr()));
            Failure::new(
                ffi::sqlite3_extended_errcode(db.as_ptr()),
                message.to_string_lossy().into_owned(),
            )
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
        let raw = Raw(locked.as_raw_handle());
        harden(raw.0)?;
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

/// A statement, and where it stands in its answer. Made, stepped and dropped on a thread that may block.
pub(super) struct Statement {
    raw: NonNull<ffi::sqlite3_stmt>,
    connection: Arc<Connection>,
    started: bool,
}

/// How far [`Statement::rows`] came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// The visitor asked for a pause; there may be more rows.
    Paused,
    /// SQLite said `SQLITE_DONE`: the answer is complete.
    Done,
}

impl Statement {
    /// Prepares the one statement in `sql`.
    pub(super) fn prepare(connection: &Arc<Connection>, sql: &str) -> Result<Statement, Failure> {
        let raw = connection.with(|locked| {
            let db = locked.as_raw_handle();
            patiently(db, || false, || prepare(db, sql))
        })?;
        Ok(Statement { raw, connection: Arc::clone(connection), started: false })
    }

    /// How many columns the answer has.
    pub(super) fn columns(&self) -> usize {
        // SAFETY: the count is fixed when the statement is prepared; nothing is read that a step changes.
        let count = unsafe { ffi::sqlite3_column_count(self.raw.as_ptr()) };
        usize::try_from(count).unwrap_or_default()
    }

    /// Steps through the rows and shows each to `visit`, until it breaks off, `stop` is set (then the failure
    /// is `SQLITE_INTERRUPT`) or there are no more.
    pub(super) fn rows<E: From<Failure>>(
        &mut self,
        stop: &Arc<AtomicBool>,
        mut visit: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<Progress, E> {
        let connection = Arc::clone(&self.connection);
        let outcome = connection.with(|locked| {
            let watched = Arc::clone(stop);
            locked.set_progress_handler(INSTRUCTIONS_PER_LOOK, move || {
                !watched.load(Ordering::Relaxed)
            });
            let outcome = self.steps(locked.as_raw_handle(), stop, &mut visit);
            locked.remove_progress_handler();
            Ok(outcome)
        });
        outcome?
    }

    fn steps<E: From<Failure>>(
        &mut self,
        db: NonNull<ffi::sqlite3>,
        stop: &AtomicBool,
        visit: &mut impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<Progress, E> {
        while self.step(db, stop)? {
            if visit(&Row(self))?.is_break() {
                return Ok(Progress::Paused);
            }
        }
        Ok(Progress::Done)
    }

    /// Whether there is another row, which is then the current one.
    fn step(&mut self, db: NonNull<ffi::sqlite3>, stop: &AtomicBool) -> Result<bool, Failure> {
        if mem::replace(&mut self.started, true) {
            return step(db, self.raw);
        }
        // Only before its first row can a reader meet a lock: from then on it holds the file open for reading.
        patiently(db, || stop.load(Ordering::Relaxed), || step(db, self.raw))
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        let finalized = self.connection.with(|_| {
            // SAFETY: the statement is ours, on an open and locked connection, and is not used again. The
            // result code repeats the last step's.
            unsafe { ffi::sqlite3_finalize(self.raw.as_ptr()) };
            Ok(())
        });
        // It fails only if sqlx's thread has ended and closed the connection, statements included.
        finalized.unwrap_or_default();
    }
}

/// The current row of a statement.
pub(super) struct Row<'a>(&'a Statement);

/// A value as it is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// NULL.
    Null,
    /// A whole number.
    Integer(i64),
    /// An IEEE number.
    Real(f64),
    /// Text: UTF-8, unless somebody stored other bytes.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
    /// A text that SQLite had no memory to convert from UTF-16.
    Lost,
}

impl Row<'_> {
    /// The cell in column `index`, NULL beyond the last one.
    #[inline]
    pub(super) fn cell(&self, index: c_int) -> Cell<'_> {
        let raw = self.0.raw.as_ptr();
        // SAFETY: rows are visited while the connection is locked. The bytes stay where they are until the next
        // step, which needs the statement that this row borrows; reading them converts nothing, since the
        // type is asked first.
        unsafe {
            match ffi::sqlite3_column_type(raw, index) {
                ffi::SQLITE_INTEGER => Cell::Integer(ffi::sqlite3_column_int64(raw, index)),
                ffi::SQLITE_FLOAT => Cell::Real(ffi::sqlite3_column_double(raw, index)),
                ffi::SQLITE_TEXT => {
                    let start = ffi::sqlite3_column_text(raw, index);
                    if start.is_null() {
                        return Cell::Lost;
                    }
                    Cell::Text(bytes(start, ffi::sqlite3_column_bytes(raw, index)))
                }
                ffi::SQLITE_BLOB => {
                    let start = ffi::sqlite3_column_blob(raw, index).cast();
                    Cell::Blob(bytes(start, ffi::sqlite3_column_bytes(raw, index)))
                }
                _ => Cell::Null,
            }
        }
    }

    /// A number as SQLite itself writes it.
    pub(super) fn number(&self, index: c_int) -> String {
        let raw = self.0.raw.as_ptr();
        // SAFETY: as in `cell`; the text that SQLite makes of a number is copied at once.
        let text = unsafe {
            let start = ffi::sqlite3_column_text(raw, index);
            bytes(start, ffi::sqlite3_column_bytes(raw, index))
        };
        String::from_utf8_lossy(text).into_owned()
    }
}

/// # Safety
/// `start` is null or points to `length` bytes that live for `'a`.
#[inline]
unsafe fn bytes<'a>(start: *const c_uchar, length: c_int) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: the caller's promise.
        Ok(length) if !start.is_null() => unsafe { slice::from_raw_parts(start, length) },
        _ => &[],
    }
}

/// Tries `work` until the file is no longer locked, the wait is too long or `stopped`.
fn patiently<T>(
    db: NonNull<ffi::sqlite3>,
    stopped: impl Fn() -> bool,
    mut work: impl FnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let until = Instant::now() + LOCK_WAIT;
    loop {
        // SAFETY: `db` is open and locked by the caller.
        unsafe { ffi::sqlite3_busy_timeout(db.as_ptr(), LOCK_POLL_MS) };
        match work() {
            Err(failure) if failure.primary() == ffi::SQLITE_BUSY => {
                if stopped() {
                    return Err(Failure::new(ffi::SQLITE_INTERRUPT, "stopped"));
                }
                if Instant::now() >= until {
                    return Err(failure);
                }
            }
            other => return other,
        }
    }
}

fn prepare(db: NonNull<ffi::sqlite3>, sql: &str) -> Result<NonNull<ffi::sqlite3_stmt>, Failure> {
    let misuse = |message| Failure::new(ffi::SQLITE_MISUSE, message);
    if sql.contains('\0') {
        return Err(misuse("a NUL character would end the statement"));
    }
    let length = c_int::try_from(sql.len()).map_err(|_| misuse("the statement is too long"))?;
    let mut statement = ptr::null_mut();
    let mut tail = ptr::null();
    let start: *const c_char = sql.as_ptr().cast();
    // SAFETY: `db` is open and locked by the caller; `start` points to `length` bytes, which SQLite copies.
    let (code, rest) = unsafe {
        let code = ffi::sqlite3_prepare_v3(
            db.as_ptr(),
            start,
            length,
            0,
            &raw mut statement,
            &raw mut tail,
        );
        (code, if tail.is_null() { 0 } else { tail.offset_from_unsigned(start) })
    };
    if code != ffi::SQLITE_OK {
        return Err(Failure::last(db));
    }
    let statement = NonNull::new(statement).ok_or_else(|| misuse("there is no statement"))?;
    if sql.get(rest..).is_some_and(|rest| !rest.trim().is_empty()) {
        // SAFETY: the statement was made above and is not used again.
        unsafe { ffi::sqlite3_finalize(statement.as_ptr()) };
        return Err(misuse("there is more than one statement"));
    }
    Ok(statement)
}

#[inline]
fn step(db: NonNull<ffi::sqlite3>, statement: NonNull<ffi::sqlite3_stmt>) -> Result<bool, Failure> {
    // SAFETY: the statement is of `db`, which is open and locked by the caller.
    match unsafe { ffi::sqlite3_step(statement.as_ptr()) } {
        ffi::SQLITE_ROW => Ok(true),
        ffi::SQLITE_DONE => Ok(false),
        _ => Err(Failure::last(db)),
    }
}

/// The name of a table's column's collation; BINARY for what has none.
///
/// # Errors
/// If `table` is a view, which SQLite does not tell the collations of.
pub(super) fn collation(
    locked: &mut LockedSqliteHandle<'_>,
    table: &CStr,
    column: &CStr,
) -> Result<String, Failure> {
    let db = locked.as_raw_handle();
    let mut collation = ptr::null();
    // SAFETY: `locked` shows that the connection is open and locked; the other outputs may be null; the name
    // is copied at once.
    unsafe {
        let code = ffi::sqlite3_table_column_metadata(
            db.as_ptr(),
            ptr::null(),
            table.as_ptr(),
            column.as_ptr(),
            ptr::null_mut(),
            &raw mut collation,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
        );
        if code != ffi::SQLITE_OK || collation.is_null() {
            return Err(Failure::last(db));
        }
        Ok(CStr::from_ptr(collation).to_string_lossy().into_owned())
    }
}

fn harden(db: NonNull<ffi::sqlite3>) -> Result<(), Failure> {
    // A double-quoted name that is no column is an error, not a text.
    configure(db, ffi::SQLITE_DBCONFIG_DQS_DML, 0)?;
    configure(db, ffi::SQLITE_DBCONFIG_DQS_DDL, 0)?;
    configure(db, ffi::SQLITE_DBCONFIG_DEFENSIVE, 1)?;
    configure(db, ffi::SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)?;
    configure(db, ffi::SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)?;
    // SAFETY: `db` is open and locked by the caller.
    unsafe { ffi::sqlite3_limit(db.as_ptr(), ffi::SQLITE_LIMIT_ATTACHED, 0) };
    register_md5(db)
}

fn configure(db: NonNull<ffi::sqlite3>, option: c_int, value: c_int) -> Result<(), Failure> {
    let mut now: c_int = -1;
    // SAFETY: `db` is open and locked by the caller; these options take an int and a place for the new value.
    let code = unsafe { ffi::sqlite3_db_config(db.as_ptr(), option, value, &raw mut now) };
    if code == ffi::SQLITE_OK && now == value {
        Ok(())
    } else {
        Err(Failure::new(code, format!("SQLite does not take its option {option}")))
    }
}

fn register_md5(db: NonNull<ffi::sqlite3>) -> Result<(), Failure> {
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
    // SAFETY: `db` is open and locked by the caller; `md5` needs no data and nothing to destroy.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            db.as_ptr(),
            c"md5".as_ptr(),
            1,
            flags,
            ptr::null_mut(),
            Some(md5),
            None,
            None,
            None,
        )
    };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(Failure::last(db)) }
}

/// `md5(text)`: 32 lower-case hex digits of the hash of the text's UTF-8 (of a number, its text); NULL of NULL.
unsafe extern "C" fn md5(
    context: *mut ffi::sqlite3_context,
    _count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite calls this with one value, which stays as it is until the function returns; the result
    // is copied.
    unsafe {
        let value = *values;
        let text = ffi::sqlite3_value_text(value);
        if text.is_null() {
            return ffi::sqlite3_result_null(context);
        }
        let digest = Md5::digest(bytes(text, ffi::sqlite3_value_bytes(value)));
        let hex = hex(&digest);
        ffi::sqlite3_result_text(
            context,
            hex.as_ptr().cast::<c_char>(),
            HEX_LENGTH,
            ffi::SQLITE_TRANSIENT(),
        );
    }
}

/// Hex digits of an MD5.
const HEX_LENGTH: c_int = 32;

fn hex(digest: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|d| DIGITS[usize::from(d)]).collect()
}
