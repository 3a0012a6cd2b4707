//! Queries that end before they are through: in time, when told to, and when nobody listens. Whatever they were doing
//! then has ended a second later, and never kept others waiting.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use arrow_flight::{
    Action, CancelFlightInfoRequest, FlightData, FlightDescriptor, FlightInfo, Ticket,
    flight_service_client::FlightServiceClient,
};
use futures::TryStreamExt;
use intarsia_flight_server::{
    observe::{Begun, Finished, Nothing, Observer, Watch},
    service::Options,
};
use prost::Message;
use tonic::{Code, Request, Status, Streaming, transport::Channel};

use crate::support::{Running, csv, fetch, serve_with};

/// How long what has ended may take to be gone.
const SOON: Duration = Duration::from_secs(1);

/// Hours of work between few rows or before the first, over local rows and over those of nodes.
const ENDLESS: [&str; 7] = [
    "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b",
    "SELECT count(*) FROM generate_series(1, 300000) a(x) JOIN generate_series(1, 300000) b(y) ON a.x % 3 = b.y % 3",
    "SELECT count(*) FROM customers, generate_series(1, 100000) a, generate_series(1, 1000000) b",
    "SELECT max(x) OVER (ORDER BY x) FROM (SELECT a.value * b.value % 7 AS x FROM generate_series(1, 100000) a, \
     generate_series(1, 100000) b)",
    "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a.value + b.value < 0",
    "SELECT count(*) FROM generate_series(1, 600000) a(x) JOIN generate_series(1, 600000) b(y) ON a.x % 3 = b.y % 3 AND \
     a.x + b.y < 0",
    "SELECT count(*) FROM generate_series(1, 600000) a(x) WHERE EXISTS (SELECT 1 FROM generate_series(1, 600000) b(y) \
     WHERE a.x % 3 = b.y % 3 AND a.x + b.y < 0)",
];

/// Notes how each query ended.
#[derive(Debug, Default, Clone)]
struct Ends(Arc<Mutex<Vec<Code>>>);

impl Observer for Ends {
    fn query(&self, begun: &Begun<'_>) -> Box<dyn Watch> {
        match begun.sql.contains("generate_series") {
            true => Box::new(self.clone()),
            false => Box::new(Nothing),
        }
    }
}

impl Watch for Ends {
    fn finished(self: Box<Self>, finished: &Finished) {
        self.0.lock().unwrap().push(finished.code);
    }
}

impl Ends {
    /// Waits until as many queries have ended.
    async fn wait(&self, count: usize) -> Vec<Code> {
        let since = Instant::now();
        loop {
            let ends = self.0.lock().unwrap().clone();
            if ends.len() >= count {
                return ends;
            }
            assert!(since.elapsed() < SOON, "{} of {count} have ended", ends.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A server with two threads for queries.
async fn serve() -> (Running, Ends) {
    let ends = Ends::default();
    let observer = Arc::new(ends.clone());
    let server = serve_with(Options { threads: 2, observer, ..Options::default() }).await;
    (server, ends)
}

type Raw = FlightServiceClient<Channel>;

async fn info(client: &mut Raw, sql: &str) -> FlightInfo {
    let descriptor = FlightDescriptor::new_cmd(sql.to_owned());
    client.get_flight_info(descriptor).await.unwrap().into_inner()
}

fn ticket(info: &FlightInfo) -> Ticket {
    info.endpoint[0].ticket.clone().unwrap()
}

/// A query that runs: its first message, the schema, is read.
async fn begun(client: &mut Raw, sql: &str) -> (FlightInfo, Streaming<FlightData>) {
    let info = info(client, sql).await;
    let mut messages = client.do_get(ticket(&info)).await.unwrap().into_inner();
    messages.message().await.unwrap();
    (info, messages)
}

/// Reads an answer to its end.
async fn read(client: &mut Raw, ticket: impl tonic::IntoRequest<Ticket>) -> Result<usize, Status> {
    let messages = client.do_get(ticket).await?.into_inner();
    Ok(messages.try_collect::<Vec<_>>().await?.len())
}

/// A short question, which others must not hold up.
async fn quick(server: &Running) {
    let since = Instant::now();
    let mut client = server.client().await;
    let info = client.execute("SELECT count(*) FROM customers".to_owned(), None).await.unwrap();
    assert_eq!(csv(&fetch(&mut client, &info).await.unwrap()), "3\n");
    assert!(since.elapsed() < SOON * 3, "{:?}", since.elapsed());
}

/// ADBC, ODBC and pyarrow send their timeouts so.
#[tokio::test]
async fn a_clients_deadline_ends_a_query() {
    let (server, ends) = serve().await;
    let mut client = server.raw().await;
    for (index, sql) in ENDLESS.into_iter().enumerate() {
        let info = info(&mut client, sql).await;
        let since = Instant::now();
        let mut request = Request::new(ticket(&info));
        request.metadata_mut().insert("grpc-timeout", "300m".parse().unwrap());
        let status = read(&mut client, request).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded, "{sql}: {status}");
        assert!(
            since.elapsed() < SOON + Duration::from_millis(300),
            "{sql}: {:?}",
            since.elapsed()
        );
        assert_eq!(ends.wait(index + 1).await[index], Code::DeadlineExceeded, "{sql}");
        quick(&server).await;
    }
}

/// JDBC's query timeout never reaches the server: it has one of its own.
#[tokio::test]
async fn the_sessions_own_timeout_ends_a_query() {
    let (server, ends) = serve().await;
    let mut client = server.client().await;
    let set = "SET intarsia.statement_timeout = '300ms'".to_owned();
    client.execute_update(set, None).await.unwrap();
    for (index, sql) in ENDLESS.into_iter().enumerate() {
        let info = client.execute(sql.to_owned(), None).await.unwrap();
        let since = Instant::now();
        let status = fetch(&mut client, &info).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded, "{sql}: {status}");
        assert!(
            since.elapsed() < SOON + Duration::from_millis(300),
            "{sql}: {:?}",
            since.elapsed()
        );
        ends.wait(index + 1).await;
    }
    quick(&server).await;
}

/// Every driver cancels so: it drops the stream.
#[tokio::test]
async fn a_dropped_stream_ends_its_query() {
    let (server, ends) = serve().await;
    for (index, sql) in ENDLESS.into_iter().enumerate() {
        let (_, messages) = begun(&mut server.raw().await, sql).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(messages);
        assert_eq!(ends.wait(index + 1).await[index], Code::Cancelled, "{sql}");
        quick(&server).await;
    }
}

/// A connection that breaks is as good as dropped streams, also of queries that have not begun.
#[tokio::test]
async fn a_dropped_connection_ends_its_queries() {
    let (server, ends) = serve().await;
    let mut client = server.raw().await;
    let mut streams = Vec::new();
    for sql in ENDLESS {
        let info = info(&mut client, sql).await;
        streams.push(client.do_get(ticket(&info)).await.unwrap().into_inner());
    }
    drop((client, streams));
    ends.wait(ENDLESS.len()).await;
    quick(&server).await;
}

#[tokio::test]
async fn a_query_is_cancelled_from_another_connection() {
    let (server, ends) = serve().await;
    for (index, sql) in ENDLESS.into_iter().enumerate() {
        let (info, messages) = begun(&mut server.raw().await, sql).await;
        let request = CancelFlightInfoRequest { info: Some(info) }.encode_to_vec();
        let action = Action::new("CancelFlightInfo", request);
        server.raw().await.do_action(action).await.unwrap();
        let status = messages.try_collect::<Vec<_>>().await.unwrap_err();
        assert_eq!(status.code(), Code::Cancelled, "never as if complete: {sql}");
        assert_eq!(ends.wait(index + 1).await[index], Code::Cancelled, "{sql}");
    }
}

/// Long after its statement would have been forgotten if nothing ran of it, and while others of the same user come.
#[tokio::test]
async fn a_query_can_be_cancelled_for_as_long_as_it_runs() {
    let ends = Ends::default();
    let idle = Duration::from_millis(100);
    let observer = Arc::new(ends.clone());
    let options = Options { observer, statement_idle: idle, statements: 2, ..Options::default() };
    let server = serve_with(options).await;
    let mut client = server.raw().await;
    let long = info(&mut client, ENDLESS[0]).await;
    let mut messages = client.do_get(ticket(&long)).await.unwrap().into_inner();
    messages.message().await.unwrap();
    for _ in 0..4 {
        tokio::time::sleep(idle).await;
        let other = info(&mut client, "SELECT 1").await;
        read(&mut client, ticket(&other)).await.unwrap();
    }
    let request = CancelFlightInfoRequest { info: Some(long) }.encode_to_vec();
    client.do_action(Action::new("CancelFlightInfo", request)).await.unwrap();
    let status = messages.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(status.code(), Code::Cancelled, "{status}");
    assert_eq!(ends.wait(1).await, [Code::Cancelled]);
}

/// What works for long without a row never holds up a short question, not even where there are more of it than threads.
#[tokio::test]
async fn long_queries_hold_nobody_up() {
    let (server, ends) = serve().await;
    let mut client = server.raw().await;
    let mut streams = Vec::new();
    for sql in ENDLESS {
        let info = info(&mut client, sql).await;
        streams.push(client.do_get(ticket(&info)).await.unwrap().into_inner());
    }
    for _ in 0..5 {
        quick(&server).await;
    }
    drop(streams);
    ends.wait(ENDLESS.len()).await;
}

/// A reader that never reads holds back its own query only, which does not run ahead of it.
#[tokio::test]
async fn a_reader_that_never_reads_holds_back_only_its_own_query() {
    let (server, ends) = serve().await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut client = server.raw().await;
        let sql = "SELECT value, repeat('x', 100) FROM generate_series(1, 1000000000)";
        let info = info(&mut client, sql).await;
        streams.push(client.do_get(ticket(&info)).await.unwrap().into_inner());
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    quick(&server).await;
    assert!(ends.0.lock().unwrap().is_empty(), "they wait");
    drop(streams);
    assert_eq!(ends.wait(4).await, [Code::Cancelled; 4]);
}

/// Each query that runs holds messages; what would be too many waits its turn, or is refused before it holds any.
#[tokio::test]
async fn what_is_too_much_at_once_waits_and_more_is_refused() {
    let server = serve_with(Options { running: 1, ..Options::default() }).await;
    let mut client = server.raw().await;
    let mut infos = Vec::new();
    for sql in [ENDLESS[0], "SELECT 1", "SELECT 2", "SELECT 3"] {
        infos.push(info(&mut client, sql).await);
    }
    let mut endless = client.do_get(ticket(&infos[0])).await.unwrap().into_inner();
    endless.message().await.unwrap();
    let mut hasty = Request::new(ticket(&infos[1]));
    hasty.metadata_mut().insert("grpc-timeout", "300m".parse().unwrap());
    let late = read(&mut client, hasty).await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded, "{late}");
    let mut patient = client.clone();
    let waits = patient.do_get(ticket(&infos[2])).await.unwrap().into_inner();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let refused = read(&mut client, ticket(&infos[3])).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
    drop(endless);
    assert_eq!(waits.try_collect::<Vec<_>>().await.unwrap().len(), 2);
}

/// A hundred clients of one user, each with a query.
#[tokio::test]
async fn many_clients_are_answered() {
    let (server, _) = serve().await;
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let mut client = server.client().await;
        clients.spawn(async move {
            let sql = "SELECT count(*) FROM customers".to_owned();
            let info = client.execute(sql, None).await.unwrap();
            csv(&fetch(&mut client, &info).await.unwrap())
        });
    }
    assert_eq!(clients.join_all().await, vec!["3\n"; 100]);
}

/// Planning has a deadline too.
#[tokio::test]
async fn a_deadline_ends_planning() {
    let (server, _) = serve().await;
    let columns: Vec<_> = (0..900).map(|n| format!("id + {n} AS c{n}")).collect();
    let sql = format!("SELECT {} FROM customers", columns.join(", "));
    let mut request = Request::new(FlightDescriptor::new_cmd(sql));
    request.metadata_mut().insert("grpc-timeout", "8m".parse().unwrap());
    let since = Instant::now();
    let status = server.raw().await.get_flight_info(request).await.unwrap_err();
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status}");
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
}

/// A statement that is planned for long, if not too long.
fn wide() -> FlightDescriptor {
    let columns: Vec<_> = (0..900).map(|n| format!("value + {n} AS c{n}")).collect();
    FlightDescriptor::new_cmd(format!("SELECT {} FROM generate_series(1, 2)", columns.join(", ")))
}

/// What ends before it is planned is a query all the same: it is in the log, and is not one whose rows nobody wants.
#[tokio::test]
async fn planning_that_is_cut_off_is_told() {
    let (server, ends) = serve().await;
    let mut request = Request::new(wide());
    request.metadata_mut().insert("grpc-timeout", "8m".parse().unwrap());
    server.raw().await.get_flight_info(request).await.unwrap_err();
    assert_eq!(ends.wait(1).await, [Code::DeadlineExceeded]);
    let mut client = server.raw().await;
    let planning = client.get_flight_info(wide());
    tokio::time::timeout(Duration::from_millis(10), planning).await.unwrap_err();
    assert_eq!(ends.wait(2).await[1], Code::Cancelled);
}

/// A SET by DoPut has no rows that anybody would fetch.
#[tokio::test]
async fn updates_are_told_when_they_are_done() {
    let (server, ends) = serve().await;
    let mut client = server.client().await;
    let set = "SET intarsia.query_memory = '1GB' /* generate_series */".to_owned();
    client.execute_update(set, None).await.unwrap();
    let wrong = "SELECT * FROM generate_series(1, 2)".to_owned();
    client.execute_update(wrong, None).await.unwrap_err();
    assert_eq!(ends.wait(2).await, [Code::Ok, Code::InvalidArgument]);
}
