//! How fast TPC-H `lineitem` goes from PostgreSQL into Arrow, beside the protocol's own speed in the same run: the
//! same COPY over a socket, its bytes received, and forgotten.
//!
//! `cargo bench -p intarsia-connectors --bench postgres_scan -- [SCALE FACTOR, by default 0.1]`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops if it cannot"
)]

mod lineitem;
#[path = "../tests/postgres/server.rs"]
#[expect(dead_code, reason = "the tests check TLS, too")]
mod server;

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Instant,
};

use intarsia_catalog::{Address, Backend, Node};
use intarsia_connectors::{Connector, connect};

use lineitem::{Reading, compare, fill, into_arrow, table};
use server::Server;

const SQL: &str = "SELECT * FROM public.lineitem";

#[tokio::main]
async fn main() {
    let connector = connect(&node());
    create(connector.as_ref()).await;
    compare("raw", async || raw(), async || into_arrow(connector.as_ref(), SQL).await).await;
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

async fn create(connector: &dyn Connector) {
    connector.run(&[table("TEXT", ")")]).await.unwrap();
    fill(connector, 1000, &[]).await;
    connector.run(&["VACUUM ANALYZE lineitem".to_owned()]).await.unwrap();
}

/// Logs in by hand, sends the COPY, and looks at nothing but the messages' lengths.
fn raw() -> Reading {
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
    let (messages, bytes) = until_ready(&mut server);
    // The end mark is a message too.
    Reading { rows: messages.saturating_sub(1), bytes, time: started.elapsed() }
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
