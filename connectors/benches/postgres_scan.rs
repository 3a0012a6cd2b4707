//! How fast TPC-H `lineitem` goes from PostgreSQL into Arrow, beside the protocol's own speed in the same run: the
//! same COPY over a socket, its bytes received, and forgotten.
//!
//! `cargo bench -p intarsia-connectors --bench postgres_scan -- [SCALE FACTOR, by default 0.1]`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops if it cannot"
)]

#[path = "../tests/postgres/server.rs"]
#[expect(dead_code, reason = "the tests check TLS, too")]
mod server;

use std::{
    collections::BTreeMap,
    env,
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::TryStreamExt;
use intarsia_catalog::{Address, Backend, Node, Type};
use intarsia_connectors::{Column, Connector, Query, Reads, connect};
use tpchgen::generators::{LineItem, LineItemGenerator};

use server::Server;

const SQL: &str = "SELECT * FROM public.lineitem";

/// Rows in one INSERT.
const ROWS: usize = 5000;

const TABLE: &str = "CREATE TABLE lineitem (l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, \
    l_linenumber INTEGER, l_quantity DECIMAL(15,2), l_extendedprice DECIMAL(15,2), \
    l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag TEXT, l_linestatus TEXT, \
    l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct TEXT, l_shipmode TEXT, \
    l_comment TEXT)";

#[tokio::main]
async fn main() {
    let scale = env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(0.1);
    let connector = connect(&node());
    fill(connector.as_ref(), scale).await;
    println!("lineitem at scale factor {scale}");
    println!("{:10} {:>12} {:>10} {:>10} {:>8}", "", "rows/s", "MB/s", "seconds", "rows");
    let (mut raw_best, mut ours_best) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        raw_best = raw_best.min(raw());
        ours_best = ours_best.min(ours(connector.as_ref()).await);
    }
    println!("ratio {:.2} (best of five)", raw_best.as_secs_f64() / ours_best.as_secs_f64());
}

fn node() -> Arc<Node> {
    Arc::new(Node {
        name: "bench".to_owned(),
        backend: Backend::Postgres,
        address: Address::Server {
            host: "127.0.0.1".to_owned(),
            port: Server::shared().port,
            user: Some("app".to_owned()),
            database: "postgres".to_owned(),
            parameters: BTreeMap::from([("sslmode".to_owned(), "disable".to_owned())]),
        },
        password: None,
        zone: None,
        connections: 1,
    })
}

async fn fill(connector: &dyn Connector, scale: f64) {
    connector.run(&[TABLE.to_owned()]).await.unwrap();
    let mut rows = LineItemGenerator::new(scale, 1, 1).iter().map(|row| tuple(&row)).peekable();
    while rows.peek().is_some() {
        let values: Vec<_> = rows.by_ref().take(ROWS).collect();
        let insert = format!("INSERT INTO lineitem VALUES {}", values.join(","));
        connector.run(&[insert]).await.unwrap();
    }
    connector.run(&["VACUUM ANALYZE lineitem".to_owned()]).await.unwrap();
}

/// The row as an SQL tuple. No text of TPC-H has a quote.
fn tuple(row: &LineItem<'_>) -> String {
    let text = row.to_string();
    let fields = text.trim_end_matches('|').split('|').map(|field| format!("'{field}'"));
    format!("({})", fields.collect::<Vec<_>>().join(","))
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
        nullable: true,
        local: name.to_owned(),
        encoding: None,
    };
    let query = Query {
        sql: SQL.to_owned(),
        columns: columns.into_iter().map(column).collect(),
        relation: "public.lineitem".to_owned(),
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

/// Logs in by hand, sends the COPY, and looks at nothing but the messages' lengths.
fn raw() -> Duration {
    let mut server = TcpStream::connect(("127.0.0.1", Server::shared().port)).unwrap();
    let startup = b"\0\x03\0\0user\0app\0database\0postgres\0\0";
    server.write_all(&length(startup.len() + 4)).unwrap();
    server.write_all(startup).unwrap();
    until_ready(&mut server);
    let started = Instant::now();
    let copy = format!("COPY ({SQL}) TO STDOUT (FORMAT binary)\0");
    server
        .write_all(&[b"Q".as_slice(), &length(copy.len() + 4), copy.as_bytes()].concat())
        .unwrap();
    let (rows, bytes) = until_ready(&mut server);
    let time = started.elapsed();
    report("raw", rows.saturating_sub(1), bytes, time); // the end mark is a message too
    time
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap().to_be_bytes()
}

/// Reads messages until the server is ready for the next; how many of them were data, and their bytes.
fn until_ready(server: &mut TcpStream) -> (usize, u64) {
    let mut buffer = vec![0; 1 << 16];
    let (mut filled, mut messages, mut bytes) = (0, 0, 0);
    loop {
        filled += server.read(&mut buffer[filled..]).unwrap();
        let mut at = 0;
        while let Some(&[kind, a, b, c, d]) = buffer[at..filled].first_chunk() {
            let length = u32::from_be_bytes([a, b, c, d]);
            let end = at + 1 + usize::try_from(length).unwrap();
            if end > filled {
                break;
            }
            if kind == b'd' {
                messages += 1;
                bytes += u64::from(length) - 4;
            }
            at = end;
            if kind == b'Z' {
                return (messages, bytes);
            }
        }
        buffer.copy_within(at..filled, 0);
        filled -= at;
    }
}

fn report(name: &str, rows: usize, bytes: u64, time: Duration) {
    let seconds = time.as_secs_f64();
    let rate = f64::from(u32::try_from(rows).unwrap()) / seconds;
    let megabytes = f64::from(u32::try_from(bytes >> 10).unwrap()) / 1024.0;
    println!("{name:10} {rate:>12.0} {:>10.1} {seconds:>10.3} {rows:>8}", megabytes / seconds);
}
