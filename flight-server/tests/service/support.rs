//! A server over SQLite files, and clients of it.

use std::{net::SocketAddr, sync::Arc};

use arrow::array::RecordBatch;
use arrow_flight::{
    FlightInfo, Ticket, flight_service_client::FlightServiceClient,
    flight_service_server::FlightServiceServer, sql::client::FlightSqlServiceClient,
};
use futures::TryStreamExt;
use intarsia_engine::Engine;
use intarsia_flight_server::{
    auth::{AuthOptions, Authenticator},
    server::{Server, ServerLimits, ServerOptions},
    service::{Options, Service},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use tonic::{
    Status,
    transport::{self, Channel, Endpoint, server::TcpIncoming},
};

/// Two nodes: customers over both by region, orders that follow them, and names of their own schema.
const CATALOG: &str = "
version: 1
nodes:
  eu: { url: 'sqlite:eu.db' }
  us: { url: 'sqlite:us.db' }
tables:
  customers:
    comment: people who buy
    columns:
      id: bigint not null
      name: text
      region: text not null
      balance: decimal(12,2)
      since: date
      seen: timestamp
    primary_key: [id]
    layout:
      horizontal:
        - { name: eu, where: region = 'EU', stored: eu.customers }
        - { name: us, where: region <> 'EU', stored: us.customers }
  orders:
    columns: { id: bigint not null, customer_id: bigint not null, total: 'decimal(12,2)' }
    primary_key: [id]
    layout:
      follows: { table: customers, key: { customer_id: id } }
      horizontal:
        - { part: eu, stored: eu.orders }
        - { part: us, stored: us.orders }
  sales.odd_name:
    columns: { code: integer, share: double }
    layout: { stored: us.odd }
";

const EU: [&str; 4] = [
    "CREATE TABLE customers (id INTEGER, name TEXT, region TEXT, balance TEXT, since TEXT, seen TEXT)",
    "INSERT INTO customers VALUES (1, 'Ada', 'EU', '10.50', '2024-01-02', '2024-01-02 03:04:05'), \
     (2, NULL, 'EU', NULL, NULL, NULL)",
    "CREATE TABLE orders (id INTEGER, customer_id INTEGER, total TEXT)",
    "INSERT INTO orders VALUES (10, 1, '3.50')",
];

const US: [&str; 6] = [
    "CREATE TABLE customers (id INTEGER, name TEXT, region TEXT, balance TEXT, since TEXT, seen TEXT)",
    "INSERT INTO customers VALUES (3, 'Grace', 'US', '-1.00', '2023-12-31', '2023-12-31 23:59:59.5')",
    "CREATE TABLE orders (id INTEGER, customer_id INTEGER, total TEXT)",
    "INSERT INTO orders VALUES (11, 3, '7.00')",
    "CREATE TABLE odd (code INTEGER, share REAL)",
    "INSERT INTO odd VALUES (7, 0.5)",
];

/// A running server. Dropping it ends it.
pub(crate) struct Running {
    pub(crate) service: Service,
    address: String,
    _tasks: JoinSet<()>,
    folder: TempDir,
}

pub(crate) type Client = FlightSqlServiceClient<Channel>;

/// A server with the default options.
pub(crate) async fn serve() -> Running {
    serve_with(Options::default()).await
}

/// A server with options of the test's own.
pub(crate) async fn serve_with(options: Options) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::new(engine(&folder).await, options).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = FlightServiceServer::new(service.clone());
    let serving = transport::Server::builder().add_service(server);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        serving.serve_with_incoming(TcpIncoming::from(listener)).await.unwrap();
    });
    Running { service, address, _tasks: tasks, folder }
}

async fn engine(folder: &TempDir) -> Engine {
    let file = folder.path().join("catalog.yaml");
    std::fs::write(&file, CATALOG).unwrap();
    for node in ["eu.db", "us.db"] {
        std::fs::write(folder.path().join(node), "").unwrap();
    }
    let engine = Engine::open(intarsia_connectors::load(&file).unwrap().0).unwrap();
    for node in engine.connectors() {
        let rows: &[&str] = if node.node().name == "eu" { &EU } else { &US };
        node.run(&rows.iter().map(|sql| (*sql).to_owned()).collect::<Vec<_>>()).await.unwrap();
    }
    engine
}

impl Running {
    /// Takes the file of a node away.
    pub(crate) fn lose_node(&self, node: &str) {
        let file = self.folder.path().join(format!("{node}.db"));
        std::fs::write(file, "no database any more").unwrap();
    }

    /// Where our own client finds it.
    pub(crate) fn url(&self) -> String {
        self.address.replace("http", "grpc")
    }

    /// The same behind what the command starts, with bounds of the test's own, for as long as the tasks are kept.
    pub(crate) async fn bounded(
        &self,
        change: impl FnOnce(&mut ServerLimits),
    ) -> (SocketAddr, JoinSet<()>) {
        let mut options = ServerOptions::new("127.0.0.1:0".parse().unwrap());
        change(&mut options.limits);
        let authenticator = Authenticator::open(&AuthOptions::default()).unwrap();
        let server = Server::bind(options, Arc::new(authenticator)).await.unwrap();
        let address = server.address();
        let service = self.service.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { server.serve(service, std::future::pending()).await.unwrap() });
        (address, tasks)
    }

    /// A connection.
    pub(crate) async fn channel(&self) -> Channel {
        Endpoint::from_shared(self.address.clone()).unwrap().connect().await.unwrap()
    }

    /// A Flight SQL client on a connection of its own.
    pub(crate) async fn client(&self) -> Client {
        FlightSqlServiceClient::new(self.channel().await)
    }

    /// A client for what the Flight SQL client does not do.
    pub(crate) async fn raw(&self) -> FlightServiceClient<Channel> {
        FlightServiceClient::new(self.channel().await)
    }
}

/// A connection to what listens at `address`.
pub(crate) async fn connect(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

/// All rows of an answer.
pub(crate) async fn fetch(
    client: &mut Client,
    info: &FlightInfo,
) -> Result<Vec<RecordBatch>, Status> {
    let mut batches = Vec::new();
    for endpoint in &info.endpoint {
        let ticket = endpoint.ticket.clone().unwrap();
        batches.extend(rows(client, ticket).await?);
    }
    Ok(batches)
}

/// The rows behind one ticket.
pub(crate) async fn rows(client: &mut Client, ticket: Ticket) -> Result<Vec<RecordBatch>, Status> {
    let stream = client.do_get(ticket).await.map_err(status)?;
    stream.try_collect().await.map_err(status)
}

/// The status in an error of arrow-flight's client.
pub(crate) fn status(error: arrow_flight::error::FlightError) -> Status {
    match error {
        arrow_flight::error::FlightError::Tonic(status) => *status,
        other => Status::unknown(other.to_string()),
    }
}

/// Rows as CSV without a header.
pub(crate) fn csv(batches: &[RecordBatch]) -> String {
    let mut text = Vec::new();
    let mut writer = arrow::csv::WriterBuilder::new().with_header(false).build(&mut text);
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    drop(writer);
    String::from_utf8(text).unwrap()
}
