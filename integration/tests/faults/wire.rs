//! A connection that breaks off after any byte that the server sends: what has come is not taken for the whole.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use intarsia_catalog::{Address, Catalog};
use intarsia_engine::{Engine, ErrorKind};
use intarsia_integration::{
    Result,
    cluster::Cluster,
    compare::Answer,
    data::{Rows, schema},
    deployment::Deployment,
    oracle::{ask, oracle},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

use crate::kind;

/// More rows than a batch has.
const ROWS: i64 = 10_000;
/// The last bytes hold the marks that all rows have come, and that all went well.
const LAST_BYTES: u64 = 60;
/// Places before them.
const STEPS: u64 = 30;
const DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_to_postgres_that_breaks_off_is_no_end() {
    breaks_off_anywhere("pg").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_to_mariadb_that_breaks_off_is_no_end() {
    breaks_off_anywhere("maria").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_to_mysql_that_breaks_off_is_no_end() {
    breaks_off_anywhere("my").await;
}

async fn breaks_off_anywhere(node: &str) {
    let yaml = format!(
        "version: 1\nnodes: {{ {node}: {{ url: \"${{env:{}}}\" }} }}\ntables:\n  t:\n    \
         columns: {{ id: bigint not null, v: text }}\n    layout: {{ stored: {node}.t }}\n",
        node.to_uppercase()
    );
    let place = Deployment::new(Cluster::shared(), &yaml, &rows, 1).await.unwrap();
    let oracle = oracle(place.catalog(), &rows(place.catalog()).unwrap()).unwrap();
    let expected = ask(&oracle, "SELECT id, v FROM t").await.unwrap();
    let (whole, bytes) = through(&place, u64::MAX).await;
    assert_eq!(whole.unwrap().difference(&expected, &[]), None);
    assert!(bytes > 100_000, "{bytes} bytes are too few to hold the rows");
    let before = (0..STEPS).map(|step| bytes * step / STEPS);
    for limit in before.chain(bytes - LAST_BYTES..=bytes) {
        let (answer, _) = through(&place, limit).await;
        match answer {
            Ok(answer) => {
                assert_eq!(answer.difference(&expected, &[]), None, "cut at {limit} of {bytes}");
                assert!(limit > bytes - LAST_BYTES, "whole without its last bytes");
            }
            Err(error) => {
                let at = format!("cut at {limit} of {bytes}: {error}");
                assert_eq!(kind(&error), ErrorKind::Unavailable, "{at}");
                assert!(error.to_string().starts_with(&format!("node `{node}`: ")), "{at}");
            }
        }
    }
}

fn rows(catalog: &Catalog) -> Result<Rows> {
    let table = catalog.tables.values().next().ok_or("no table")?;
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..ROWS));
    let values: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..ROWS).map(|id| format!("value {id}"))));
    let batch = RecordBatch::try_new(schema(&table.columns), vec![ids, values])?;
    Ok([(table.name.clone(), batch)].into())
}

/// What the query gives when its node may send only so many bytes, and how many it sent.
async fn through(place: &Deployment, limit: u64) -> (Result<Answer>, u64) {
    let mut catalog = place.catalog().clone();
    let node = catalog.nodes.values_mut().next().unwrap();
    let Address::Server { port, .. } = &mut Arc::make_mut(node).address else { unreachable!() };
    let wire = Wire::to(*port, limit).await;
    *port = wire.port;
    let engine = Engine::open(catalog).unwrap();
    let answer = timeout(DEADLINE, ask(&engine.session(), "SELECT id, v FROM t")).await;
    (answer.unwrap_or_else(|_| panic!("no end of it, cut at {limit}")), wire.sent())
}

/// Passes connections on to a server, until that has sent a number of bytes.
struct Wire {
    port: u16,
    sent: Arc<AtomicU64>,
    _passing: JoinSet<()>,
}

impl Wire {
    async fn to(server: u16, limit: u64) -> Wire {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&sent);
        let mut passing = JoinSet::new();
        passing.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let counted = Arc::clone(&counted);
                connections.spawn(async move {
                    let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                    pass(client, server, &counted, limit).await;
                });
            }
        });
        Wire { port, sent, _passing: passing }
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

/// Both directions, until either ends or the limit is reached.
async fn pass(mut client: TcpStream, mut server: TcpStream, sent: &AtomicU64, limit: u64) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let answers = async {
        let mut buffer = vec![0; 8192];
        loop {
            let left = limit.saturating_sub(sent.load(Ordering::Relaxed));
            let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            // Nothing to read into is an end as well.
            let Ok(read @ 1..) = from_server.read(&mut buffer[..room]).await else { return };
            sent.fetch_add(read as u64, Ordering::Relaxed);
            if to_client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = answers => {}
        _ = copy(&mut from_client, &mut to_server) => {}
    }
}
