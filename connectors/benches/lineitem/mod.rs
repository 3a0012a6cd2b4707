//! TPC-H `lineitem` in a node, read into Arrow, in turn with what it is measured against.

use std::{
    env,
    fmt::Write,
    fs,
    time::{Duration, Instant},
};

use futures::TryStreamExt;
use intarsia_catalog::Type;
use intarsia_connectors::{Column, Connector, Query, Reads};
use tpchgen::generators::LineItemGenerator;

/// How often each side reads the table.
const RUNS: usize = 5;

const MONEY: Type = Type::Decimal { precision: 15, scale: 2 };

const COLUMNS: [(&str, Type); 16] = [
    ("l_orderkey", Type::BigInt),
    ("l_partkey", Type::BigInt),
    ("l_suppkey", Type::BigInt),
    ("l_linenumber", Type::Integer),
    ("l_quantity", MONEY),
    ("l_extendedprice", MONEY),
    ("l_discount", MONEY),
    ("l_tax", MONEY),
    ("l_returnflag", Type::Text),
    ("l_linestatus", Type::Text),
    ("l_shipdate", Type::Date),
    ("l_commitdate", Type::Date),
    ("l_receiptdate", Type::Date),
    ("l_shipinstruct", Type::Text),
    ("l_shipmode", Type::Text),
    ("l_comment", Type::Text),
];

/// What one reading of the table took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) rows: usize,
    /// As the node sent them.
    pub(crate) bytes: u64,
    pub(crate) time: Duration,
}

/// The scale factor that the command line asks for.
pub(crate) fn scale() -> f64 {
    env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(0.1)
}

/// `CREATE TABLE lineitem` with texts of the type `text`, and what comes after the columns.
pub(crate) fn table(text: &str, end: &str) -> String {
    let spelled = |ty| match ty {
        Type::BigInt => "BIGINT",
        Type::Integer => "INTEGER",
        Type::Date => "DATE",
        Type::Text => text,
        _ => "DECIMAL(15,2)",
    };
    let columns: Vec<_> =
        COLUMNS.iter().map(|(name, ty)| format!("{name} {}", spelled(*ty))).collect();
    format!("CREATE TABLE lineitem ({}{end}", columns.join(", "))
}

/// INSERTs in one transaction.
const INSERTS: usize = 200;

/// Fills the table by INSERTs of `rows` each, many in a transaction, `before` which something may be set.
pub(crate) async fn fill(connector: &dyn Connector, rows: usize, before: &[&str]) {
    let mut inserts = inserts(scale(), rows).peekable();
    while inserts.peek().is_some() {
        let begin = before.iter().chain(&["BEGIN"]).map(|sql| (*sql).to_owned());
        let commit = ["COMMIT".to_owned()];
        let transaction = begin.chain(inserts.by_ref().take(INSERTS)).chain(commit);
        connector.run(&transaction.collect::<Vec<_>>()).await.unwrap();
    }
}

/// The rows of the table as INSERTs of `rows` each.
fn inserts(scale: f64, rows: usize) -> impl Iterator<Item = String> {
    let mut tuples = LineItemGenerator::new(scale, 1, 1).iter().map(|row| tuple(&row.to_string()));
    std::iter::from_fn(move || {
        let mut insert = String::from("INSERT INTO lineitem VALUES ");
        let taken = tuples.by_ref().take(rows).enumerate();
        let count = taken
            .map(|(at, row)| write!(insert, "{}{row}", if at == 0 { "" } else { "," }).unwrap());
        (count.count() > 0).then_some(insert)
    })
}

/// A row between bars as an SQL tuple. No text of TPC-H has a quote.
fn tuple(row: &str) -> String {
    let fields = row.trim_end_matches('|').split('|').map(|field| format!("'{field}'"));
    format!("({})", fields.collect::<Vec<_>>().join(","))
}

/// Reads the whole table into batches, and drops them.
pub(crate) async fn into_arrow(connector: &dyn Connector, sql: &str) -> Reading {
    let column = |(name, ty): &(&str, Type)| Column {
        name: (*name).to_owned(),
        ty: *ty,
        nullable: true,
        local: (*name).to_owned(),
        encoding: None,
    };
    let query = Query {
        sql: sql.to_owned(),
        columns: COLUMNS.iter().map(column).collect(),
        relation: "lineitem".to_owned(),
    };
    let reading = connector.reading(Reads { streams: 1, repeats: false });
    let started = Instant::now();
    let mut batches = reading.open(query).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = batches.try_next().await.unwrap() {
        rows += batch.num_rows();
    }
    Reading { rows, bytes: batches.bytes(), time: started.elapsed() }
}

/// Reads in turn without and with Arrow, and prints a line for each side and the ratio of their best runs.
pub(crate) async fn compare(
    limit: &str,
    mut raw: impl AsyncFnMut() -> Reading,
    mut ours: impl AsyncFnMut() -> Reading,
) {
    println!("lineitem at scale factor {}", scale());
    println!("{:<10} {:>9} {:>32} {:>10}", "", "rows", "rows/s median (min-max)", "MB/s");
    let (mut raws, mut arrows, before) = (Vec::new(), Vec::new(), memory_kib());
    let mut most = before;
    for _ in 0..RUNS {
        raws.push(raw().await);
        arrows.push(ours().await);
        most = most.max(memory_kib());
    }
    let (raw, ours) = (line(limit, &mut raws), line("to Arrow", &mut arrows));
    println!("ratio of the best {:.2}", raw.as_secs_f64() / ours.as_secs_f64());
    println!(
        "memory of the process before {} MiB, after a scan at most {} MiB",
        before >> 10,
        most >> 10
    );
}

/// Prints a side's line; its best time.
fn line(name: &str, readings: &mut [Reading]) -> Duration {
    readings.sort_by_key(|reading| reading.time);
    let rate = |reading: &Reading| {
        f64::from(u32::try_from(reading.rows).unwrap()) / reading.time.as_secs_f64()
    };
    let middle = readings[readings.len() / 2];
    let rates = [middle, readings[readings.len() - 1], readings[0]].map(|reading| rate(&reading));
    let megabytes = f64::from(u32::try_from(middle.bytes >> 10).unwrap()) / 1024.0;
    let spread = format!("{:.0} ({:.0}-{:.0})", rates[0], rates[1], rates[2]);
    println!(
        "{name:<10} {:>9} {spread:>32} {:>10.0}",
        middle.rows,
        megabytes / middle.time.as_secs_f64()
    );
    readings[0].time
}

/// Memory of this process that is no file's, on Linux; the most that it ever was would count the filling.
fn memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
