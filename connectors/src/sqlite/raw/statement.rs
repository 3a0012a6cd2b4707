//! Statements: prepared, stepped, their cells read where SQLite keeps them.

use std::{
    ffi::{c_char, c_int},
    mem,
    ops::ControlFlow,
    ptr::{self, NonNull},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use libsqlite3_sys as ffi;
use sqlx::sqlite::LockedSqliteHandle;

use super::{Connection, Failure, LOCK_WAIT, LOCK_WAIT_MS, bytes};

/// How long SQLite itself may wait for a lock in one call, so that a statement nobody wants any more soon sees it.
const LOCK_POLL_MS: c_int = 100;

/// After how many of SQLite's virtual instructions a running statement looks whether it should stop.
const INSTRUCTIONS_PER_LOOK: i32 = 10_000;

/// A statement, and where it stands in its answer. Made, stepped and dropped on a thread that may block.
pub(in crate::sqlite) struct Statement {
    raw: NonNull<ffi::sqlite3_stmt>,
    connection: Arc<Connection>,
    started: bool,
}

/// How far [`Statement::rows`] came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlite) enum Progress {
    /// The visitor asked for a pause; there may be more rows.
    Paused,
    /// SQLite said `SQLITE_DONE`: the answer is complete.
    Done,
}

impl Statement {
    /// Prepares the one statement in `sql`. It reads the file's schema, so it may have to wait; not once `stop` is set.
    pub(in crate::sqlite) fn prepare(
        connection: &Arc<Connection>,
        sql: &str,
        stop: &AtomicBool,
    ) -> Result<Statement, Failure> {
        let raw =
            connection.with(|locked| patiently(locked, stop, |locked| prepare(locked, sql)))?;
        Ok(Statement { raw, connection: Arc::clone(connection), started: false })
    }

    /// How many columns the answer has.
    pub(in crate::sqlite) fn columns(&self) -> usize {
        // SAFETY: the count is fixed when the statement is prepared; nothing is read that a step changes.
        let count = unsafe { ffi::sqlite3_column_count(self.raw.as_ptr()) };
        usize::try_from(count).unwrap_or_default()
    }

    /// Steps through the rows and shows each to `visit`, until it breaks off, `stop` is set (then the failure
    /// is `SQLITE_INTERRUPT`) or there are no more.
    pub(in crate::sqlite) fn rows<E: From<Failure>>(
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
            let outcome = self.steps(locked, stop, &mut visit);
            locked.remove_progress_handler();
            Ok(outcome)
        });
        outcome?
    }

    fn steps<E: From<Failure>>(
        &mut self,
        locked: &mut LockedSqliteHandle<'_>,
        stop: &AtomicBool,
        visit: &mut impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<Progress, E> {
        while self.step(locked, stop)? {
            if visit(&Row(self))?.is_break() {
                return Ok(Progress::Paused);
            }
        }
        Ok(Progress::Done)
    }

    /// Whether there is another row, which is then the current one.
    fn step(
        &mut self,
        locked: &mut LockedSqliteHandle<'_>,
        stop: &AtomicBool,
    ) -> Result<bool, Failure> {
        if mem::replace(&mut self.started, true) {
            return step(locked, self.raw);
        }
        // Only before its first row can a reader meet a lock: from then on it holds the file open for reading.
        patiently(locked, stop, |locked| step(locked, self.raw))
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
pub(in crate::sqlite) struct Row<'a>(&'a Statement);

/// A value as it is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::sqlite) enum Cell<'a> {
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
    /// A text or blob that SQLite had no memory to convert or to spell out.
    Lost,
}

impl Row<'_> {
    /// The cell in column `index`, NULL beyond the last one.
    #[inline]
    pub(in crate::sqlite) fn cell(&self, index: c_int) -> Cell<'_> {
        // SAFETY: rows are visited while the connection is locked, and it was opened without a mutex of its own:
        // then SQLite lets the value of a column be used like any other. The bytes stay where they are until the
        // next step, which needs the statement that this row borrows.
        unsafe {
            let value = ffi::sqlite3_column_value(self.0.raw.as_ptr(), index);
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => Cell::Integer(ffi::sqlite3_value_int64(value)),
                ffi::SQLITE_FLOAT => Cell::Real(ffi::sqlite3_value_double(value)),
                ffi::SQLITE_TEXT => text(value),
                ffi::SQLITE_BLOB => blob(value).map_or(Cell::Lost, Cell::Blob),
                _ => Cell::Null,
            }
        }
    }

    /// A number as SQLite itself writes it.
    pub(in crate::sqlite) fn number(&self, index: c_int) -> String {
        let raw = self.0.raw.as_ptr();
        // SAFETY: as in `cell`; the text that SQLite makes of a number is copied at once.
        let text = unsafe {
            let start = ffi::sqlite3_column_text(raw, index);
            bytes(start, ffi::sqlite3_column_bytes(raw, index))
        };
        String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
    }
}

/// The bytes of a text. Asked for as a text, SQLite would first copy each to put a NUL behind it; asked for as a
/// blob, it gives them as they are, which is UTF-8 unless the file is in UTF-16.
///
/// # Safety
/// As for `blob`.
#[inline]
unsafe fn text<'a>(value: *mut ffi::sqlite3_value) -> Cell<'a> {
    // SAFETY: the caller's promise.
    let text = unsafe {
        if ffi::sqlite3_value_encoding(value) == ffi::SQLITE_UTF8 {
            blob(value)
        } else {
            let start = ffi::sqlite3_value_text(value);
            if start.is_null() { None } else { bytes(start, ffi::sqlite3_value_bytes(value)) }
        }
    };
    text.map_or(Cell::Lost, Cell::Text)
}

/// The bytes of a value.
///
/// # Safety
/// The value is of a current row, and `'a` ends before the next step.
#[inline]
unsafe fn blob<'a>(value: *mut ffi::sqlite3_value) -> Option<&'a [u8]> {
    // SAFETY: the caller's promise; the length is asked for after the bytes, as SQLite wants it.
    unsafe {
        let start = ffi::sqlite3_value_blob(value).cast();
        bytes(start, ffi::sqlite3_value_bytes(value))
    }
}

/// Tries `work` until the file is no longer locked, the wait is too long or `stop` is set.
fn patiently<T>(
    locked: &mut LockedSqliteHandle<'_>,
    stop: &AtomicBool,
    mut work: impl FnMut(&mut LockedSqliteHandle<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let until = Instant::now() + LOCK_WAIT;
    wait_for_locks(locked, LOCK_POLL_MS);
    let worked = loop {
        match work(locked) {
            Err(failure) if failure.primary() == ffi::SQLITE_BUSY => {
                if stop.load(Ordering::Relaxed) {
                    break Err(Failure::new(ffi::SQLITE_INTERRUPT, "stopped"));
                }
                if Instant::now() >= until {
                    break Err(failure);
                }
            }
            other => break other,
        }
    };
    wait_for_locks(locked, LOCK_WAIT_MS);
    worked
}

fn wait_for_locks(locked: &mut LockedSqliteHandle<'_>, millis: c_int) {
    // SAFETY: `locked` shows that the connection is open and ours.
    unsafe { ffi::sqlite3_busy_timeout(locked.as_raw_handle().as_ptr(), millis) };
}

fn prepare(
    locked: &mut LockedSqliteHandle<'_>,
    sql: &str,
) -> Result<NonNull<ffi::sqlite3_stmt>, Failure> {
    let misuse = |message| Failure::new(ffi::SQLITE_MISUSE, message);
    if sql.contains('\0') {
        return Err(misuse("a NUL character would end the statement"));
    }
    let length = c_int::try_from(sql.len()).map_err(|_| misuse("the statement is too long"))?;
    let mut statement = ptr::null_mut();
    let mut tail = ptr::null();
    let start: *const c_char = sql.as_ptr().cast();
    // SAFETY: `locked` shows that the connection is open and ours; `start` points to `length` bytes, which
    // SQLite copies.
    let (code, rest) = unsafe {
        let code = ffi::sqlite3_prepare_v3(
            locked.as_raw_handle().as_ptr(),
            start,
            length,
            0,
            &raw mut statement,
            &raw mut tail,
        );
        (code, if tail.is_null() { 0 } else { tail.offset_from_unsigned(start) })
    };
    if code != ffi::SQLITE_OK {
        return Err(Failure::last(locked));
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
fn step(
    locked: &mut LockedSqliteHandle<'_>,
    statement: NonNull<ffi::sqlite3_stmt>,
) -> Result<bool, Failure> {
    // SAFETY: `locked` shows that the connection is open and ours, and the statement is of it.
    match unsafe { ffi::sqlite3_step(statement.as_ptr()) } {
        ffi::SQLITE_ROW => Ok(true),
        ffi::SQLITE_DONE => Ok(false),
        _ => Err(Failure::last(locked)),
    }
}
