//! The server that is measured: as `intarsia serve` has it, over two SQLite files.

use std::{path::Path, sync::Arc};

use intarsia_engine::Engine;
use intarsia_flight_server::{
    auth::{AuthOptions, Authenticator, TokenLimits},
    server::{Server, ServerOptions},
    service::{Options, Service},
};

/// Rows in each of the two files.
const ROWS: usize = 10_000;

const CATALOG: &str = "
version: 1
nodes:
  one: { url: 'sqlite:one.db' }
  two: { url: 'sqlite:two.db' }
tables:
  events:
    columns: { id: bigint not null, kind: integer not null, amount: 'decimal(12,2)' }
    primary_key: [id]
    layout:
      horizontal:
        - { name: even, where: id % 2 = 0, stored: one.events }
        - { name: odd, where: id % 2 <> 0, stored: two.events }
";

pub(crate) async fn serve() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    let options = AuthOptions { users: None, jwt: None, tokens: TokenLimits::default() };
    let authenticator = Arc::new(Authenticator::open(&options).unwrap());
    let listen = ServerOptions::new("127.0.0.1:0".parse().unwrap());
    let server = Server::bind(listen, Arc::clone(&authenticator)).await.unwrap();
    println!("http://{}", server.address());
    let service = Options { handshake: authenticator, ..Options::default() };
    let service = Service::new(engine, service).unwrap();
    server.serve(service, std::future::pending()).await.unwrap();
}

pub(crate) async fn engine(folder: &Path) -> Engine {
    let file = folder.join("catalog.yaml");
    std::fs::write(&file, CATALOG).unwrap();
    for node in ["one.db", "two.db"] {
        std::fs::write(folder.join(node), "").unwrap();
    }
    let engine = Engine::open(intarsia_connectors::load(&file).unwrap().0).unwrap();
    for (at, node) in engine.connectors().enumerate() {
        let rows = (0..ROWS).map(|row| row * 2 + at);
        let rows: Vec<_> = rows.map(|id| format!("({id}, {}, '{id}.50')", id / 2 % 100)).collect();
        let table = "CREATE TABLE events (id INTEGER, kind INTEGER, amount TEXT)".to_owned();
        let fill = format!("INSERT INTO events VALUES {}", rows.join(", "));
        node.run(&[table, fill]).await.unwrap();
    }
    engine
}
