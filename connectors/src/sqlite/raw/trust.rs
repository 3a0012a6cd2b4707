//! What a connection trusts, and what it adds: nothing in a file can run code or bend what a statement means.

use std::{
    ffi::{CStr, c_char, c_int},
    ptr,
};

use libsqlite3_sys as ffi;
use md5::{Digest, Md5};
use sqlx::sqlite::LockedSqliteHandle;

use super::{Failure, bytes};

/// The name of a table's column's collation; BINARY for what has none.
///
/// # Errors
/// If `table` is a view, which SQLite does not tell the collations of.
pub(in crate::sqlite) fn collation(
    locked: &mut LockedSqliteHandle<'_>,
    table: &CStr,
    column: &CStr,
) -> Result<String, Failure> {
    let mut collation = ptr::null();
    // SAFETY: `locked` shows that the connection is open and ours; the other outputs may be null; the name
    // is copied at once.
    unsafe {
        let code = ffi::sqlite3_table_column_metadata(
            locked.as_raw_handle().as_ptr(),
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
            return Err(Failure::last(locked));
        }
        Ok(CStr::from_ptr(collation).to_string_lossy().into_owned())
    }
}

pub(super) fn harden(locked: &mut LockedSqliteHandle<'_>) -> Result<(), Failure> {
    // A double-quoted name that is no column is an error, not a text.
    configure(locked, ffi::SQLITE_DBCONFIG_DQS_DML, 0)?;
    configure(locked, ffi::SQLITE_DBCONFIG_DQS_DDL, 0)?;
    configure(locked, ffi::SQLITE_DBCONFIG_DEFENSIVE, 1)?;
    configure(locked, ffi::SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)?;
    configure(locked, ffi::SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)?;
    // SAFETY: `locked` shows that the connection is open and ours.
    unsafe { ffi::sqlite3_limit(locked.as_raw_handle().as_ptr(), ffi::SQLITE_LIMIT_ATTACHED, 0) };
    register_md5(locked)
}

fn configure(
    locked: &mut LockedSqliteHandle<'_>,
    option: c_int,
    value: c_int,
) -> Result<(), Failure> {
    let mut now: c_int = -1;
    // SAFETY: `locked` shows that the connection is open and ours; these options take an int and a place for
    // the new value.
    let code = unsafe {
        ffi::sqlite3_db_config(locked.as_raw_handle().as_ptr(), option, value, &raw mut now)
    };
    if code == ffi::SQLITE_OK && now == value {
        Ok(())
    } else {
        Err(Failure::new(code, format!("SQLite does not take its option {option}")))
    }
}

fn register_md5(locked: &mut LockedSqliteHandle<'_>) -> Result<(), Failure> {
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
    // SAFETY: `locked` shows that the connection is open and ours; `md5` needs no data and nothing to destroy.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            locked.as_raw_handle().as_ptr(),
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
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(Failure::last(locked)) }
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
        if ffi::sqlite3_value_type(value) == ffi::SQLITE_NULL {
            return ffi::sqlite3_result_null(context);
        }
        let text = ffi::sqlite3_value_text(value);
        let text = bytes(text, ffi::sqlite3_value_bytes(value)).filter(|_| !text.is_null());
        let Some(text) = text else { return ffi::sqlite3_result_error_nomem(context) };
        let hex = hex(&Md5::digest(text));
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
