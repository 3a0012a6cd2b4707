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

use std::{
    env,
    ffi::{CStr, CString, c_int},
    hint::black_box,
    path::Path,
    ptr,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::TryStreamExt;
use intarsia_catalog::{Address, Backend, Node, Type};
use intarsia_connectors::{Column, Connector, Query, Reads, connect};
use libsqlite3_sys as ffi;
use tpchgen::generators::{LineItem, LineItemGenerator};

const SQL: &CStr = c"SELECT * FROM lineitem";

/// Rows in one INSERT, and INSERTs in one transaction.
const ROWS: usize = 500;
const INSERTS: usize = 200;

const TABLE: &str = "CREATE TABLE lineitem (l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, \
    l_linenumber INTEGER, l_quantity DECIMAL(15,2), l_extendedprice DECIMAL(15,2), \
    l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag TEXT, l_linestatus TEXT, \
    l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct TEXT, l_shipmode TEXT, \
    l_comment TEXT, PRIMARY KEY (l_orderkey, l_linenumber)) WITHOUT ROWID";

#[tokio::main]
async fn main() {
    let scale = env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(0.1);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lineitem.db");
    let connector = connect(&node(&path));
    fill(connector.as_ref(), scale).await;
    println!(
        "lineitem at scale factor {scale}, {:.0} MB",
        megabytes(path.metadata().unwrap().len())
    );
    println!("{:10} {:>12} {:>10} {:>10} {:>8}", "", "rows/s", "MB/s", "seconds", "rows");
    let (mut raw_best, mut ours_best) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        raw_best = raw_best.min(raw(&path));
        ours_best = ours_best.min(ours(connector.as_ref()).await);
    }
    println!("ratio {:.2} (best of three)", raw_best.as_secs_f64() / ours_best.as_secs_f64());
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

async fn fill(connector: &dyn Connector, scale: f64) {
    connector.run(&[TABLE.to_owned()]).await.unwrap();
    let mut rows = LineItemGenerator::new(scale, 1, 1).iter().map(|row| tuple(&row)).peekable();
    while rows.peek().is_some() {
        let mut statements = vec!["PRAGMA synchronous = OFF".to_owned(), "BEGIN".to_owned()];
        while rows.peek().is_some() && statements.len() < INSERTS {
            let values: Vec<_> = rows.by_ref().take(ROWS).collect();
            statements.push(format!("INSERT INTO lineitem VALUES {}", values.join(",")));
        }
        statements.push("COMMIT".to_owned());
        connector.run(&statements).await.unwrap();
    }
}

/// The row as an SQL tuple. No text of TPC-H has a quote.
fn tuple(row: &LineItem<'_>) -> String {
    let text = row.to_string();
    let fields = text.trim_end_matches('|').split('|').enumerate();
    let literal = |(at, field): (usize, &str)| {
        if at < 8 { field.to_owned() } else { format!("'{field}'") }
    };
    format!("({})", fields.map(literal).collect::<Vec<_>>().join(","))
}

async fn ours(connector: &dyn Connector) -> Duration {
    let money = Type::Decimal { precision: 15, scale: 2 };
    let columns = [
        ("l_orderkey", Type::BigInt),
        ("l_partkey", Type::BigInt),
        ("l_suppkey", Type::BigInt),
        ("l_linenumber", Type::Integer),
        ("l_quantity", money),
        ("l_extendedprice", money),
        ("l_discount", money),
        ("l_tax", money),
        ("l_returnflag", Type::Text),
        ("l_linestatus", Type::Text),
        ("l_shipdate", Type::Date),
        ("l_commitdate", Type::Date),
        ("l_receiptdate", Type::Date),
        ("l_shipinstruct", Type::Text),
        ("l_shipmode", Type::Text),
        ("l_comment", Type::Text),
    ];
    let column = |(name, ty): (&str, Type)| Column {
        name: name.to_owned(),
        ty,
        nullable: false,
        local: name.to_owned(),
        encoding: None,
    };
    let query = Query {
        sql: SQL.to_str().unwrap().to_owned(),
        columns: columns.into_iter().map(column).collect(),
        relation: "lineitem".to_owned(),
    };
    let reading = connector.reading(Reads { streams: 1, repeats: false });
    let started = Instant::now();
    let mut batches = reading.open(query).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = batches.try_next().await.unwrap() {
        rows += batch.num_rows();
    }
    let time = started.elapsed();
    report("to Arrow", rows, batches.bytes(), time);
    time
}

/// Steps through the statement and reads every cell.
fn raw(path: &Path) -> Duration {
    let path = CString::new(path.to_str().unwrap()).unwrap();
    let (mut db, mut statement) = (ptr::null_mut(), ptr::null_mut());
    let (mut rows, mut bytes) = (0, 0);
    let flags = ffi::SQLITE_OPEN_READONLY | ffi::SQLITE_OPEN_NOMUTEX;
    // SAFETY: one thread opens, reads and closes; pointers to cells are not kept beyond the step.
    let time = unsafe {
        assert_eq!(ffi::sqlite3_open_v2(path.as_ptr(), &raw mut db, flags, ptr::null()), 0);
        let started = Instant::now();
        let prepared =
            ffi::sqlite3_prepare_v2(db, SQL.as_ptr(), -1, &raw mut statement, ptr::null_mut());
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
    report("raw", rows, bytes, time);
    time
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

fn report(name: &str, rows: usize, bytes: u64, time: Duration) {
    let seconds = time.as_secs_f64();
    let rate = f64::from(u32::try_from(rows).unwrap()) / seconds;
    println!(
        "{name:10} {rate:>12.0} {:>10.1} {seconds:>10.3} {rows:>8}",
        megabytes(bytes) / seconds
    );
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
