//! What there is to ask.

mod columns;
mod info;
mod keys;
mod tables;
mod types;

use arrow::{array::RecordBatch, compute::concat_batches, datatypes::Schema};
use arrow_flight::{
    FlightDescriptor, FlightInfo, IpcMessage,
    error::FlightError,
    flight_descriptor::DescriptorType,
    sql::{
        Any, CommandGetCatalogs, CommandGetCrossReference, CommandGetDbSchemas,
        CommandGetExportedKeys, CommandGetImportedKeys, CommandGetPrimaryKeys, CommandGetSqlInfo,
        CommandGetTableTypes, CommandGetTables, CommandGetXdbcTypeInfo, ProstMessageExt,
    },
};
use futures::TryStreamExt;
use prost::Message;

use crate::support::{Client, Running, csv, serve};

/// The rows behind a FlightInfo, as one batch.
async fn told(client: &mut Client, info: FlightInfo) -> RecordBatch {
    let mut stream = client.do_get(info.endpoint[0].ticket.clone().unwrap()).await.unwrap();
    let batches: Vec<_> = (&mut stream).try_collect::<Vec<_>>().await.unwrap();
    concat_batches(stream.schema().unwrap(), &batches).unwrap()
}

/// The answer to a command, sent as it is.
async fn ask<M: ProstMessageExt>(server: &Running, command: M) -> RecordBatch {
    let info = server.raw().await.get_flight_info(descriptor(&command.as_any())).await;
    told(&mut server.client().await, info.unwrap().into_inner()).await
}

fn descriptor(command: &Any) -> FlightDescriptor {
    FlightDescriptor {
        r#type: DescriptorType::Cmd.into(),
        cmd: command.encode_to_vec().into(),
        path: Vec::new(),
    }
}

fn lines(batch: &RecordBatch) -> Vec<String> {
    csv(std::slice::from_ref(batch)).lines().map(str::to_owned).collect()
}

/// ADBC compares the three; a client may also ask for the schema alone.
#[tokio::test]
async fn the_schema_is_told_alike_by_flight_info_get_schema_and_the_rows() {
    let server = serve().await;
    let mut raw = server.raw().await;
    for command in [
        CommandGetCatalogs {}.as_any(),
        CommandGetDbSchemas::default().as_any(),
        CommandGetTables::default().as_any(),
        CommandGetTables { include_schema: true, ..Default::default() }.as_any(),
        CommandGetTableTypes {}.as_any(),
        CommandGetPrimaryKeys { table: "customers".into(), ..Default::default() }.as_any(),
        CommandGetExportedKeys { table: "customers".into(), ..Default::default() }.as_any(),
        CommandGetImportedKeys { table: "orders".into(), ..Default::default() }.as_any(),
        CommandGetCrossReference::default().as_any(),
        CommandGetSqlInfo::default().as_any(),
        CommandGetXdbcTypeInfo::default().as_any(),
    ] {
        let name = command.type_url.clone();
        let alone = raw.get_schema(descriptor(&command)).await.unwrap().into_inner();
        let info = raw.get_flight_info(descriptor(&command)).await.unwrap().into_inner();
        assert_eq!(info.schema, alone.schema, "{name}");
        let schema = Schema::try_from(IpcMessage(info.schema.clone())).unwrap();
        let rows = told(&mut server.client().await, info).await;
        assert_eq!(*rows.schema(), schema, "{name}");
        assert!(schema.fields().iter().all(|field| field.metadata().is_empty()), "{name}");
    }
}

/// Any connection may redeem the ticket, also of an answer without rows, whose schema comes all the same.
#[tokio::test]
async fn an_answer_without_rows_has_its_schema() {
    let server = serve().await;
    let mut client = server.client().await;
    let nothing = CommandGetTables { catalog: Some("other".into()), ..Default::default() };
    let info = client.get_tables(nothing).await.unwrap();
    let rows = told(&mut server.client().await, info).await;
    assert_eq!((rows.num_rows(), rows.num_columns()), (0, 4));
}

fn code(error: FlightError) -> tonic::Code {
    crate::support::status(error).code()
}
