//! Answers as streams: whole or an error, stopped when nobody reads, never in each other's way.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt;
use intarsia_catalog::Type;
use intarsia_connectors::{Connector, Consistency, ErrorKind, Query, Reads, connect};

use crate::{
    server::Server,
    support::{BOTH, ONCE, answer, query, rest, run, server, values},
};

/// Rows of about a kilobyte, numbered from 1, marked so that the statement can be found on the server.
fn numbers(mark: &str, rows: usize) -> Query {
    let digit = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 \
         UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    let sql = format!(
        "SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS n, REPEAT('{mark}', 100) AS t \
         FROM {digit} AS a, {digit} AS b, {digit} AS c, {digit} AS e, {digit} AS f, {digit} AS g LIMIT {rows}"
    );
    query(&sql, &[("n", Type::BigInt), ("t", Type::Text)])
}

/// A statement that takes long to its first row.
fn slow(mark: &str) -> Query {
    query(
        &format!("SELECT SLEEP(60) AS n, '{mark}' AS t"),
        &[("n", Type::BigInt), ("t", Type::Text)],
    )
}

/// The ids of the sessions that run a statement with this mark.
async fn running(connector: &Arc<dyn Connector>, mark: &str) -> Vec<String> {
    let sql = format!(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%{mark}%' AND ID <> CONNECTION_ID()"
    );
    values(connector, query(&sql, &[("ID", Type::BigIntUnsigned)])).await.unwrap()
}

/// Waits for the server to be through with what carries this mark: a second, and what the machine needs.
async fn gone_within_a_second(connector: &Arc<dyn Connector>, mark: &str) {
    let since = Instant::now();
    while !running(connector, mark).await.is_empty() {
        assert!(since.elapsed() < Duration::from_millis(1500), "{mark} still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn with_connections(server: &Server, connections: usize) -> Arc<dyn Connector> {
    let mut node = server.node();
    node.connections = connections;
    connect(&Arc::new(node))
}

#[tokio::test]
async fn an_answer_comes_whole_in_several_batches() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let batches = answer(&connector, numbers("whole", 50_000)).await.unwrap();
        assert!(batches.len() > 5, "{}", batches.len());
        assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 50_000);
        let none =
            answer(&connector, query("SELECT 1 FROM DUAL WHERE 1 = 0", &[("c", Type::BigInt)]));
        assert!(none.await.unwrap().is_empty());
        let without_columns = answer(&connector, query("SELECT 1 UNION ALL SELECT 2", &[]));
        assert_eq!(without_columns.await.unwrap()[0].num_rows(), 2);
    }
}

#[tokio::test]
async fn a_row_may_be_longer_than_one_packet_of_the_protocol() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let half = "REPEAT('é', 4500000)";
        let long = query(
            &format!("SELECT {half} AS a, {half} AS b"),
            &[("a", Type::Text), ("b", Type::Text)],
        );
        let batches = answer(&connector, long).await.unwrap();
        assert_eq!(batches[0].column(1).to_data().buffers()[1].len(), 9_000_000);
    }
}

#[tokio::test]
async fn a_stream_that_is_not_read_holds_the_server_back() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let mut stream = connector.reading(ONCE).open(numbers("pressure", 100_000)).await.unwrap();
        stream.next().await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(stream.bytes() < 40_000_000, "{} bytes were read ahead", stream.bytes());
        assert!(rest(stream).await.unwrap().len() > 90_000);
    }
}

#[tokio::test]
async fn a_dropped_stream_stops_the_statement_within_a_second() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let mut stream = connector.reading(ONCE).open(numbers("dropped", 100_000)).await.unwrap();
        stream.next().await.unwrap().unwrap();
        assert_eq!(running(&connector, "dropped").await.len(), 1);
        drop(stream);
        gone_within_a_second(&connector, "dropped").await;
    }
}

#[tokio::test]
async fn a_statement_without_a_row_yet_is_stopped_too() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let reading = connector.reading(ONCE);
        let opening = reading.open(slow("impatient"));
        let read = async { opening.await.unwrap().next().await };
        let read = tokio::time::timeout(Duration::from_millis(500), read).await;
        assert!(read.is_err(), "it slept");
        gone_within_a_second(&connector, "impatient").await;
    }
}

#[tokio::test]
async fn a_statement_killed_by_somebody_is_an_error() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        for how in ["KILL", "KILL QUERY"] {
            let mark = how.replace(' ', "_");
            let mut stream = connector.reading(ONCE).open(numbers(&mark, 100_000)).await.unwrap();
            stream.next().await.unwrap().unwrap();
            let id = running(&connector, &mark).await.pop().unwrap();
            run(&connector, &[&format!("{how} {id}")]).await;
            let error = rest(stream).await.unwrap_err();
            let kinds = [ErrorKind::Unavailable, ErrorKind::Cancelled];
            assert!(kinds.contains(&error.kind()), "{flavor:?} {how}: {error}");
        }
    }
}

#[tokio::test]
async fn a_server_that_dies_is_an_error() {
    for flavor in BOTH {
        let server = Server::start(flavor, &[]).await;
        let connector = server.connector();
        let mut stream = connector.reading(ONCE).open(numbers("dying", 100_000)).await.unwrap();
        stream.next().await.unwrap().unwrap();
        server.stop();
        assert_eq!(rest(stream).await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(connector.server().await.unwrap_err().kind(), ErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn a_value_that_does_not_fit_ends_the_answer_and_the_statement() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let mut narrow = numbers("narrow", 100_000);
        narrow.columns[0].ty = Type::SmallInt;
        let error = answer(&connector, narrow).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        let told = error.message();
        assert!(told.starts_with("relation `shop.t`, column `n`: value `"), "{told}");
        assert!(told.ends_with("` does not fit smallint"), "{told}");
        gone_within_a_second(&connector, "narrow").await;
    }
}

#[tokio::test]
async fn one_connection_is_enough_for_reads_that_wait_for_each_other() {
    for flavor in BOTH {
        for repeats in [false, true] {
            let connector = with_connections(server(flavor).await, 1);
            let reading = connector.reading(Reads { streams: 2, repeats });
            let mut first = reading.open(numbers("first", 30_000)).await.unwrap();
            first.next().await.unwrap().unwrap();
            let second = reading.open(numbers("second", 30_000)).await.unwrap();
            assert_eq!(rest(second).await.unwrap().len(), 30_000);
            assert!(rest(first).await.unwrap().len() > 20_000);
            let wanted = if repeats { Consistency::Snapshot } else { Consistency::Separate };
            assert_eq!(reading.consistency(), wanted);
        }
    }
}

#[tokio::test]
async fn two_queries_with_two_reads_each_do_not_starve_one_another() {
    for flavor in BOTH {
        let connector = with_connections(server(flavor).await, 2);
        let two = async |name: &str| {
            let reading = connector.reading(Reads { streams: 2, repeats: false });
            let left = reading.open(numbers(&format!("{name}l"), 20_000)).await.unwrap();
            let right = reading.open(numbers(&format!("{name}r"), 20_000)).await.unwrap();
            assert_eq!(rest(right).await.unwrap().len(), 20_000);
            assert_eq!(rest(left).await.unwrap().len(), 20_000);
        };
        let both = async { tokio::join!(two("one"), two("two")) };
        tokio::time::timeout(Duration::from_secs(60), both).await.expect("a deadlock");
    }
}

#[tokio::test]
async fn reads_of_one_relation_twice_see_one_state() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let insert = "INSERT INTO twice VALUES (1), (2)";
        let make =
            ["DROP TABLE IF EXISTS twice", "CREATE TABLE twice (id INT PRIMARY KEY)", insert];
        run(&connector, &make).await;
        let count = || query("SELECT COUNT(*) AS n FROM shop.twice", &[("n", Type::BigInt)]);
        let reading = connector.reading(Reads { streams: 3, repeats: true });
        reading.prepare().await.unwrap();
        run(&connector, &["INSERT INTO twice VALUES (3)"]).await;
        assert_eq!(rest(reading.open(count()).await.unwrap()).await.unwrap(), ["2"]);
        assert_eq!(reading.consistency(), Consistency::Single);
        // A read that is given up half way leaves the snapshot to the others.
        let mut early = reading.open(numbers("early", 100_000)).await.unwrap();
        early.next().await.unwrap().unwrap();
        drop(early);
        assert_eq!(rest(reading.open(count()).await.unwrap()).await.unwrap(), ["2"]);
        assert_eq!(reading.consistency(), Consistency::Snapshot);
        drop(reading);
        assert_eq!(values(&connector, count()).await.unwrap(), ["3"]);
    }
}

#[tokio::test]
async fn a_lost_snapshot_is_told_and_not_replaced() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let reading = connector.reading(Reads { streams: 2, repeats: true });
        let mut first = reading.open(numbers("lostsnap", 100_000)).await.unwrap();
        first.next().await.unwrap().unwrap();
        let id = running(&connector, "lostsnap").await.pop().unwrap();
        run(&connector, &[&format!("KILL {id}")]).await;
        assert!(rest(first).await.is_err());
        let error = reading.open(numbers("second", 1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{flavor:?}: {error}");
    }
}

#[tokio::test]
async fn an_idle_connection_that_the_server_closed_is_replaced() {
    for flavor in BOTH {
        let connector = with_connections(server(flavor).await, 1);
        let id = query("SELECT CONNECTION_ID()", &[("c", Type::BigIntUnsigned)]);
        let first = values(&connector, id.clone()).await.unwrap();
        assert_eq!(values(&connector, id.clone()).await.unwrap(), first, "it was not kept");
        let other = server(flavor).await.connector();
        run(&other, &[&format!("KILL {}", first[0])]).await;
        assert_ne!(values(&connector, id).await.unwrap(), first);
    }
}
