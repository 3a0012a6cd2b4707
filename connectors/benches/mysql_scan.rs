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

mod lineitem;
#[path = "../tests/mysql/server.rs"]
mod server;

use std::{sync::Arc, time::Instant};

use intarsia_connectors::{Connector, Flavor, connect};
use mysql_async::{Conn, OptsBuilder, prelude::Queryable};

use lineitem::{Reading, compare, fill, into_arrow, table};
use server::{DATABASE, PASSWORD, Server, USER, with};

const SQL: &str = "SELECT * FROM lineitem";

#[tokio::main]
async fn main() {
    let server = Server::start(Flavor::MariaDb, &["innodb-buffer-pool-size=2G"]).await;
    let connector = connect(&Arc::new(with(server.node(), "ssl-mode", "DISABLED")));
    create(connector.as_ref()).await;
    let ours = async || into_arrow(connector.as_ref(), SQL).await;
    // The driver does not tell how many bytes it took: as many as ours.
    let bytes = ours().await.bytes;
    compare("driver", async || driver(server.port, bytes).await, ours).await;
    server.stop();
}

async fn create(connector: &dyn Connector) {
    connector.run(&[table("VARCHAR(44)", ")")]).await.unwrap();
    fill(connector, 1000, &[]).await;
    connector.run(&["ANALYZE TABLE lineitem".to_owned()]).await.unwrap();
}

/// The driver alone.
async fn driver(port: u16, bytes: u64) -> Reading {
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
    let time = started.elapsed();
    conn.disconnect().await.unwrap();
    Reading { rows, bytes, time }
}
