//! What a client gets from the server: bytes a second beside a bare arrow-flight server that sends ready batches, the
//! memory that a long answer takes, many clients at once, and how soon the server rests when a client goes away.
//!
//! `cargo bench -p intarsia-flight-server --bench serving`
//!
//! Both servers are processes of their own, and answer the same client.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops if it cannot"
)]

mod bare;
mod client;
mod crowd;
mod process;
mod served;
mod stopping;

use std::{env, time::Duration};

use client::Reading;
use process::Process;

/// How often each server answers each number of clients.
const RUNS: usize = 5;
/// Rows of a run, of all clients together.
const ROWS: usize = 20_000_000;
/// Rows of the answer whose memory is measured.
const LONG: usize = 10_000_000;

#[tokio::main]
async fn main() {
    match env::args().nth(1).as_deref() {
        Some("ours") => served::serve().await,
        Some("bare") => bare::serve().await,
        _ => measure().await,
    }
}

async fn measure() {
    let (bare, ours) = (Process::start("bare"), Process::start("ours"));
    println!("{:<8} {:>28} {:>28} {:>6}", "clients", "bare, GB/s", "ours, GB/s", "ratio");
    for clients in [1, 4, 16] {
        let (mut bares, mut ourselves) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            bares.push(client::read(bare.url(), clients, ROWS).await);
            ourselves.push(client::read(ours.url(), clients, ROWS).await);
        }
        let (limit, rate) = (spread(&mut bares), spread(&mut ourselves));
        let ratio = rate.median / limit.median;
        println!("{clients:<8} {:>28} {:>28} {ratio:>6.2}", limit.text(), rate.text());
    }
    drop(bare);
    long(&ours).await;
    crowd::ask(ours.url()).await;
    stopping::ask(&ours).await;
}

/// Reads one long answer while the server's memory is watched.
async fn long(ours: &Process) {
    let before = ours.memory_mib();
    let reading = client::read(ours.url(), 1, LONG);
    let mut reading = std::pin::pin!(reading);
    let mut most = before;
    let reading = loop {
        tokio::select! {
            reading = &mut reading => break reading,
            () = tokio::time::sleep(Duration::from_millis(10)) => most = most.max(ours.memory_mib()),
        }
    };
    println!(
        "{} rows: {:.2} GB/s, the server's memory {before} MiB before and at most {most} MiB",
        reading.rows,
        reading.rate()
    );
}

/// Rates of several runs, in GB/s.
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn text(&self) -> String {
        format!("{:.2} ({:.2}-{:.2})", self.median, self.least, self.most)
    }
}

fn spread(readings: &mut [Reading]) -> Spread {
    readings.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    let rate = |at: usize| readings[at].rate();
    Spread { least: rate(0), median: rate(readings.len() / 2), most: rate(readings.len() - 1) }
}
