//! Queries, their schemas and their rows.

use arrow::datatypes::Schema;
use arrow_flight::{IpcMessage, Ticket};

use crate::support::{csv, fetch, rows, serve};

#[tokio::test]
async fn a_query_is_planned_by_get_flight_info_and_run_by_do_get() {
    let server = serve().await;
    let mut client = server.client().await;
    let sql = "SELECT id, name FROM customers ORDER BY id";
    let info = client.execute(sql.to_owned(), None).await.unwrap();
    assert_eq!((info.total_records, info.total_bytes), (-1, -1));
    let batches = fetch(&mut client, &info).await.unwrap();
    assert_eq!(csv(&batches), "1,Ada\n2,\n3,Grace\n");
}

/// ADBC compares both, nullability included.
#[tokio::test]
async fn the_schema_told_is_the_schema_sent() {
    let server = serve().await;
    let mut client = server.client().await;
    for sql in [
        "SELECT * FROM customers",
        "SELECT upper(name), count(*) FROM customers GROUP BY 1",
        "SELECT arrow_cast(name, 'Dictionary(Int32, Utf8View)') AS d FROM customers",
        "SELECT make_array('a', name) FROM customers WHERE id = 1",
        "SELECT * FROM customers WHERE false",
        "SELECT 1.5, 1e0, NULL, DATE '2024-01-01', now()",
        "SHOW TABLES",
        "EXPLAIN SELECT * FROM customers",
    ] {
        let info = client.execute(sql.to_owned(), None).await.unwrap();
        let told = Schema::try_from(IpcMessage(info.schema.clone())).unwrap();
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        let mut stream = client.do_get(ticket).await.unwrap();
        let batches: Vec<_> = futures::TryStreamExt::try_collect(&mut stream).await.unwrap();
        assert_eq!(stream.schema().unwrap().as_ref(), &told, "{sql}");
        for batch in &batches {
            assert_eq!(batch.schema().as_ref(), &told, "{sql}");
        }
    }
}

/// ADBC's `execute_partitions` reads tickets on other connections; a client may also read one again.
#[tokio::test]
async fn a_ticket_is_good_on_another_connection_and_more_than_once() {
    let server = serve().await;
    let info = server.client().await.execute("SELECT 42".to_owned(), None).await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    for _ in 0..2 {
        let batches = rows(&mut server.client().await, ticket.clone()).await.unwrap();
        assert_eq!(csv(&batches), "42\n");
    }
}

/// pyarrow's users send the text of a query as the command, or as the ticket itself.
#[tokio::test]
async fn the_text_of_a_query_is_a_command() {
    let server = serve().await;
    let batches = rows(&mut server.client().await, Ticket::new("SELECT 42")).await.unwrap();
    assert_eq!(csv(&batches), "42\n");
    let descriptor = arrow_flight::FlightDescriptor::new_cmd("SELECT 42");
    let info = server.raw().await.get_flight_info(descriptor).await.unwrap().into_inner();
    assert_eq!(csv(&fetch(&mut server.client().await, &info).await.unwrap()), "42\n");
}

/// A path is a table, for clients that only know Flight.
#[tokio::test]
async fn a_path_is_a_table() {
    let server = serve().await;
    let path = vec!["sales".to_owned(), "odd_name".to_owned()];
    let descriptor = arrow_flight::FlightDescriptor::new_path(path);
    let info = server.raw().await.get_flight_info(descriptor).await.unwrap().into_inner();
    assert_eq!(csv(&fetch(&mut server.client().await, &info).await.unwrap()), "7,0.5\n");
}
