//! How fast TPC-H `lineitem` goes from MariaDB into Arrow, beside the driver's own speed in the same run: the same
//! statement, its rows received, and forgotten.
//!
//! `cargo bench -p intarsia-connectors --bench mysql_scan -- [SCALE FACTOR, by default 0.1]`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark prints, and stops if it cannot"
)]

#[path = "../tests/mysql/server.rs"]
mod server;

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::TryStreamExt;
use intarsia_catalog::Type;
use intarsia_connectors::{Column, Connector, Flavor, Query, Reads, connect};
use mysql_async::{Conn, OptsBuilder, prelude::Queryable};
use tpchgen::generators::{LineItem, LineItemGenerator};

use server::{DATABASE, PASSWORD, Server, USER, with};

const SQL: &str = "SELECT * FROM lineitem";

/// Rows in one INSERT.
const ROWS: usize = 5000;

const TABLE: &str = "CREATE TABLE lineitem (l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, \
    l_linenumber INTEGER, l_quantity DECIMAL(15,2), l_extendedprice DECIMAL(15,2), \
    l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag CHAR(1), l_linestatus CHAR(1), \
    l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct VARCHAR(25), \
    l_shipmode VARCHAR(10), l_comment VARCHAR(44))";

#[tokio::main]
async fn main() {
    let scale = env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(0.1);
    let server = Server::start(Flavor::MariaDb, &["innodb-buffer-pool-size=512M"]).await;
    let connector = connect(&Arc::new(with(server.node(), "ssl-mode", "DISABLED")));
    fill(connector.as_ref(), scale).await;
    println!("lineitem at scale factor {scale}");
    println!("{:10} {:>12} {:>10} {:>8}", "", "rows/s", "seconds", "rows");
    let (mut driver_best, mut ours_best) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        driver_best = driver_best.min(driver(server.port).await);
        ours_best = ours_best.min(ours(connector.as_ref()).await);
    }
    println!("ratio {:.2} (best of five)", driver_best.as_secs_f64() / ours_best.as_secs_f64());
    server.stop();
}

async fn fill(connector: &dyn Connector, scale: f64) {
    connector.run(&[TABLE.to_owned()]).await.unwrap();
    let mut rows = LineItemGenerator::new(scale, 1, 1).iter().map(|row| tuple(&row)).peekable();
    while rows.peek().is_some() {
        let values: Vec<_> = rows.by_ref().take(ROWS).collect();
        let insert = format!("INSERT INTO lineitem VALUES {}", values.join(","));
        connector.run(&[insert]).await.unwrap();
    }
    connector.run(&["ANALYZE TABLE lineitem".to_owned()]).await.unwrap();
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
        relation: "shop.lineitem".to_owned(),
    };
    let reading = connector.reading(Reads { streams: 1, repeats: false });
    let started = Instant::now();
    let mut batches = reading.open(query).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = batches.try_next().await.unwrap() {
        rows += batch.num_rows();
    }
    report("to Arrow", rows, started.elapsed())
}

/// The driver alone.
async fn driver(port: u16) -> Duration {
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(port)
        .prefer_socket(false)
        .user(Some(USER))
        .pass(Some(PASSWORD))
        .db_name(Some(DATABASE));
    let mut conn = Conn::new(options).await.unwrap();
    let started = Instant::now();
    let mut sent = conn.exec_iter(SQL, ()).await.unwrap();
    let mut rows = 0;
    while sent.next().await.unwrap().is_some() {
        rows += 1;
    }
    drop(sent);
    let time = report("driver", rows, started.elapsed());
    conn.disconnect().await.unwrap();
    time
}

fn report(name: &str, rows: usize, time: Duration) -> Duration {
    let seconds = time.as_secs_f64();
    let rate = f64::from(u32::try_from(rows).unwrap()) / seconds;
    println!("{name:10} {rate:>12.0} {seconds:>10.3} {rows:>8}");
    time
}
