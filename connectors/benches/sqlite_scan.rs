//! How fast TPC-H `lineitem` goes from an SQLite file into Arrow, beside SQLite's own speed in the same run: the
//! same statement stepped, the same cells read where they lie, and forgotten.
//!
//! `cargo bench -p intarsia-connectors --bench sqlite_scan -- [SCALE FACTOR, by default 0.1]`

#![expect(
    unsafe_code,
    reason = "the raw measure is SQLite's C interface without anything around it"
)]
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops if it cannot"
)]

mod lineitem;

use std::{
    ffi::{CString, c_int},
    hint::black_box,
    path::Path,
    ptr,
    sync::Arc,
    time::Instant,
};

use intarsia_catalog::{Address, Backend, Node};
use intarsia_connectors::{Connector, connect};
use libsqlite3_sys as ffi;

use lineitem::{Reading, compare, fill, into_arrow, table};

const SQL: &str = "SELECT * FROM lineitem";

#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lineitem.db");
    let connector = connect(&node(&path));
    create(connector.as_ref()).await;
    compare("raw", async || raw(&path), async || into_arrow(connector.as_ref(), SQL).await).await;
}

fn node(path: &Path) -> Arc<Node> {
    Arc::new(Node {
        name: "bench".to_owned(),
        backend: Backend::Sqlite,
        address: Address::File(path.to_owned()),
        password: None,
        zone: None,
        connections: 1,
    })
}

async fn create(connector: &dyn Connector) {
    let key = ", PRIMARY KEY (l_orderkey, l_linenumber)) WITHOUT ROWID";
    connector.run(&[table("TEXT", key)]).await.unwrap();
    fill(connector, 500, &["PRAGMA synchronous = OFF"]).await;
}

/// Steps through the statement and reads every cell.
fn raw(path: &Path) -> Reading {
    let (path, sql) = (CString::new(path.to_str().unwrap()).unwrap(), CString::new(SQL).unwrap());
    let (mut db, mut statement) = (ptr::null_mut(), ptr::null_mut());
    let (mut rows, mut bytes) = (0, 0);
    let flags = ffi::SQLITE_OPEN_READONLY | ffi::SQLITE_OPEN_NOMUTEX;
    // SAFETY: one thread opens, reads and closes; pointers to cells are not kept beyond the step.
    let time = unsafe {
        assert_eq!(ffi::sqlite3_open_v2(path.as_ptr(), &raw mut db, flags, ptr::null()), 0);
        let started = Instant::now();
        let prepared =
            ffi::sqlite3_prepare_v2(db, sql.as_ptr(), -1, &raw mut statement, ptr::null_mut());
        assert_eq!(prepared, ffi::SQLITE_OK);
        let columns = ffi::sqlite3_column_count(statement);
        while ffi::sqlite3_step(statement) == ffi::SQLITE_ROW {
            rows += 1;
            bytes += (0..columns).map(|column| cell(statement, column)).sum::<u64>();
        }
        let time = started.elapsed();
        ffi::sqlite3_finalize(statement);
        ffi::sqlite3_close(db);
        time
    };
    Reading { rows, bytes, time }
}

/// Reads a cell, and says how many bytes it has.
///
/// # Safety
/// The statement stands on a row.
unsafe fn cell(statement: *mut ffi::sqlite3_stmt, column: c_int) -> u64 {
    // SAFETY: the caller's promise.
    unsafe {
        match ffi::sqlite3_column_type(statement, column) {
            ffi::SQLITE_INTEGER => {
                black_box(ffi::sqlite3_column_int64(statement, column));
                8
            }
            ffi::SQLITE_FLOAT => {
                black_box(ffi::sqlite3_column_double(statement, column));
                8
            }
            ffi::SQLITE_NULL => 0,
            _ => {
                black_box(ffi::sqlite3_column_text(statement, column));
                u64::from(ffi::sqlite3_column_bytes(statement, column).unsigned_abs())
            }
        }
    }
}
