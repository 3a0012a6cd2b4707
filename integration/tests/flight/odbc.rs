//! What Arrow's ODBC driver sends, call by call, as its source has it: there is no released driver to run.

use arrow::{
    array::{AsArray, RecordBatch},
    compute::concat_batches,
    datatypes::Schema,
};
use arrow_flight::{
    Action, FlightDescriptor, FlightInfo, IpcMessage,
    decode::FlightRecordBatchStream,
    error::FlightError,
    flight_service_client::FlightServiceClient,
    sql::{
        ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest,
        ActionCreatePreparedStatementResult, Any, CommandGetCatalogs, CommandGetDbSchemas,
        CommandGetSqlInfo, CommandGetTableTypes, CommandGetTables, CommandGetXdbcTypeInfo,
        CommandPreparedStatementQuery, CommandStatementQuery, ProstMessageExt,
    },
};
use futures::{StreamExt, TryStreamExt};
use prost::Message;
use tonic::{Code, Request, metadata::MetadataMap, transport::Channel};

use crate::support::{PASSWORD, Server, USER, channel, token};

/// A connection of the driver: each call carries the token of the handshake, and properties that it does not know as
/// headers in lower case.
struct Odbc {
    protocol: FlightServiceClient<Channel>,
    headers: MetadataMap,
    _server: Server,
}

impl Odbc {
    /// SQLConnect.
    async fn connect() -> Odbc {
        let server = Server::secure();
        let channel = channel(&server).await;
        let token = token(&server, USER, PASSWORD).await;
        let mut headers = MetadataMap::new();
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        headers.insert("routing_tag", "a".parse().unwrap());
        Odbc { protocol: FlightServiceClient::new(channel), headers, _server: server }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        *request.metadata_mut() = self.headers.clone();
        request
    }

    async fn info(&mut self, command: Any) -> FlightInfo {
        let descriptor = FlightDescriptor::new_cmd(command.encode_to_vec());
        let request = self.request(descriptor);
        self.protocol.get_flight_info(request).await.unwrap().into_inner()
    }

    async fn rows(&mut self, info: FlightInfo) -> RecordBatch {
        let told = Schema::try_from(IpcMessage(info.schema)).unwrap();
        let mut batches = Vec::new();
        for endpoint in info.endpoint {
            let request = self.request(endpoint.ticket.unwrap());
            let stream = self.protocol.do_get(request).await.unwrap().into_inner();
            let stream = stream.map_err(|status| FlightError::Tonic(Box::new(status)));
            let rows = FlightRecordBatchStream::new_from_flight_data(stream);
            batches.extend(rows.try_collect::<Vec<_>>().await.unwrap());
        }
        concat_batches(&told.into(), &batches).unwrap()
    }

    async fn ask(&mut self, command: impl ProstMessageExt) -> RecordBatch {
        let info = self.info(command.as_any()).await;
        self.rows(info).await
    }

    async fn act(&mut self, name: &str, body: Any) -> Vec<arrow_flight::Result> {
        let action = Action { r#type: name.to_owned(), body: body.encode_to_vec().into() };
        let request = self.request(action);
        let answers = self.protocol.do_action(request).await.unwrap().into_inner();
        answers.map(|answer| answer.unwrap()).collect().await
    }
}

fn texts(rows: &RecordBatch, column: &str) -> Vec<String> {
    let texts = rows.column_by_name(column).unwrap().as_string::<i32>();
    texts.iter().map(|text| text.unwrap_or("NULL").to_owned()).collect()
}

/// SQLExecDirect: no statement is prepared.
#[tokio::test]
async fn a_statement_is_asked_for_directly() {
    let mut odbc = Odbc::connect().await;
    let query = "SELECT name FROM customers ORDER BY id".to_owned();
    let rows = odbc.ask(CommandStatementQuery { query, transaction_id: None }).await;
    assert_eq!(texts(&rows, "name"), ["Ada", "NULL", "Grace"]);
}

/// SQLPrepare, SQLExecute twice, SQLFreeStmt.
#[tokio::test]
async fn a_statement_is_prepared_asked_twice_and_closed() {
    let mut odbc = Odbc::connect().await;
    let query = "SELECT region FROM customers WHERE id = 3".to_owned();
    let create = ActionCreatePreparedStatementRequest { query, transaction_id: None };
    let answers = odbc.act("CreatePreparedStatement", create.as_any()).await;
    let created = Any::decode(answers[0].body.clone()).unwrap();
    let created: ActionCreatePreparedStatementResult = created.unpack().unwrap().unwrap();
    let dataset = Schema::try_from(IpcMessage(created.dataset_schema)).unwrap();
    assert_eq!(dataset.field(0).name(), "region");
    let handle = created.prepared_statement_handle;
    for _ in 0..2 {
        let command = CommandPreparedStatementQuery { prepared_statement_handle: handle.clone() };
        assert_eq!(texts(&odbc.ask(command).await, "region"), ["US"]);
    }
    for _ in 0..2 {
        let close =
            ActionClosePreparedStatementRequest { prepared_statement_handle: handle.clone() };
        odbc.act("ClosePreparedStatement", close.as_any()).await;
    }
}

/// SQL_ATTR_QUERY_TIMEOUT is a deadline of the call.
#[tokio::test]
async fn a_query_timeout_is_a_deadline() {
    let mut odbc = Odbc::connect().await;
    let query = "SELECT count(*) FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b \
                 WHERE a.value * 3 = b.value * 7 + 1";
    let command = CommandStatementQuery { query: query.to_owned(), transaction_id: None };
    let info = odbc.info(command.as_any()).await;
    let mut request = odbc.request(info.endpoint[0].ticket.clone().unwrap());
    request.metadata_mut().insert("grpc-timeout", "300m".parse().unwrap());
    let rows = odbc.protocol.do_get(request).await.unwrap().into_inner();
    let status = rows.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
}

/// SQLTables with "%" for one of its arguments and "" for the others asks for catalogs, schemas or types.
#[tokio::test]
async fn sql_tables_lists_catalogs_schemas_types_and_tables() {
    let mut odbc = Odbc::connect().await;
    let catalogs = odbc.ask(CommandGetCatalogs {}).await;
    assert_eq!(texts(&catalogs, "catalog_name"), ["intarsia"]);
    let every = |pattern: &str| Some(pattern.to_owned());
    let asked = CommandGetDbSchemas { catalog: None, db_schema_filter_pattern: every("%") };
    let schemas = odbc.ask(asked).await;
    assert_eq!(texts(&schemas, "db_schema_name"), ["information_schema", "maria", "pg", "public"]);
    let types = odbc.ask(CommandGetTableTypes {}).await;
    assert_eq!(texts(&types, "table_type"), ["SYSTEM TABLE", "TABLE", "VIEW"]);
    let asked = CommandGetTables {
        catalog: every("intarsia"),
        db_schema_filter_pattern: every("%"),
        table_name_filter_pattern: every("kinds"),
        table_types: vec!["TABLE".to_owned(), "VIEW".to_owned()],
        include_schema: false,
    };
    let tables = odbc.ask(asked).await;
    assert_eq!(texts(&tables, "db_schema_name"), ["maria", "pg", "public"]);
}

/// SQLColumns reads the message of each table and, in it, what only the metadata of a field can tell.
#[tokio::test]
async fn sql_columns_reads_the_schemas_of_tables() {
    let mut odbc = Odbc::connect().await;
    let asked = CommandGetTables {
        table_name_filter_pattern: Some("customers".to_owned()),
        include_schema: true,
        ..CommandGetTables::default()
    };
    let tables = odbc.ask(asked).await;
    let schema = tables.column_by_name("table_schema").unwrap().as_binary::<i32>().value(0);
    let schema = Schema::try_from(IpcMessage(schema.to_vec().into())).unwrap();
    let told = |column: &str, key: &str| {
        let metadata = schema.field_with_name(column).unwrap().metadata();
        metadata.get(&format!("ARROW:FLIGHT:SQL:{key}")).cloned().unwrap_or_default()
    };
    assert_eq!(
        (told("balance", "TYPE_NAME"), told("balance", "SCALE")),
        ("DECIMAL".into(), "2".into())
    );
    assert_eq!(told("id", "TABLE_NAME"), "customers");
}

/// SQLGetTypeInfo, for one type and for all.
#[tokio::test]
async fn sql_get_type_info_lists_types() {
    let mut odbc = Odbc::connect().await;
    let all = odbc.ask(CommandGetXdbcTypeInfo { data_type: None }).await;
    assert_eq!((all.num_columns(), all.num_rows()), (19, 18));
    let one = odbc.ask(CommandGetXdbcTypeInfo { data_type: Some(12) }).await;
    assert_eq!(texts(&one, "type_name"), ["JSON", "TEXT", "UUID"]);
}

/// SQLGetInfo asks once, for everything, and reinterprets what it finds.
#[tokio::test]
async fn sql_get_info_reads_all_infos_at_once() {
    let mut odbc = Odbc::connect().await;
    let infos = odbc.ask(CommandGetSqlInfo { info: Vec::new() }).await;
    assert_eq!(infos.num_rows(), 12 + 2 + 77);
}
