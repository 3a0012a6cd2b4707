//! Many clients at once, each with small queries over both nodes.

use std::time::{Duration, Instant};

use futures::future::try_join_all;
use tokio::task::JoinSet;

use crate::client::{connect, one};

/// Clients, each on a connection of its own.
const CLIENTS: usize = 100;
/// Queries of each, one after another.
const QUERIES: usize = 10;

/// Asks, and prints how long it took; an error stops the benchmark.
pub(crate) async fn ask(url: &str) {
    let clients = try_join_all((0..CLIENTS).map(|_| connect(url))).await.unwrap();
    let started = Instant::now();
    let asked = clients.into_iter().enumerate().map(|(number, client)| async move {
        let mut times = Vec::new();
        for query in 0..QUERIES {
            let sql = format!(
                "SELECT kind, count(*), sum(amount) FROM events WHERE kind <> {} GROUP BY kind",
                (number * QUERIES + query) % 100
            );
            let asked = Instant::now();
            assert_eq!(one(client.clone(), sql).await.0, 99);
            times.push(asked.elapsed());
        }
        times
    });
    let mut times: Vec<Duration> = asked.collect::<JoinSet<_>>().join_all().await.concat();
    let time = started.elapsed();
    times.sort();
    println!(
        "{CLIENTS} clients, {} queries in {time:.1?} without an error; an answer took {:.0?} (median), {:.0?} (99 of 100)",
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
}
