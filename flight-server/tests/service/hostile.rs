//! What no client should send: a clear error each time, and the server goes on.

use std::time::Duration;

use arrow_flight::{
    Action, FlightData, FlightDescriptor, Ticket,
    flight_service_client::FlightServiceClient,
    sql::{
        Any, CommandGetPrimaryKeys, CommandPreparedStatementQuery, CommandStatementQuery,
        CommandStatementSubstraitPlan, ProstMessageExt,
    },
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use intarsia_flight_server::service::Options;
use prost::Message;
use tonic::{Code, Status};

use crate::support::{Running, connect, csv, fetch, serve, serve_with};

async fn answers(server: &Running) {
    let mut client = server.client().await;
    let info = client.execute("SELECT 42".to_owned(), None).await.unwrap();
    assert_eq!(csv(&fetch(&mut client, &info).await.unwrap()), "42\n");
}

async fn ask(server: &Running, sql: String) -> Result<(), Status> {
    let descriptor = FlightDescriptor::new_cmd(sql);
    server.raw().await.get_flight_info(descriptor).await.map(drop)
}

/// A command, and what is left of it when it is cut or its bytes are others.
fn broken() -> Vec<Vec<u8>> {
    let query = CommandStatementQuery { query: "SELECT 1".to_owned(), transaction_id: None };
    let whole = query.as_any().encode_to_vec();
    let mut bytes: Vec<_> = [1, 5, 30, whole.len() - 1].map(|end| whole[..end].to_vec()).into();
    let type_url = CommandStatementQuery::type_url().to_owned();
    bytes.push(Any { type_url, value: Bytes::from_static(&[0xff; 9]) }.encode_to_vec());
    bytes.extend([Vec::new(), vec![0xff; 100], vec![0; 100], vec![0x0a, 0xff, 0xff, 0xff, 0x7f]]);
    bytes
}

#[tokio::test]
async fn what_does_not_decode_is_the_callers_fault_in_every_call() {
    let server = serve().await;
    let mut client = server.raw().await;
    for bytes in broken() {
        let descriptor = FlightDescriptor::new_cmd(bytes.clone());
        let data = FlightData::new().with_descriptor(descriptor.clone());
        let told = [
            client.get_flight_info(descriptor.clone()).await.unwrap_err(),
            client.get_schema(descriptor.clone()).await.unwrap_err(),
            client.poll_flight_info(descriptor).await.unwrap_err(),
            client.do_get(Ticket::new(bytes.clone())).await.unwrap_err(),
            client.do_put(stream::iter([data])).await.unwrap_err(),
        ];
        for status in told {
            assert_eq!(status.code(), Code::InvalidArgument, "{bytes:?}: {status}");
            assert!(!status.message().is_empty());
        }
    }
    answers(&server).await;
}

#[tokio::test]
async fn actions_whose_bodies_do_not_decode_are_the_callers_fault() {
    let server = serve().await;
    let mut client = server.raw().await;
    let other = CommandGetPrimaryKeys::default().as_any().encode_to_vec();
    for name in ["CreatePreparedStatement", "ClosePreparedStatement", "CancelQuery"] {
        for body in [vec![0xff; 20], Vec::new(), other.clone()] {
            let status = client.do_action(Action::new(name, body)).await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{name}: {status}");
        }
    }
    for name in ["CancelFlightInfo", "RenewFlightEndpoint", "SetSessionOptions"] {
        let status = client.do_action(Action::new(name, vec![0xff; 20])).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{name}: {status}");
    }
    answers(&server).await;
}

/// arrow-go sends an empty stream for an ingest of nothing.
#[tokio::test]
async fn uploads_that_say_nothing_are_the_callers_fault() {
    let server = serve().await;
    let mut client = server.raw().await;
    let status = client.do_put(stream::empty()).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let status = client.do_put(stream::iter([FlightData::new()])).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let prepared_statement_handle = crate::prepared::handle(&server, "SELECT ?").await;
    let query = CommandPreparedStatementQuery { prepared_statement_handle };
    let descriptor = FlightDescriptor::new_cmd(query.as_any().encode_to_vec());
    for header in [vec![0xff; 40], vec![0; 40]] {
        let data = FlightData::new().with_descriptor(descriptor.clone()).with_data_header(header);
        let status = client.do_put(stream::iter([data])).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    }
    answers(&server).await;
}

#[tokio::test]
async fn handles_that_were_never_given_are_not_found() {
    let server = serve().await;
    let mut client = server.raw().await;
    for handle in ["", "0", "0123456789abcdef0123456789abcdef", "x/1", "\u{0}"] {
        let prepared_statement_handle = Bytes::from(handle);
        let query = CommandPreparedStatementQuery { prepared_statement_handle };
        let descriptor = FlightDescriptor::new_cmd(query.as_any().encode_to_vec());
        let status = client.get_flight_info(descriptor).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound, "{status}");
    }
}

#[tokio::test]
async fn commands_that_are_not_served_say_so() {
    let server = serve().await;
    let plan = CommandStatementSubstraitPlan::default().as_any().encode_to_vec();
    let unknown = Any {
        type_url: "type.googleapis.com/arrow.flight.protocol.sql.CommandOfTomorrow".to_owned(),
        value: Bytes::new(),
    };
    for (command, name) in
        [(plan, "CommandStatementSubstraitPlan"), (unknown.encode_to_vec(), "CommandOfTomorrow")]
    {
        let descriptor = FlightDescriptor::new_cmd(command);
        let status = server.raw().await.get_flight_info(descriptor).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented);
        assert!(status.message().contains(name), "{status}");
    }
}

#[tokio::test]
async fn deep_and_long_statements_are_refused_in_time() {
    let server = serve().await;
    let sum = format!("SELECT {}", vec!["1"; 100_000].join("+"));
    let nested = format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000));
    let long = format!("SELECT '{}'", "x".repeat(2 << 20));
    for (sql, said) in [(sum, "chained operators"), (nested, "nesting"), (long, "1 MiB")] {
        let asked = tokio::time::timeout(Duration::from_secs(5), ask(&server, sql)).await;
        let status = asked.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
        assert!(status.message().contains(said), "{status}");
    }
    answers(&server).await;
}

/// A message past the server's bound is refused before it is in memory.
#[tokio::test]
async fn oversized_messages_are_refused() {
    let server = serve().await;
    let (address, _tasks) = server.bounded(|limits| limits.message = 1 << 20).await;
    let mut client = FlightServiceClient::new(connect(address).await);
    for bytes in [2 << 20, 20 << 20] {
        let descriptor = FlightDescriptor::new_cmd(vec![b'x'; bytes]);
        let status = client.get_flight_info(descriptor).await.unwrap_err();
        assert_eq!(status.code(), Code::OutOfRange, "{status}");
    }
    let descriptor = FlightDescriptor::new_cmd("SELECT 42");
    client.get_flight_info(descriptor).await.unwrap();
}

/// Deep, and within the limits.
#[tokio::test]
async fn a_statement_at_the_limits_is_answered() {
    let server = serve().await;
    let sql = format!("SELECT {}", vec!["1"; 900].join("+"));
    let mut client = server.client().await;
    let info = client.execute(sql, None).await.unwrap();
    assert_eq!(csv(&fetch(&mut client, &info).await.unwrap()), "900\n");
}

/// Resident bytes of this process.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// Says that a test has a process of its own, where it can measure memory.
const ALONE: &str = "INTARSIA_TEST_ALONE";

/// Planned over the wire, and never fetched.
#[tokio::test]
async fn abandoned_statements_are_forgotten() {
    if std::env::var_os(ALONE).is_some() {
        return abandon_statements().await;
    }
    let this = std::env::current_exe().unwrap();
    let alone = ["--exact", "hostile::abandoned_statements_are_forgotten"];
    let run = tokio::process::Command::new(this).args(alone).env(ALONE, "1").output();
    let run = run.await.unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}

async fn abandon_statements() {
    let statements = 500;
    let server = serve_with(Options { statements, ..Options::default() }).await;
    let client = server.raw().await;
    let abandon = |count: usize| {
        let client = client.clone();
        stream::iter(0..count).for_each_concurrent(16, move |n| {
            let mut client = client.clone();
            async move {
                let sql = format!("SELECT {n}");
                client.get_flight_info(FlightDescriptor::new_cmd(sql)).await.unwrap();
            }
        })
    };
    abandon(1_000).await;
    let before = resident();
    abandon(9_000).await;
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 << 20, "{} MiB", grown >> 20);
    assert_eq!(server.service.statements(), statements);
    answers(&server).await;
}

#[tokio::test]
async fn errors_say_which_query_and_which_node() {
    let server = serve().await;
    let broken = "SELECT missing FROM customers".to_owned();
    let status = ask(&server, broken).await.unwrap_err();
    assert_eq!(status.metadata().get("intarsia-query-id").unwrap().len(), 32);
    server.lose_node("us");
    let sql = "SELECT code FROM sales.odd_name".to_owned();
    let mut client = server.client().await;
    let told = match client.execute(sql, None).await {
        Ok(info) => fetch(&mut client, &info).await.unwrap_err(),
        Err(error) => crate::support::status(error),
    };
    assert_eq!(told.metadata().get("intarsia-node").unwrap(), "us", "{told}");
    assert_eq!(told.metadata().get("intarsia-query-id").unwrap().len(), 32);
    answers(&server).await;
}
