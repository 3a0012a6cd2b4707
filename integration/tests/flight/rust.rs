//! arrow-flight's own client: what programs in Rust connect with.

use std::sync::Arc;

use arrow::{
    array::{AsArray, Int64Array, RecordBatch},
    datatypes::Int64Type,
};
use arrow_flight::{
    Ticket, flight_service_client::FlightServiceClient, sql::client::FlightSqlServiceClient,
};
use futures::TryStreamExt;
use tonic::{codec::CompressionEncoding, transport::Channel};

use crate::support::{PASSWORD, Server, USER, channel, status};

async fn client(server: &Server) -> FlightSqlServiceClient<Channel> {
    let mut client = FlightSqlServiceClient::new(channel(server).await);
    let token = client.handshake(USER, PASSWORD).await.unwrap();
    assert_eq!(client.token().map(|token| token.as_bytes()), Some(token.as_ref()));
    client
}

async fn rows(
    client: &mut FlightSqlServiceClient<Channel>,
    info: arrow_flight::FlightInfo,
) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    for endpoint in info.endpoint {
        let stream = client.do_get(endpoint.ticket.unwrap()).await.unwrap();
        batches.extend(stream.try_collect::<Vec<_>>().await.unwrap());
    }
    batches
}

#[tokio::test]
async fn a_query_is_answered_over_tls() {
    let server = Server::secure();
    let mut client = client(&server).await;
    let info = client.execute("SELECT count(*) AS n FROM orders".to_owned(), None).await.unwrap();
    let batches = rows(&mut client, info).await;
    assert_eq!(batches[0].column(0).as_primitive::<Int64Type>().value(0), 3);
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let server = Server::secure();
    let mut client = FlightSqlServiceClient::new(channel(&server).await);
    let error = client.handshake(USER, "another").await.unwrap_err();
    assert!(error.to_string().contains("the credentials are not valid"), "{error}");
    let error = client.execute("SELECT 1".to_owned(), None).await.unwrap_err();
    assert_eq!(status(error).code(), tonic::Code::Unauthenticated);
}

#[tokio::test]
async fn a_prepared_statement_is_asked_with_values() {
    let server = Server::secure();
    let mut client = client(&server).await;
    let sql = "SELECT name FROM customers WHERE id = $1";
    let mut prepared = client.prepare(sql.to_owned(), None).await.unwrap();
    let types = prepared.parameter_schema().unwrap().clone();
    assert_eq!(types.fields().len(), 1);
    for (id, name) in [(1, "Ada"), (3, "Grace")] {
        let value = Int64Array::from(vec![id]);
        let values = RecordBatch::try_from_iter([("1", Arc::new(value) as _)]).unwrap();
        prepared.set_parameters(values).unwrap();
        let info = prepared.execute().await.unwrap();
        let batches = rows(&mut client, info).await;
        assert_eq!(batches[0].column(0).as_string::<i32>().value(0), name);
    }
    prepared.close().await.unwrap();
}

/// To compress is slower than most networks, so that nobody is answered so for being able to read it.
#[tokio::test]
async fn who_reads_compressed_messages_gets_them_as_they_are() {
    let server = Server::plain();
    let protocol = FlightServiceClient::new(channel(&server).await);
    let mut client = protocol.accept_compressed(CompressionEncoding::Gzip);
    let answer = client.do_get(Ticket::new("SELECT repeat('x', 10000)")).await.unwrap();
    assert_eq!(answer.metadata().get("grpc-encoding"), None);
    let messages: Vec<_> = answer.into_inner().try_collect().await.unwrap();
    let bytes: usize = messages.iter().map(|message| message.data_body.len()).sum();
    assert!(bytes >= 10_000, "{bytes}");
}

#[tokio::test]
async fn keys_are_told() {
    let server = Server::plain();
    let mut client = FlightSqlServiceClient::new(channel(&server).await);
    let asked = arrow_flight::sql::CommandGetImportedKeys {
        catalog: None,
        db_schema: None,
        table: "orders".to_owned(),
    };
    let info = client.get_imported_keys(asked).await.unwrap();
    let batches = rows(&mut client, info).await;
    let parent = batches[0].column_by_name("pk_table_name").unwrap().as_string::<i32>();
    assert_eq!(parent.value(0), "customers");
}
