//! Prepared statements, as each client asks for them.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
        StringArray, TimestampMillisecondArray,
    },
    datatypes::{DataType, Schema, TimeUnit},
};
use arrow_flight::{
    Action, FlightData, FlightDescriptor, IpcMessage,
    encode::FlightDataEncoderBuilder,
    sql::{
        ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult, Any,
        CommandPreparedStatementQuery, CommandPreparedStatementUpdate,
        DoPutPreparedStatementResult, DoPutUpdateResult, ProstMessageExt,
    },
};
use bytes::Bytes;
use futures::{TryStreamExt, stream};
use prost::Message;
use tonic::Code;

use crate::support::{Running, csv, fetch, serve, status};

/// Values, a column a parameter.
fn values(columns: Vec<ArrayRef>) -> RecordBatch {
    let columns = columns.into_iter().enumerate().map(|(at, column)| (format!("p{at}"), column));
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .unwrap()
}

fn whole(numbers: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(numbers.to_vec()))
}

fn text(texts: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(texts.to_vec()))
}

/// Prepares, binds and asks, and gives the rows as CSV.
async fn ask(server: &Running, sql: &str, batch: RecordBatch) -> Result<String, tonic::Status> {
    let mut client = server.client().await;
    let mut prepared = client.prepare(sql.to_owned(), None).await.map_err(status)?;
    prepared.set_parameters(batch).unwrap();
    let info = prepared.execute().await.map_err(status)?;
    let rows = fetch(&mut client, &info).await.map(|batches| csv(&batches));
    prepared.close().await.map_err(status)?;
    rows
}

/// What CreatePreparedStatement answers, in the bytes that it answers with.
async fn create(server: &Running, sql: &str) -> Result<Any, tonic::Status> {
    let request =
        ActionCreatePreparedStatementRequest { query: sql.to_owned(), transaction_id: None };
    let body = request.as_any().encode_to_vec();
    let action = Action::new("CreatePreparedStatement", body);
    let mut results = server.raw().await.do_action(action).await?.into_inner();
    let result = results.message().await?.unwrap();
    Ok(Any::decode(&*result.body).unwrap())
}

/// The handle of a statement that is prepared.
pub(crate) async fn handle(server: &Running, sql: &str) -> Bytes {
    let created: ActionCreatePreparedStatementResult =
        create(server, sql).await.unwrap().unpack().unwrap().unwrap();
    created.prepared_statement_handle
}

/// Sends a command and batches with it, and gives the answer's bytes.
async fn put(
    server: &Running,
    command: &impl ProstMessageExt,
    batch: RecordBatch,
) -> Result<Bytes, tonic::Status> {
    let descriptor = FlightDescriptor::new_cmd(command.as_any().encode_to_vec());
    let messages: Vec<FlightData> = FlightDataEncoderBuilder::new()
        .with_schema(batch.schema())
        .with_flight_descriptor(Some(descriptor))
        .build(stream::iter([Ok(batch)]))
        .try_collect()
        .await
        .unwrap();
    let mut results = server.raw().await.do_put(stream::iter(messages)).await?.into_inner();
    Ok(results.message().await?.unwrap().app_metadata)
}

#[tokio::test]
async fn questions_are_asked_with_other_values_each_time() {
    let server = serve().await;
    let mut client = server.client().await;
    let sql = "SELECT name FROM customers WHERE id = ?";
    let mut prepared = client.prepare(sql.to_owned(), None).await.unwrap();
    for (id, name) in [(1, "Ada\n"), (3, "Grace\n"), (9, "")] {
        prepared.set_parameters(values(vec![whole(&[id])])).unwrap();
        let info = prepared.execute().await.unwrap();
        assert_eq!(csv(&fetch(&mut client, &info).await.unwrap()), name);
    }
}

/// The JDBC driver builds vectors from the parameters' types: it cannot bind a Null type, nor NULL to what is not
/// nullable, and puts milliseconds into times whatever is declared.
#[tokio::test]
async fn parameters_are_told_with_types_that_jdbc_can_fill() {
    use DataType as T;
    let server = serve().await;
    let mut client = server.client().await;
    let sql = "SELECT ? FROM customers WHERE id = ? AND name LIKE ? AND balance < ? AND since = ? AND seen > ? \
               AND region IN (?) AND CAST(? AS time) = TIME '12:00' LIMIT ?";
    let prepared = client.prepare(sql.to_owned(), None).await.unwrap();
    let told = prepared.parameter_schema().unwrap();
    let types: Vec<_> = told.fields().iter().map(|field| field.data_type().clone()).collect();
    let expected = [
        T::Utf8,
        T::Int64,
        T::Utf8,
        T::Decimal128(12, 2),
        T::Date32,
        T::Timestamp(TimeUnit::Millisecond, None),
        T::Utf8,
        T::Time32(TimeUnit::Millisecond),
        T::Int64,
    ];
    assert_eq!(types, expected);
    assert!(told.fields().iter().all(|field| field.is_nullable()));
}

/// ADBC sends the types that Python has; they are cast to the parameters' own.
#[tokio::test]
async fn values_of_a_clients_own_types_are_cast() {
    let server = serve().await;
    for (condition, value) in [
        ("id = ?", whole(&[1])),
        ("id = ?", Arc::new(Int32Array::from(vec![1])) as ArrayRef),
        ("id = ?", text(&["1"])),
        ("id < ?", Arc::new(Float64Array::from(vec![1.5]))),
        ("balance = ?", Arc::new(Float64Array::from(vec![10.5]))),
        ("balance = ?", text(&["10.50"])),
        ("since = ?", text(&["2024-01-02"])),
        ("since = ?", Arc::new(Date32Array::from(vec![19_724]))),
        ("seen = ?", Arc::new(TimestampMillisecondArray::from(vec![1_704_164_645_000]))),
        ("seen = ?", text(&["2024-01-02T03:04:05"])),
        ("name = ?", text(&["Ada"])),
        ("(id = 1) = ?", Arc::new(BooleanArray::from(vec![true]))),
    ] {
        let sql = format!("SELECT id FROM customers WHERE {condition}");
        assert_eq!(ask(&server, &sql, values(vec![value])).await.unwrap(), "1\n", "{condition}");
    }
}

#[tokio::test]
async fn null_is_a_value_of_every_parameter() {
    let server = serve().await;
    let null = Arc::new(Int64Array::from(vec![None::<i64>])) as ArrayRef;
    let sql = "SELECT count(*) FROM customers WHERE id = ?";
    assert_eq!(ask(&server, sql, values(vec![null])).await.unwrap(), "0\n");
    let null = arrow::array::new_null_array(&DataType::Null, 1);
    let sql = "SELECT coalesce(?, 'none')";
    assert_eq!(ask(&server, sql, values(vec![null])).await.unwrap(), "none\n");
}

#[tokio::test]
async fn a_value_that_is_none_of_its_parameters_kind_is_told() {
    let server = serve().await;
    let sql = "SELECT name FROM customers WHERE region = ? AND id = ?";
    let wrong = values(vec![text(&["EU"]), text(&["seven"])]);
    let error = ask(&server, sql, wrong).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.message().contains("parameter `$2`"), "{error}");
    let few = ask(&server, sql, values(vec![text(&["EU"])])).await.unwrap_err();
    assert_eq!(few.code(), Code::InvalidArgument);
    assert!(few.message().contains("2 parameters"), "{few}");
}

/// What nothing tells the type of has the type of its value.
#[tokio::test]
async fn a_statement_is_planned_with_the_types_of_its_values() {
    let server = serve().await;
    let mut client = server.client().await;
    let mut prepared = client.prepare("SELECT ? AS x".to_owned(), None).await.unwrap();
    assert_eq!(prepared.dataset_schema().unwrap().field(0).data_type(), &DataType::Utf8);
    prepared.set_parameters(values(vec![whole(&[7])])).unwrap();
    let info = prepared.execute().await.unwrap();
    let told = Schema::try_from(IpcMessage(info.schema.clone())).unwrap();
    assert_eq!(told.field(0).data_type(), &DataType::Int64);
    assert_eq!(csv(&fetch(&mut client, &info).await.unwrap()), "7\n");
}

#[tokio::test]
async fn limits_are_parameters_too() {
    let server = serve().await;
    let sql = "SELECT id FROM customers ORDER BY id LIMIT ? OFFSET ?";
    let batch = values(vec![whole(&[1]), whole(&[1])]);
    assert_eq!(ask(&server, sql, batch).await.unwrap(), "2\n");
    let negative = values(vec![whole(&[-1]), whole(&[0])]);
    assert_eq!(ask(&server, sql, negative).await.unwrap_err().code(), Code::InvalidArgument);
}

/// ADBC binds several rows at once.
#[tokio::test]
async fn several_rows_of_values_are_as_many_runs_in_order() {
    let server = serve().await;
    let sql = "SELECT id, name FROM customers WHERE id = ?";
    let batch = values(vec![whole(&[3, 9, 1, 3])]);
    assert_eq!(ask(&server, sql, batch).await.unwrap(), "3,Grace\n1,Ada\n3,Grace\n");
}

#[tokio::test]
async fn runs_whose_columns_differ_are_refused() {
    let server = serve().await;
    let float: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 1.5]));
    let sql = "SELECT abs(?) FROM customers WHERE id = 1";
    assert_eq!(ask(&server, sql, values(vec![float])).await.unwrap(), "1.0\n1.5\n");
    let float: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 1.5]));
    let sql = "SELECT id + ? AS sum FROM customers WHERE id = 1";
    assert_eq!(ask(&server, sql, values(vec![float])).await.unwrap(), "2.0\n2.5\n");
    let digits: ArrayRef = Arc::new(StringArray::from(vec!["1.50", "1.555"]));
    let sql = "SELECT CAST(id AS decimal(12, 2)) + ? AS sum FROM customers WHERE id = 1";
    let error = ask(&server, sql, values(vec![digits])).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.message().contains("row 2") && error.message().contains("`sum`"), "{error}");
}

#[tokio::test]
async fn what_was_not_bound_is_asked_for() {
    let server = serve().await;
    let mut client = server.client().await;
    let sql = "SELECT name FROM customers WHERE id = ?";
    let mut prepared = client.prepare(sql.to_owned(), None).await.unwrap();
    let error = status(prepared.execute().await.unwrap_err());
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.message().contains("1 parameters, and 0 values"), "{error}");
}

/// JDBC decides between a query and an update by field 4, which arrow-flight does not know, and older versions by an
/// empty dataset_schema.
#[tokio::test]
async fn jdbc_is_told_whether_it_is_an_update() {
    let server = serve().await;
    for (sql, is_update) in
        [("SELECT 1", 0), ("SET intarsia.statement_timeout = '1min'", 1), ("EXPLAIN SELECT 1", 0)]
    {
        let any = create(&server, sql).await.unwrap();
        assert!(any.value.ends_with(&[0x20, is_update]), "{sql}: {:?}", any.value);
        let created: ActionCreatePreparedStatementResult = any.unpack().unwrap().unwrap();
        assert_eq!(created.dataset_schema.is_empty(), is_update == 1, "{sql}");
    }
}

/// Java goes on with the handle in the answer, also where it is empty.
#[tokio::test]
async fn the_answer_to_values_names_the_handle() {
    let server = serve().await;
    let handle = handle(&server, "SELECT ?").await;
    let query = CommandPreparedStatementQuery { prepared_statement_handle: handle.clone() };
    let answer = put(&server, &query, values(vec![whole(&[1])])).await.unwrap();
    let answer = DoPutPreparedStatementResult::decode(answer).unwrap();
    assert_eq!(answer.prepared_statement_handle, Some(handle));
}

/// JDBC runs an update without parameters by sending no columns and no rows.
#[tokio::test]
async fn a_set_is_an_update_that_runs_once() {
    let server = serve().await;
    let handle = handle(&server, "SET intarsia.statement_timeout = '1min'").await;
    let update = CommandPreparedStatementUpdate { prepared_statement_handle: handle };
    let nothing = RecordBatch::new_empty(Arc::new(Schema::empty()));
    let answer = put(&server, &update, nothing).await.unwrap();
    assert_eq!(DoPutUpdateResult::decode(answer).unwrap().record_count, 0);
    assert_eq!(server.service.sessions(), 1);
    let mut client = server.client().await;
    let set = "SET intarsia.statement_timeout = '2min'".to_owned();
    assert_eq!(client.execute_update(set, None).await.unwrap(), 0);
    let shown = client.execute("SHOW intarsia.statement_timeout".to_owned(), None).await.unwrap();
    let shown = csv(&fetch(&mut client, &shown).await.unwrap());
    assert_eq!(shown, "intarsia.statement_timeout,2min\n");
}

/// Python prepares everything and asks for its rows, also a SET's.
#[tokio::test]
async fn preparing_a_set_does_nothing_and_asking_for_its_rows_does_it() {
    let server = serve().await;
    let mut client = server.client().await;
    let set = "SET intarsia.statement_timeout = '3min'".to_owned();
    let mut prepared = client.prepare(set, None).await.unwrap();
    assert_eq!(server.service.sessions(), 0);
    let info = prepared.execute().await.unwrap();
    assert_eq!(csv(&fetch(&mut client, &info).await.unwrap()), "");
    let shown = client.execute("SHOW intarsia.statement_timeout".to_owned(), None).await.unwrap();
    let shown = csv(&fetch(&mut client, &shown).await.unwrap());
    assert_eq!(shown, "intarsia.statement_timeout,3min\n");
}

#[tokio::test]
async fn writes_and_updates_that_are_none_are_refused() {
    let server = serve().await;
    let mut client = server.client().await;
    for (sql, said) in [
        ("DELETE FROM customers", "DELETE is not supported"),
        ("CREATE TABLE x (a int)", "CREATE is not supported"),
        ("SELECT 1", "returns rows"),
    ] {
        let error = status(client.execute_update(sql.to_owned(), None).await.unwrap_err());
        assert_eq!(error.code(), Code::InvalidArgument, "{sql}");
        assert!(error.message().contains(said), "{error}");
    }
    let error = client.prepare("DELETE FROM customers".to_owned(), None).await.unwrap_err();
    assert_eq!(status(error).code(), Code::InvalidArgument);
}

/// Clients close what they opened, also twice, and also what is gone.
#[tokio::test]
async fn closing_forgets_and_may_be_done_twice() {
    let server = serve().await;
    let mut client = server.client().await;
    let first = client.prepare("SELECT 1".to_owned(), None).await.unwrap();
    let mut same = first.clone();
    assert_eq!(server.service.prepared(), 1);
    first.close().await.unwrap();
    assert_eq!(server.service.prepared(), 0);
    let error = status(same.execute().await.unwrap_err());
    assert_eq!(error.code(), Code::NotFound);
    same.close().await.unwrap();
}

/// ADBC's execute_schema, and JDBC's columns before anything runs.
#[tokio::test]
async fn the_columns_are_known_before_it_runs() {
    let server = serve().await;
    let mut client = server.client().await;
    let sql = "SELECT id, upper(name) AS loud FROM customers WHERE id = ?";
    let prepared = client.prepare(sql.to_owned(), None).await.unwrap();
    let told = prepared.dataset_schema().unwrap();
    let columns: Vec<_> =
        told.fields().iter().map(|f| (f.name().as_str(), f.data_type().clone())).collect();
    assert_eq!(columns, [("id", DataType::Int64), ("loud", DataType::Utf8)]);
}

/// GetSchema runs nothing, and knows the values that were bound.
#[tokio::test]
async fn get_schema_reflects_the_values() {
    let server = serve().await;
    let handle = handle(&server, "SELECT ? AS x").await;
    let query = CommandPreparedStatementQuery { prepared_statement_handle: handle };
    let descriptor = FlightDescriptor::new_cmd(query.as_any().encode_to_vec());
    let schema = |descriptor| async {
        let result = server.raw().await.get_schema(descriptor).await.unwrap().into_inner();
        Schema::try_from(IpcMessage(result.schema)).unwrap()
    };
    assert_eq!(schema(descriptor.clone()).await.field(0).data_type(), &DataType::Utf8);
    put(&server, &query, values(vec![whole(&[1])])).await.unwrap();
    assert_eq!(schema(descriptor).await.field(0).data_type(), &DataType::Int64);
}
