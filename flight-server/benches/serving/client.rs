//! The client of both servers.

use std::time::{Duration, Instant};

use arrow_flight::sql::client::FlightSqlServiceClient;
use futures::{TryStreamExt, future::try_join_all};
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

/// Bytes on the way before the reader has taken any; HTTP/2's own 64 KiB would be what is measured.
const WINDOW: u32 = 4 << 20;

/// What a run took.
pub(crate) struct Reading {
    pub(crate) rows: usize,
    bytes: usize,
    time: Duration,
}

impl Reading {
    /// In GB/s of values.
    pub(crate) fn rate(&self) -> f64 {
        let bytes = f64::from(u32::try_from(self.bytes >> 10).unwrap()) * 1024.0;
        bytes / 1e9 / self.time.as_secs_f64()
    }
}

/// So many rows of four columns.
pub(crate) fn query(rows: usize) -> String {
    format!("SELECT value AS a, value AS b, value AS c, value AS d FROM generate_series(1, {rows})")
}

/// Reads `rows` in all with so many clients at once, each on a connection of its own.
pub(crate) async fn read(url: &str, clients: usize, rows: usize) -> Reading {
    let connections = try_join_all((0..clients).map(|_| connect(url))).await.unwrap();
    let started = Instant::now();
    let readings = connections.into_iter().map(|client| one(client, query(rows / clients)));
    let answers = readings.collect::<JoinSet<_>>().join_all().await;
    let time = started.elapsed();
    let (rows, bytes) =
        answers.iter().fold((0, 0), |sum, answer| (sum.0 + answer.0, sum.1 + answer.1));
    Reading { rows, bytes, time }
}

/// A connection.
pub(crate) async fn connect(
    url: &str,
) -> Result<FlightSqlServiceClient<Channel>, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(url.to_owned())?
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW);
    Ok(FlightSqlServiceClient::new(endpoint.connect().await?))
}

/// Rows and bytes of one answer.
pub(crate) async fn one(
    mut client: FlightSqlServiceClient<Channel>,
    sql: String,
) -> (usize, usize) {
    let info = client.execute(sql, None).await.unwrap();
    let (mut rows, mut bytes) = (0, 0);
    for endpoint in info.endpoint {
        let mut batches = client.do_get(endpoint.ticket.unwrap()).await.unwrap();
        while let Some(batch) = batches.try_next().await.unwrap() {
            rows += batch.num_rows();
            bytes += batch.num_rows() * batch.num_columns() * size_of::<i64>();
        }
    }
    (rows, bytes)
}
