//! Streams: stopped, interleaved, at the cap, in one snapshot.

use std::time::{Duration, Instant};

use arrow_array::{cast::AsArray, types::Int64Type};
use futures::{StreamExt, TryStreamExt};
use intarsia_catalog::Type;
use intarsia_connectors::{Batches, Consistency, Query, Reads, Result};
use tokio::time::timeout;

use crate::support::{File, ONCE, query};

/// 100,000 rows, so more than the batches that a stream holds ready.
const MANY: &str = "INSERT INTO t WITH RECURSIVE n(i) AS \
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n";

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY)";

fn ids() -> Query {
    query("SELECT id FROM t", &[("id", Type::BigInt)])
}

async fn count(batches: Batches) -> Result<usize> {
    batches.try_fold(0, async |rows, batch| Ok(rows + batch.num_rows())).await
}

/// Waits until every statement of the file's connector has ended.
async fn at_rest(file: &File) {
    timeout(Duration::from_secs(1), file.connector.settle()).await.expect("it still runs");
}

#[tokio::test]
async fn a_dropped_stream_stops_a_statement_that_has_no_end() {
    let file = File::new(&[]).await;
    for sql in [
        // Many rows, and none at all.
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0",
    ] {
        let reading = file.connector.reading(ONCE);
        let mut batches = reading.open(query(sql, &[("i", Type::BigInt)])).await.unwrap();
        let waited = timeout(Duration::from_millis(200), batches.next()).await;
        assert_eq!(waited.is_ok(), !sql.contains('<'), "{sql}");
        drop(batches);
        at_rest(&file).await;
    }
}

#[tokio::test]
async fn a_dropped_stream_stops_alone_on_a_shared_connection() {
    let file = File::with_connections(1, &[TABLE, MANY]).await;
    let reading = file.connector.reading(Reads { streams: 2, repeats: true });
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let mut stopped = reading.open(query(endless, &[("i", Type::BigInt)])).await.unwrap();
    let mut kept = reading.open(ids()).await.unwrap();
    stopped.next().await.unwrap().unwrap();
    let first = kept.next().await.unwrap().unwrap().num_rows();
    drop(stopped);
    assert_eq!(first + count(kept).await.unwrap(), 100_000);
    at_rest(&file).await;
}

#[tokio::test]
async fn one_connection_serves_all_streams_of_a_query() {
    for repeats in [false, true] {
        let file = File::with_connections(1, &[TABLE, MANY]).await;
        let reading = file.connector.reading(Reads { streams: 10, repeats });
        let mut streams = Vec::new();
        for _ in 0..10 {
            streams.push(reading.open(ids()).await.unwrap());
        }
        // One batch of each in turn, as a merge would take them.
        let mut rows = 0;
        while !streams.is_empty() {
            let mut left = Vec::new();
            for mut stream in streams {
                if let Some(batch) = stream.next().await {
                    rows += batch.unwrap().num_rows();
                    left.push(stream);
                }
            }
            streams = left;
        }
        assert_eq!(rows, 1_000_000);
    }
}

#[tokio::test]
async fn two_queries_take_turns_at_one_connection_though_one_is_not_read() {
    let file = File::with_connections(1, &[TABLE, MANY]).await;
    let (first, second) = (file.connector.reading(ONCE), file.connector.reading(ONCE));
    let mut unread = first.open(ids()).await.unwrap();
    let begun = unread.next().await.unwrap().unwrap().num_rows();
    let other = timeout(Duration::from_secs(20), second.open(ids())).await.unwrap().unwrap();
    assert_eq!(count(other).await.unwrap(), 100_000);
    assert_eq!(begun + count(unread).await.unwrap(), 100_000);
}

#[tokio::test]
async fn a_query_that_reads_twice_sees_one_state() {
    let file = File::new(&["PRAGMA journal_mode = WAL", TABLE, "INSERT INTO t VALUES (1)"]).await;
    let sums = query("SELECT count(*) AS n FROM t", &[("n", Type::BigInt)]);
    let read = async |reading: &std::sync::Arc<dyn intarsia_connectors::Reading>| {
        let batches: Vec<_> =
            reading.open(sums.clone()).await.unwrap().try_collect().await.unwrap();
        batches[0].column(0).as_primitive::<Int64Type>().value(0)
    };
    let twice = file.connector.reading(Reads { streams: 2, repeats: true });
    twice.prepare().await.unwrap();
    file.run(&["INSERT INTO t VALUES (2)"]).await;
    assert_eq!((read(&twice).await, twice.consistency()), (1, Consistency::Single));
    assert_eq!((read(&twice).await, twice.consistency()), (1, Consistency::Snapshot));
    let separate = file.connector.reading(Reads { streams: 2, repeats: false });
    assert_eq!(read(&separate).await, 2);
    file.run(&["INSERT INTO t VALUES (3)"]).await;
    assert_eq!((read(&separate).await, separate.consistency()), (3, Consistency::Separate));
}

#[tokio::test]
async fn a_reader_that_pauses_holds_the_statement_back() {
    let file = File::new(&[]).await;
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let reading = file.connector.reading(ONCE);
    let mut batches = reading.open(query(sql, &[("i", Type::BigInt)])).await.unwrap();
    batches.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ahead = batches.bytes();
    assert!(ahead <= 8 * 8192 * 5, "{ahead} bytes were read ahead");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(batches.bytes(), ahead);
}

#[tokio::test]
async fn five_million_rows_pass_through_little_memory() {
    let file = File::new(&[]).await;
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000) \
               SELECT i, 'a text of some length ' || i AS t FROM n";
    let reading = file.connector.reading(ONCE);
    let columns = [("i", Type::BigInt), ("t", Type::Text)];
    let batches = reading.open(query(sql, &columns)).await.unwrap();
    let before = resident();
    let (rows, most) = batches
        .try_fold((0, 0), async |(rows, most), batch| {
            Ok((rows + batch.num_rows(), resident().max(most)))
        })
        .await
        .unwrap();
    assert_eq!(rows, 5_000_000);
    let grown = most.saturating_sub(before);
    assert!(grown < 100 << 20, "{grown} bytes more");
}

/// Bytes of this process in memory, other tests' included.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).map_or(0, |p| p * 4096)
}

#[tokio::test]
async fn a_stream_ends_when_its_statement_does_and_frees_its_connection() {
    let file = File::with_connections(1, &[TABLE, MANY]).await;
    let started = Instant::now();
    for _ in 0..50 {
        let reading = file.connector.reading(ONCE);
        let few = query("SELECT id FROM t LIMIT 3", &[("id", Type::BigInt)]);
        assert_eq!(count(reading.open(few).await.unwrap()).await.unwrap(), 3);
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}
