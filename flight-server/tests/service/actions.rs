//! Actions: sessions and their options, stopping, keeping, and what is not served.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use arrow::datatypes::{DataType, Schema};
use arrow_flight::{
    Action, CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightDescriptor,
    FlightEndpoint, FlightInfo, IpcMessage, RenewFlightEndpointRequest,
    flight_service_client::FlightServiceClient,
    sql::{
        ActionBeginTransactionRequest, ActionCancelQueryRequest, ActionCancelQueryResult, Any,
        ProstMessageExt,
    },
};
use bytes::Bytes;
use futures::TryStreamExt;
use intarsia_engine::{Part, Scans};
use intarsia_flight_server::{
    observe::{Begun, Finished, Nothing, Observer, Watch},
    service::Options,
};
use prost::Message;
use tonic::{Code, Request, Status, transport::Channel};

use crate::support::{Running, csv, fetch, serve, serve_with, status};

type Raw = FlightServiceClient<Channel>;

/// The value of an option, as `Flight.proto` has it.
#[derive(Clone, PartialEq, prost::Message)]
struct OptionValue {
    #[prost(oneof = "Value", tags = "1, 2")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Value {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
}

/// Both SetSessionOptionsRequest and GetSessionOptionsResult.
#[derive(Clone, PartialEq, prost::Message)]
struct SessionOptions {
    #[prost(map = "string, message", tag = "1")]
    options: HashMap<String, OptionValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SetResult {
    #[prost(map = "string, message", tag = "1")]
    errors: HashMap<String, OptionError>,
}

/// 1 is INVALID_NAME, 2 is INVALID_VALUE.
#[derive(Clone, PartialEq, prost::Message)]
struct OptionError {
    #[prost(int32, tag = "1")]
    value: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct CloseResult {
    #[prost(int32, tag = "1")]
    status: i32,
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

async fn act(client: &mut Raw, name: &str, body: Vec<u8>) -> Result<Vec<u8>, Status> {
    let mut results = client.do_action(Action::new(name, body)).await?.into_inner();
    Ok(results.message().await?.map(|result| result.body.to_vec()).unwrap_or_default())
}

/// Sets options, and gives what is wrong with them.
async fn set(client: &mut Raw, options: &[(&str, Option<Value>)]) -> HashMap<String, i32> {
    let options = options.iter().cloned();
    let options = options.map(|(name, value)| (name.to_owned(), OptionValue { value })).collect();
    let body = SessionOptions { options }.encode_to_vec();
    let result = act(client, "SetSessionOptions", body).await.unwrap();
    let result = SetResult::decode(&*result).unwrap();
    result.errors.into_iter().map(|(name, error)| (name, error.value)).collect()
}

async fn options(client: &mut Raw) -> HashMap<String, Option<Value>> {
    let result = act(client, "GetSessionOptions", Vec::new()).await.unwrap();
    let options = SessionOptions::decode(&*result).unwrap().options;
    options.into_iter().map(|(name, value)| (name, value.value)).collect()
}

async fn info(client: &mut Raw, sql: &str) -> Result<FlightInfo, Status> {
    let descriptor = FlightDescriptor::new_cmd(sql.to_owned());
    Ok(client.get_flight_info(descriptor).await?.into_inner())
}

async fn rows(client: &mut Raw, sql: &str) -> Result<String, Status> {
    let info = info(client, sql).await?;
    let mut reader =
        arrow_flight::sql::client::FlightSqlServiceClient::new_from_inner(client.clone());
    Ok(csv(&fetch(&mut reader, &info).await?))
}

#[tokio::test]
async fn list_actions_tells_what_is_served() {
    let server = serve().await;
    let listed = server.raw().await.list_actions(arrow_flight::Empty {}).await.unwrap();
    let listed: Vec<_> = listed.into_inner().try_collect().await.unwrap();
    let names: Vec<_> = listed.iter().map(|action| action.r#type.as_str()).collect();
    assert_eq!(
        names,
        [
            "CreatePreparedStatement",
            "ClosePreparedStatement",
            "CancelFlightInfo",
            "CancelQuery",
            "RenewFlightEndpoint",
            "SetSessionOptions",
            "GetSessionOptions",
            "CloseSession",
        ]
    );
    assert!(listed.iter().all(|action| !action.description.is_empty()));
}

/// ADBC's options `catalog` and `schema`, JDBC's `catalog=`; DBeaver sets what it does not know, too.
#[tokio::test]
async fn options_are_set_told_and_taken_back() {
    let server = serve().await;
    let mut client = server.raw().await;
    let before = options(&mut client).await;
    assert_eq!(before["catalog"], text("intarsia"));
    assert_eq!(before["schema"], text("public"));
    assert_eq!(before["intarsia.statement_timeout"], text("unlimited"));
    assert_eq!(server.service.sessions(), 0, "asking opens no session");
    let wrong = set(
        &mut client,
        &[
            ("catalog", text("intarsia")),
            ("schema", text("sales")),
            ("intarsia.statement_timeout", text("5min")),
            ("intarsia.memory", text("lots")),
            ("catalog_of_others", text("x")),
            ("intarsia.nonsense", text("x")),
        ],
    )
    .await;
    let expected = [("intarsia.memory", 2), ("catalog_of_others", 1), ("intarsia.nonsense", 1)];
    assert_eq!(wrong, expected.map(|(name, error)| (name.to_owned(), error)).into());
    let after = options(&mut client).await;
    assert_eq!(after["intarsia.statement_timeout"], text("5min"));
    assert_eq!(rows(&mut client, "SELECT code FROM odd_name").await.unwrap(), "7\n");
    assert_eq!(server.service.sessions(), 1);
    let none = [("schema", None), ("intarsia.statement_timeout", None)];
    assert!(set(&mut client, &none).await.is_empty());
    assert_eq!(options(&mut client).await, before);
    for (name, value) in [("catalog", "other"), ("schema", "nowhere"), ("intarsia.types", "odd")] {
        assert_eq!(set(&mut client, &[(name, text(value))]).await, [(name.to_owned(), 2)].into());
    }
}

/// A session is known by the connection where a client keeps neither a cookie nor a token.
#[tokio::test]
async fn a_session_is_its_clients_own() {
    let server = serve().await;
    let (mut one, mut other) = (server.raw().await, server.raw().await);
    set(&mut one, &[("intarsia.statement_timeout", text("5min"))]).await;
    assert_eq!(options(&mut one).await["intarsia.statement_timeout"], text("5min"));
    assert_eq!(options(&mut other).await["intarsia.statement_timeout"], text("unlimited"));
}

/// JDBC and ODBC keep cookies, and are known by theirs on every connection.
#[tokio::test]
async fn a_cookie_is_known_on_another_connection() {
    let server = serve().await;
    let options = [("schema".to_owned(), OptionValue { value: text("sales") })].into();
    let body = SessionOptions { options }.encode_to_vec();
    let action = Action::new("SetSessionOptions", body);
    let response = server.raw().await.do_action(action).await.unwrap();
    let cookie = response.metadata().get("set-cookie").unwrap().to_str().unwrap().to_owned();
    assert!(cookie.starts_with("arrow_flight_session_id="), "{cookie}");
    let pair = cookie.split(';').next().unwrap().parse().unwrap();
    let mut request = Request::new(FlightDescriptor::new_cmd("SELECT code FROM odd_name"));
    request.metadata_mut().insert("cookie", pair);
    let answer = server.raw().await.get_flight_info(request).await.unwrap();
    assert!(answer.metadata().get("set-cookie").is_none(), "it has it already");
}

#[tokio::test]
async fn a_closed_session_is_forgotten_and_closing_none_is_no_error() {
    let server = serve().await;
    let mut client = server.raw().await;
    set(&mut client, &[("schema", text("sales"))]).await;
    for _ in 0..2 {
        let result = act(&mut client, "CloseSession", Vec::new()).await.unwrap();
        assert_eq!(CloseResult::decode(&*result).unwrap().status, 1);
        assert_eq!(server.service.sessions(), 0);
    }
    assert_eq!(options(&mut client).await["schema"], text("public"));
}

#[tokio::test]
async fn sessions_are_bounded_and_expire() {
    let idle = Duration::from_millis(700);
    let server =
        serve_with(Options { sessions: 2, session_idle: idle, ..Options::default() }).await;
    let mut clients = Vec::new();
    for _ in 0..2 {
        let mut client = server.raw().await;
        set(&mut client, &[("schema", text("sales"))]).await;
        clients.push(client);
    }
    options(&mut clients[0]).await;
    let mut third = server.raw().await;
    let body = SessionOptions::default().encode_to_vec();
    act(&mut third, "SetSessionOptions", body.clone()).await.unwrap();
    assert_eq!(server.service.sessions(), 2);
    assert_eq!(options(&mut clients[0]).await["schema"], text("sales"));
    assert_eq!(options(&mut clients[1]).await["schema"], text("public"), "the longest unused");
    tokio::time::sleep(idle * 2).await;
    act(&mut third, "SetSessionOptions", body).await.unwrap();
    assert_eq!(server.service.sessions(), 1);
}

/// Longer than a session lives unused: what is asked next is not asked in another schema.
#[tokio::test]
async fn a_session_lives_for_as_long_as_a_statement_of_it_runs() {
    let idle = Duration::from_millis(200);
    let server = serve_with(Options { session_idle: idle, ..Options::default() }).await;
    let mut client = server.raw().await;
    set(&mut client, &[("schema", text("sales"))]).await;
    let long = info(&mut client, "SELECT value FROM generate_series(1, 1000000000)").await.unwrap();
    let ticket = long.endpoint[0].ticket.clone().unwrap();
    let mut messages = client.do_get(ticket).await.unwrap().into_inner();
    messages.message().await.unwrap();
    tokio::time::sleep(idle * 3).await;
    set_options_of_another(&server).await;
    assert_eq!(server.service.sessions(), 2);
    assert_eq!(rows(&mut client, "SELECT code FROM odd_name").await.unwrap(), "7\n");
    drop(messages);
}

/// A cookie of a session that has ended, as after a restart of the server.
const LOST: &str = "arrow_flight_session_id=0123456789abcdef0123456789abcdef";

fn with_cookie<T>(message: T, cookie: &'static str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("cookie", cookie.parse().unwrap());
    request
}

/// JDBC and ODBC heed the header; Go's drivers do not where a stream fails, and go on with the cookie.
#[tokio::test]
async fn whoever_comes_with_the_cookie_of_a_session_that_has_ended_is_told_once() {
    let server = serve().await;
    let mut client = server.raw().await;
    let sql = "SELECT id FROM customers WHERE id = 1";
    let ask = || with_cookie(FlightDescriptor::new_cmd(sql), LOST);
    let taken_back = "arrow_flight_session_id=; Path=/; Max-Age=0";
    let told = client.get_flight_info(ask()).await.unwrap_err();
    assert_eq!(told.code(), Code::FailedPrecondition, "{told}");
    assert!(told.message().contains("the session has ended"), "{told}");
    assert_eq!(told.metadata().get("set-cookie").unwrap(), taken_back);
    assert!(told.metadata().get("intarsia-query-id").is_some());
    let answer = client.get_flight_info(ask()).await.unwrap();
    assert_eq!(answer.metadata().get("set-cookie").unwrap(), taken_back);
    let action = || {
        let body = SessionOptions::default().encode_to_vec();
        with_cookie(Action::new("SetSessionOptions", body), "arrow_flight_session_id=other")
    };
    let told = client.do_action(action()).await.unwrap_err();
    assert_eq!(told.code(), Code::FailedPrecondition, "{told}");
    let answer = client.do_action(action()).await.unwrap();
    assert!(answer.metadata().get("set-cookie").unwrap().to_str().unwrap().contains("HttpOnly"));
}

/// A statement that was planned in the session needs it no more.
#[tokio::test]
async fn a_ticket_and_the_end_of_a_session_need_none() {
    let server = serve().await;
    let mut client = server.raw().await;
    let info = info(&mut client, "SELECT 1").await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    client.do_get(with_cookie(ticket, LOST)).await.unwrap();
    client.do_action(with_cookie(Action::new("CloseSession", ""), LOST)).await.unwrap();
    client.do_action(with_cookie(Action::new("GetSessionOptions", ""), LOST)).await.unwrap();
}

/// Our own client loses its settings and is told so, and goes on.
#[tokio::test]
async fn our_client_goes_on_after_its_session_has_ended() {
    let idle = Duration::from_millis(100);
    let server = serve_with(Options { session_idle: idle, ..Options::default() }).await;
    let client = intarsia_flight_server::client::Client::connect(&server.url()).await.unwrap();
    let ask = async |sql: &str| {
        let answer = client.query(sql).await?;
        answer.try_collect::<Vec<_>>().await.map(|batches| csv(&batches))
    };
    let (set, show) = ("SET intarsia.query_memory = '1MB'", "SHOW intarsia.query_memory");
    ask(set).await.unwrap();
    assert_eq!(ask(show).await.unwrap(), "intarsia.query_memory,1MB\n");
    tokio::time::sleep(idle * 3).await;
    set_options_of_another(&server).await;
    let told = ask(show).await.unwrap_err().to_string();
    assert!(told.contains("the session has ended"), "{told}");
    assert_eq!(ask(show).await.unwrap(), "intarsia.query_memory,unlimited\n");
    ask(set).await.unwrap();
    assert_eq!(ask(show).await.unwrap(), "intarsia.query_memory,1MB\n");
}

/// Whoever opens a session makes those go that are over.
async fn set_options_of_another(server: &Running) {
    set(&mut server.raw().await, &[("schema", text("sales"))]).await;
}

/// Notes what sessions are called.
#[derive(Debug, Default, Clone)]
struct Names(Arc<Mutex<Vec<Option<String>>>>);

impl Observer for Names {
    fn query(&self, begun: &Begun<'_>) -> Box<dyn Watch> {
        self.0.lock().unwrap().push(begun.session.map(str::to_owned));
        Box::new(Nothing)
    }
}

/// Who reads the log knows which queries are of one session, and does not get into it.
#[tokio::test]
async fn a_session_is_not_called_by_its_cookie() {
    let names = Names::default();
    let observer = Arc::new(names.clone());
    let server = serve_with(Options { observer, ..Options::default() }).await;
    let mut client = server.raw().await;
    let action = Action::new("SetSessionOptions", SessionOptions::default().encode_to_vec());
    let response = client.do_action(action).await.unwrap();
    let cookie = response.metadata().get("set-cookie").unwrap().to_str().unwrap().to_owned();
    for _ in 0..2 {
        rows(&mut client, "SELECT 1").await.unwrap();
    }
    let names = names.0.lock().unwrap().clone();
    let name = names[0].clone().unwrap();
    assert_eq!(names, [Some(name.clone()), Some(name.clone())]);
    assert!(name.len() == 32 && !cookie.contains(&name), "{cookie}");
}

/// The engine's own types, views among them, for whom reads them.
#[tokio::test]
async fn a_session_may_ask_for_the_engines_own_types() {
    let server = serve().await;
    let mut client = server.raw().await;
    let ty = async |client: &mut Raw| {
        let info = info(client, "SELECT arrow_cast('a', 'Utf8View')").await.unwrap();
        Schema::try_from(IpcMessage(info.schema)).unwrap().field(0).data_type().clone()
    };
    assert_eq!(ty(&mut client).await, DataType::Utf8);
    set(&mut client, &[("intarsia.types", text("native"))]).await;
    assert_eq!(ty(&mut client).await, DataType::Utf8View);
}

/// ADBC's execute_partitions: one endpoint a fragment, each read on a connection of its own, all of one plan.
#[tokio::test]
async fn a_session_may_ask_for_several_endpoints() {
    let server = serve().await;
    let mut client = server.raw().await;
    let sql = "SELECT id FROM customers WHERE id > 0";
    assert_eq!(info(&mut client, sql).await.unwrap().endpoint.len(), 1);
    set(&mut client, &[("intarsia.partitions", Some(Value::Bool(true)))]).await;
    let info = info(&mut client, sql).await.unwrap();
    assert_eq!(info.endpoint.len(), 2, "one for each of the table's nodes");
    let mut parts = Vec::new();
    for endpoint in info.endpoint.iter().rev() {
        let ticket = endpoint.ticket.clone().unwrap();
        let mut client = server.client().await;
        parts.push(csv(&crate::support::rows(&mut client, ticket.clone()).await.unwrap()));
        let again = crate::support::rows(&mut client, ticket).await.unwrap_err();
        assert_eq!(again.code(), Code::FailedPrecondition, "{again}");
    }
    parts.sort();
    assert_eq!(parts, ["1\n2\n", "3\n"]);
}

/// Once their tickets are given, parts are kept for as long as any statement, whatever others ask meanwhile.
#[tokio::test]
async fn parts_are_kept_until_they_are_read() {
    let server = serve().await;
    let mut client = server.raw().await;
    set(&mut client, &[("intarsia.partitions", Some(Value::Bool(true)))]).await;
    let parted = info(&mut client, "SELECT id FROM customers").await.unwrap();
    let mut other = server.raw().await;
    for _ in 0..300 {
        info(&mut other, "SELECT 1").await.unwrap();
    }
    let rows = fetch(&mut server.client().await, &parted).await.unwrap();
    assert_eq!(rows.iter().map(|batch| batch.num_rows()).sum::<usize>(), 3);
}

/// Notes what each part has read of its nodes.
#[derive(Debug, Default, Clone)]
struct Reads(Arc<Mutex<Vec<(String, u64)>>>);

impl Observer for Reads {
    fn query(&self, _: &Begun<'_>) -> Box<dyn Watch> {
        Box::new(Followed { reads: self.clone(), scans: None })
    }
}

struct Followed {
    reads: Reads,
    scans: Option<Scans>,
}

impl Watch for Followed {
    fn part(&mut self, part: &Part) {
        self.scans = Some(part.scans());
    }

    fn finished(self: Box<Self>, _: &Finished) {
        let scans = self.scans.map(|scans| scans.read()).unwrap_or_default();
        self.reads.0.lock().unwrap().extend(scans.into_iter().map(|scan| (scan.node, scan.rows)));
    }
}

#[tokio::test]
async fn what_each_part_reads_is_counted_once() {
    let reads = Reads::default();
    let observer = Arc::new(reads.clone());
    let server = serve_with(Options { observer, ..Options::default() }).await;
    let mut client = server.raw().await;
    set(&mut client, &[("intarsia.partitions", Some(Value::Bool(true)))]).await;
    rows(&mut client, "SELECT id FROM customers").await.unwrap();
    let mut reads = reads.0.lock().unwrap().clone();
    reads.sort();
    assert_eq!(reads, [("eu".to_owned(), 2), ("us".to_owned(), 1)]);
}

/// A user who never reads the parts that were asked for gets whole answers after a while, and loses none.
#[tokio::test]
async fn answers_in_parts_that_nobody_reads_are_bounded() {
    let server = serve().await;
    let mut client = server.raw().await;
    set(&mut client, &[("intarsia.partitions", Some(Value::Bool(true)))]).await;
    let sql = "SELECT id FROM customers";
    let mut infos = Vec::new();
    for _ in 0..65 {
        infos.push(info(&mut client, sql).await.unwrap());
    }
    let endpoints: Vec<_> = infos.iter().map(|info| info.endpoint.len()).collect();
    assert_eq!(endpoints, [vec![2; 64], vec![1]].concat());
    let mut reader = server.client().await;
    for info in [&infos[64], &infos[0]] {
        let rows = fetch(&mut reader, info).await.unwrap();
        assert_eq!(rows.iter().map(|batch| batch.num_rows()).sum::<usize>(), 3);
    }
    assert_eq!(info(&mut client, sql).await.unwrap().endpoint.len(), 2, "there is room again");
}

/// What brings the rows of fragments together is one endpoint.
#[tokio::test]
async fn an_answer_in_order_or_of_a_join_is_one_endpoint() {
    let server = serve().await;
    let mut client = server.raw().await;
    set(&mut client, &[("intarsia.partitions", Some(Value::Bool(true)))]).await;
    for (sql, answer) in [
        ("SELECT id FROM customers ORDER BY id", "1\n2\n3\n"),
        ("SELECT id FROM customers ORDER BY id DESC LIMIT 2", "3\n2\n"),
        ("SELECT count(*) FROM customers", "3\n"),
        ("SELECT region FROM customers GROUP BY region HAVING count(*) > 1", "EU\n"),
        (
            "SELECT o.id FROM customers c JOIN orders o ON c.id = o.customer_id WHERE c.id = 1",
            "10\n",
        ),
    ] {
        assert_eq!(info(&mut client, sql).await.unwrap().endpoint.len(), 1, "{sql}");
        assert_eq!(rows(&mut client, sql).await.unwrap(), answer, "{sql}");
    }
}

#[tokio::test]
async fn a_cancelled_statement_is_gone() {
    let server = serve().await;
    let mut client = server.raw().await;
    for old in [false, true] {
        let info = info(&mut client, "SELECT 1").await.unwrap();
        let request = CancelFlightInfoRequest { info: Some(info.clone()) }.encode_to_vec();
        let status = match old {
            true => {
                let info = info.encode_to_vec().into();
                let body = ActionCancelQueryRequest { info }.as_any().encode_to_vec();
                let result = act(&mut client, "CancelQuery", body).await.unwrap();
                let any = Any::decode(&*result).unwrap();
                any.unpack::<ActionCancelQueryResult>().unwrap().unwrap().result
            }
            false => {
                let result = act(&mut client, "CancelFlightInfo", request.clone()).await.unwrap();
                CancelFlightInfoResult::decode(&*result).unwrap().status
            }
        };
        assert_eq!(status, i32::from(CancelStatus::Cancelled));
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        let gone = client.do_get(ticket).await.unwrap_err();
        assert_eq!(gone.code(), Code::NotFound);
        let again = act(&mut client, "CancelFlightInfo", request).await.unwrap_err();
        assert_eq!(again.code(), Code::NotFound);
    }
}

#[tokio::test]
async fn statements_are_bounded_and_expire_unless_renewed() {
    let idle = Duration::from_millis(400);
    let options = Options { statements: 3, statement_idle: idle, ..Options::default() };
    let server = serve_with(options).await;
    let mut client = server.raw().await;
    let mut infos = Vec::new();
    for _ in 0..5 {
        infos.push(info(&mut client, "SELECT 1").await.unwrap());
    }
    assert_eq!(server.service.statements(), 3);
    let ticket = |info: &FlightInfo| info.endpoint[0].ticket.clone().unwrap();
    assert_eq!(client.do_get(ticket(&infos[0])).await.unwrap_err().code(), Code::NotFound);
    client.do_get(ticket(&infos[2])).await.unwrap();
    tokio::time::sleep(idle / 2).await;
    let endpoint = Some(infos[3].endpoint[0].clone());
    let renewal = RenewFlightEndpointRequest { endpoint }.encode_to_vec();
    let renewed = act(&mut client, "RenewFlightEndpoint", renewal).await.unwrap();
    assert!(FlightEndpoint::decode(&*renewed).unwrap().expiration_time.is_some());
    tokio::time::sleep(idle * 3 / 4).await;
    client.do_get(ticket(&infos[3])).await.unwrap();
    assert_eq!(client.do_get(ticket(&infos[4])).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn prepared_statements_are_bounded_and_expire() {
    let idle = Duration::from_millis(300);
    let options = Options { statements: 2, prepared_idle: idle, ..Options::default() };
    let server = serve_with(options).await;
    let mut client = server.client().await;
    let mut prepared = Vec::new();
    for _ in 0..3 {
        prepared.push(client.prepare("SELECT 1".to_owned(), None).await.unwrap());
    }
    assert_eq!(server.service.prepared(), 2);
    prepared[2].execute().await.unwrap();
    assert_eq!(status(prepared[0].execute().await.unwrap_err()).code(), Code::NotFound);
    tokio::time::sleep(idle * 2).await;
    assert_eq!(status(prepared[2].execute().await.unwrap_err()).code(), Code::NotFound);
}

/// Python with autocommit=False, and whoever sends Substrait, are told so clearly.
#[tokio::test]
async fn what_is_not_served_says_so() {
    let server = serve().await;
    let mut client = server.raw().await;
    let begin = ActionBeginTransactionRequest {}.as_any().encode_to_vec();
    for name in [
        "BeginTransaction",
        "EndTransaction",
        "BeginSavepoint",
        "EndSavepoint",
        "CreatePreparedSubstraitPlan",
        "Anything",
    ] {
        let refused = act(&mut client, name, begin.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unimplemented, "{name}");
        assert!(refused.message().contains(name), "{refused}");
    }
}

/// Nobody begins one here, so that what names one is meant for another server.
#[tokio::test]
async fn statements_of_a_transaction_are_refused() {
    let server = serve().await;
    let mut client = server.client().await;
    let (sql, id) = ("SELECT 1".to_owned(), Some(Bytes::from("t1")));
    let refused = [
        client.execute(sql.clone(), id.clone()).await.map(drop).unwrap_err(),
        client.execute_update(sql.clone(), id.clone()).await.map(drop).unwrap_err(),
        client.prepare(sql, id).await.map(drop).unwrap_err(),
    ];
    for status in refused.map(status) {
        assert_eq!(status.code(), Code::Unimplemented, "{status}");
        assert!(status.message().contains("transactions are not served"), "{status}");
    }
}

/// ADBC's incremental execution.
#[tokio::test]
async fn polling_tells_when_the_answer_is_ready() {
    let server = serve().await;
    let mut client = server.raw().await;
    let descriptor = FlightDescriptor::new_cmd("SELECT 42");
    let polled = client.poll_flight_info(descriptor).await.unwrap().into_inner();
    assert!(polled.flight_descriptor.is_none(), "nothing more to poll");
    assert_eq!(polled.progress, Some(1.0));
    let mut reader = server.client().await;
    assert_eq!(csv(&fetch(&mut reader, &polled.info.unwrap()).await.unwrap()), "42\n");
}

#[tokio::test]
async fn there_are_no_flights_to_list() {
    let server = serve().await;
    let criteria = arrow_flight::Criteria::default();
    let flights = server.raw().await.list_flights(criteria).await.unwrap().into_inner();
    assert!(flights.try_collect::<Vec<_>>().await.unwrap().is_empty());
}
