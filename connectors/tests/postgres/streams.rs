//! Streams: snapshots, one connection for many, cancelling, and breaking off.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, future::try_join_all};
use intarsia_catalog::Type;
use intarsia_connectors::{Batches, Consistency, ErrorKind, Query, Reading, Reads};

use crate::support::{Database, query, texts};

const N: &[(&str, Type)] = &[("n", Type::BigInt)];

fn series(to: u64) -> Query {
    query(&format!("SELECT generate_series(1, {to})::bigint"), N)
}

async fn count(batches: Batches) -> intarsia_connectors::Result<usize> {
    batches.try_fold(0, async |sum, batch| Ok(sum + batch.num_rows())).await
}

fn streams(count: usize) -> Reads {
    Reads { streams: count, repeats: true }
}

/// How many statements of the database run that hold `mark`.
async fn running(database: &Database, mark: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND state <> 'idle' AND pid <> pg_backend_pid() AND query LIKE '%{mark}%'"
    );
    database.number(&sql).await
}

async fn gone_within(database: &Database, mark: &str, limit: Duration) {
    let begun = Instant::now();
    while running(database, mark).await > 0 {
        assert!(begun.elapsed() < limit, "it still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_large_answer_comes_in_batches_and_whole() {
    let database = Database::new(&[]).await;
    let mut rows = database.connector.reading(streams(1)).open(series(1_000_000)).await.unwrap();
    let first = rows.next().await.unwrap().unwrap();
    assert_eq!(first.num_rows(), 8192);
    assert_eq!(first.num_rows() + count(rows).await.unwrap(), 1_000_000);
}

#[tokio::test]
async fn wide_rows_come_in_small_batches() {
    let database = Database::new(&[]).await;
    let wide = "SELECT repeat('x', 1000000) FROM generate_series(1, 20)";
    let wide = query(wide, &[("v", Type::Text)]);
    let mut rows = database.connector.reading(streams(1)).open(wide).await.unwrap();
    let first = rows.next().await.unwrap().unwrap();
    assert_eq!(first.num_rows(), 5);
    assert!(rows.bytes() > 5_000_000);
}

#[tokio::test]
async fn one_connection_serves_streams_that_are_read_side_by_side() {
    let database = Database::new(&[]).await.with(|node| node.connections = 1);
    let reading = database.connector.reading(streams(10));
    let mut open: Vec<Batches> = Vec::new();
    for _ in 0..10 {
        open.push(reading.open(series(100_000)).await.unwrap());
    }
    // One batch of each in turn, as a merge does.
    let mut sum = 0;
    while !open.is_empty() {
        let mut left = Vec::new();
        for mut rows in open {
            if let Some(batch) = rows.next().await {
                sum += batch.unwrap().num_rows();
                left.push(rows);
            }
        }
        open = left;
    }
    assert_eq!(sum, 1_000_000);
    assert_eq!(reading.consistency(), Consistency::Snapshot);
}

#[tokio::test]
async fn two_queries_that_each_hold_one_connection_and_want_two_both_end() {
    let database = Arc::new(Database::new(&[]).await.with(|node| node.connections = 2));
    let one = async || {
        let reading = database.connector.reading(Reads { streams: 2, repeats: false });
        let first = reading.open(series(300_000)).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let second = reading.open(series(300_000)).await?;
        Ok::<_, intarsia_connectors::Error>(count(second).await? + count(first).await?)
    };
    let both =
        tokio::time::timeout(Duration::from_secs(60), futures::future::try_join(one(), one()));
    assert_eq!(both.await.unwrap().unwrap(), (600_000, 600_000));
}

#[tokio::test]
async fn many_queries_share_few_connections() {
    let database = Database::new(&[]).await.with(|node| node.connections = 2);
    let all = (0..20).map(async |_| {
        let reading = database.connector.reading(streams(2));
        let both = [reading.open(series(20_000)), reading.open(series(20_000))];
        let both = try_join_all(both).await?;
        let sum: usize = try_join_all(both.into_iter().map(count)).await?.into_iter().sum();
        assert_eq!(reading.consistency(), Consistency::Snapshot);
        Ok::<_, intarsia_connectors::Error>(sum)
    });
    let sums = tokio::time::timeout(Duration::from_secs(60), try_join_all(all)).await.unwrap();
    assert!(sums.unwrap().iter().all(|sum| *sum == 40_000));
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
    assert!(database.number(connections).await <= 2);
}

async fn seen(reading: &Arc<dyn Reading>) -> String {
    let rows = reading.open(query("SELECT count(*) FROM public.t", N)).await.unwrap();
    texts(&rows.try_collect::<Vec<_>>().await.unwrap()).remove(0)
}

#[tokio::test]
async fn reads_of_one_query_see_one_snapshot() {
    for connections in [1, 3] {
        let database = Database::new(&["CREATE TABLE t (n bigint)"]).await;
        let few = database.with(|node| node.connections = connections);
        let reading = few.connector.reading(streams(4));
        reading.prepare().await.unwrap();
        database.run(&["INSERT INTO t VALUES (1)"]).await;
        let held = reading.open(series(1_000_000)).await.unwrap(); // keeps the lease busy
        assert_eq!(seen(&reading).await, "0", "{connections} connections");
        assert_eq!(count(held).await.unwrap(), 1_000_000);
        assert_eq!(seen(&reading).await, "0");
        assert_eq!(seen(&reading).await, "0");
        assert_eq!(reading.consistency(), Consistency::Snapshot);
        let later = few.connector.reading(streams(1));
        assert_eq!(seen(&later).await, "1");
        assert_eq!(later.consistency(), Consistency::Single);
        // More reads than were announced: a state of their own, and said so.
        assert_eq!(seen(&reading).await, "1");
        assert_eq!(reading.consistency(), Consistency::Separate);
    }
}

#[tokio::test]
async fn a_reading_that_is_dropped_early_gives_its_connection_back() {
    let database = Database::new(&[]).await.with(|node| node.connections = 1);
    let pid = database.number("SELECT pg_backend_pid()").await;
    let reading = database.connector.reading(streams(3));
    assert_eq!(count(reading.open(series(10)).await.unwrap()).await.unwrap(), 10);
    drop(reading);
    assert_eq!(database.number("SELECT pg_backend_pid()").await, pid);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' \
                AND datname = current_database()";
    assert_eq!(database.number(open).await, 0);
}

#[tokio::test]
async fn a_dropped_stream_is_cancelled_within_a_second() {
    let database = Database::new(&[]).await;
    let watch = database.with(|_| {});
    let endless = query(
        "SELECT generate_series(1, 1e12::int8), 'mark-a'",
        &[("n", Type::BigInt), ("mark", Type::Text)],
    );
    let mut rows = database.connector.reading(streams(1)).open(endless).await.unwrap();
    rows.next().await.unwrap().unwrap();
    assert_eq!(running(&watch, "mark-a").await, 1);
    drop(rows);
    gone_within(&watch, "mark-a", Duration::from_secs(1)).await;
    assert_eq!(database.number("SELECT 1").await, 1);
}

#[tokio::test]
async fn an_opening_that_is_given_up_is_cancelled_too() {
    let database = Database::new(&[]).await;
    let watch = database.with(|_| {});
    let slow = query("SELECT count(*) FROM (SELECT pg_sleep(60), 'mark-b') s", N);
    let reading = database.connector.reading(streams(1));
    let opening = async { count(reading.open(slow).await?).await };
    assert!(tokio::time::timeout(Duration::from_millis(300), opening).await.is_err());
    gone_within(&watch, "mark-b", Duration::from_secs(1)).await;
}

#[tokio::test]
async fn the_other_reads_go_on_when_one_of_them_is_dropped() {
    let database = Database::new(&["CREATE TABLE t (n bigint)"]).await;
    let one = database.with(|node| node.connections = 1);
    let reading = one.connector.reading(streams(3));
    let mut dropped = reading.open(series(1_000_000_000)).await.unwrap();
    dropped.next().await.unwrap().unwrap();
    database.run(&["INSERT INTO t VALUES (1)"]).await;
    drop(dropped);
    assert_eq!(seen(&reading).await, "0", "still the first snapshot");
    assert_eq!(seen(&reading).await, "0");
    assert_eq!(reading.consistency(), Consistency::Snapshot);
    assert_eq!(one.number("SELECT 1").await, 1);
}

/// A short answer may have ended on the server when its reader leaves, or be about to.
#[tokio::test]
async fn the_other_reads_go_on_when_one_of_them_is_dropped_at_its_end() {
    let database = Database::new(&["CREATE TABLE t (n bigint)"]).await;
    let one = database.with(|node| node.connections = 1);
    for _ in 0..30 {
        let reading = one.connector.reading(streams(3));
        let mut dropped = reading.open(series(1)).await.unwrap();
        dropped.next().await.unwrap().unwrap();
        drop(dropped);
        assert_eq!(seen(&reading).await, "0");
    }
}

#[tokio::test]
async fn a_long_answer_of_a_users_type_comes_whole() {
    let database = Database::new(&["CREATE TYPE mood AS ENUM ('sad', 'glad')"]).await;
    let sql = "SELECT 'sad'::public.mood, repeat('x', 1000) FROM generate_series(1, 20000)";
    let moods = query(sql, &[("mood", Type::Text), ("x", Type::Text)]);
    let rows = database.connector.reading(streams(1)).open(moods).await.unwrap();
    assert_eq!(count(rows).await.unwrap(), 20_000);
}

#[tokio::test]
async fn a_backend_that_is_killed_mid_stream_is_an_error() {
    let database = Database::new(&[]).await;
    let watch = database.with(|_| {});
    let endless = query(
        "SELECT generate_series(1, 1e12::int8), 'mark-c'",
        &[("n", Type::BigInt), ("mark", Type::Text)],
    );
    let mut rows = database.connector.reading(streams(1)).open(endless).await.unwrap();
    rows.next().await.unwrap().unwrap();
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE query LIKE '%mark-c%' AND pid <> pg_backend_pid()";
    assert_eq!(watch.number(kill).await, 1);
    let error = count(rows).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(database.number("SELECT 1").await, 1);
}

#[tokio::test]
async fn an_error_after_many_rows_is_an_error() {
    let database = Database::new(&[]).await;
    let late = query("SELECT 1 / (100000 - n) FROM generate_series(1, 100000) n", N);
    let error = database.fails(late).await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.to_string(), "node `eu`: division by zero [22012]");
    let misfit = query(
        "SELECT CASE n WHEN 99999 THEN 'NaN'::numeric ELSE 1 END FROM generate_series(1, 100000) n",
        N,
    );
    assert_eq!(database.fails(misfit).await.kind(), ErrorKind::Mismatch);
}

#[tokio::test]
async fn what_the_node_refuses_is_told_with_its_words() {
    let database = Database::new(&["CREATE TABLE t (a int)"]).await;
    let cases = [
        ("SELECT * FROM public.nowhere", ErrorKind::Mismatch, "\"public.nowhere\" does not exist"),
        ("SELECT nothing FROM public.t", ErrorKind::Mismatch, "\"nothing\" does not exist"),
        ("SELECT * FROM gone.t", ErrorKind::Mismatch, "\"gone.t\" does not exist"),
        ("SELEC 1", ErrorKind::Refused, "syntax error"),
    ];
    for (sql, kind, expected) in cases {
        let error = database.fails(query(sql, N)).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(expected), "{error}");
        assert_eq!(database.number("SELECT 1").await, 1);
    }
}

#[tokio::test]
async fn a_consumer_that_is_slow_holds_the_server_back() {
    let database = Database::new(&[]).await;
    let watch = database.with(|_| {});
    let wide = "SELECT repeat('y', 100000) || n, 'mark-d' FROM generate_series(1, 10000) n";
    let columns = [("v", Type::Text), ("mark", Type::Text)];
    let mut rows =
        database.connector.reading(streams(1)).open(query(wide, &columns)).await.unwrap();
    rows.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(running(&watch, "mark-d").await, 1, "it waits for its consumer");
    assert!(rows.bytes() < 100_000_000, "{} bytes were read ahead", rows.bytes());
}
