//! How soon a server rests after a client has gone away from a query that would work for hours.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::{client::connect, process::Process};

/// How long each works before its client goes.
const WORKS: Duration = Duration::from_millis(500);
/// A server that works less than a fifth of this time rests.
const LOOK: Duration = Duration::from_millis(50);

const ENDLESS: [(&str, &str); 5] = [
    (
        "a cross join",
        "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b",
    ),
    (
        "a nested loop, no match",
        "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a.value + b.value < 0",
    ),
    (
        "a hash join",
        "SELECT count(*) FROM generate_series(1, 600000) a(x) JOIN generate_series(1, 600000) b(y) ON a.x % 3 = b.y % 3",
    ),
    (
        "a hash join, no match",
        "SELECT count(*) FROM generate_series(1, 600000) a(x) JOIN generate_series(1, 600000) b(y) ON a.x % 3 = b.y % 3 \
         AND a.x + b.y < 0",
    ),
    (
        "a sort",
        "SELECT max(x) OVER (ORDER BY x) FROM (SELECT a.value * b.value % 7 AS x FROM generate_series(1, 100000) a, \
         generate_series(1, 100000) b)",
    ),
];

/// Prints how long each took to end.
pub(crate) async fn ask(ours: &Process) {
    for (name, sql) in ENDLESS {
        let mut client = connect(ours.url()).await.unwrap();
        let info = client.execute(sql.to_owned(), None).await.unwrap();
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        let rows = client.do_get(ticket).await.unwrap();
        sleep(WORKS).await;
        let gone = Instant::now();
        drop((rows, client));
        let rests = rests(ours).await.duration_since(gone);
        println!("{name:<24} ended {:>4} ms after its client", rests.as_millis());
    }
}

/// Since when the server rests.
async fn rests(server: &Process) -> Instant {
    loop {
        let (before, since) = (server.cpu(), Instant::now());
        sleep(LOOK).await;
        if server.cpu() - before < LOOK / 5 {
            return since;
        }
    }
}
