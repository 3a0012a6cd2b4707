//! Values whose messages promise what they do not hold: arrow believes a header, and the server does not.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, DictionaryArray, Int64Array, ListArray, NullArray, RecordBatch, StringArray,
        StringViewArray, UInt32Array,
    },
    buffer::{OffsetBuffer, ScalarBuffer},
    datatypes::{DataType, Field, Int32Type},
    ipc::{CompressionType, root_as_message, writer::IpcWriteOptions},
};
use arrow_flight::{
    FlightData, FlightDescriptor,
    encode::{DictionaryHandling, FlightDataEncoderBuilder},
    sql::{CommandPreparedStatementQuery, ProstMessageExt},
};
use bytes::Bytes;
use futures::{TryStreamExt, stream};
use prost::Message;
use tonic::{Code, Status};

use crate::support::{Running, csv, fetch, serve, status};

async fn messages(handle: Bytes, batch: RecordBatch, options: IpcWriteOptions) -> Vec<FlightData> {
    let query = CommandPreparedStatementQuery { prepared_statement_handle: handle };
    let descriptor = FlightDescriptor::new_cmd(query.as_any().encode_to_vec());
    FlightDataEncoderBuilder::new()
        .with_schema(batch.schema())
        .with_flight_descriptor(Some(descriptor))
        .with_options(options)
        .with_dictionary_handling(DictionaryHandling::Resend)
        .build(stream::iter([Ok(batch)]))
        .try_collect()
        .await
        .unwrap()
}

/// Binds `columns` to a statement of its own, in messages that `change` has changed.
async fn bind(
    server: &Running,
    columns: Vec<ArrayRef>,
    options: IpcWriteOptions,
    change: impl FnOnce(&mut Vec<FlightData>),
) -> Result<(), Status> {
    let sql = format!("SELECT 1 WHERE '1' IN ({})", vec!["?"; columns.len()].join(", "));
    let handle = crate::prepared::handle(server, &sql).await;
    let named = columns.into_iter().enumerate().map(|(at, column)| (format!("p{at}"), column));
    let batch =
        RecordBatch::try_from_iter_with_nullable(named.map(|(name, column)| (name, column, true)));
    let mut messages = messages(handle, batch.unwrap(), options).await;
    change(&mut messages);
    server.raw().await.do_put(stream::iter(messages)).await.map(drop)
}

async fn refused(server: &Running, columns: Vec<ArrayRef>) -> Status {
    bind(server, columns, IpcWriteOptions::default(), |_| {}).await.unwrap_err()
}

fn whole() -> ArrayRef {
    Arc::new(Int64Array::from(vec![7; 1000]))
}

async fn answers(server: &Running) {
    let mut client = server.client().await;
    let info = client.execute("SELECT 42".to_owned(), None).await.map_err(status).unwrap();
    assert_eq!(csv(&fetch(&mut client, &info).await.unwrap()), "42\n");
}

/// Arrow would take memory for the length that the buffer begins with, and end the process where there is none.
#[tokio::test]
async fn values_that_are_compressed_are_refused() {
    let server = serve().await;
    let options = IpcWriteOptions::default();
    let options = options.try_with_compression(Some(CompressionType::LZ4_FRAME)).unwrap();
    let told = bind(&server, vec![whole()], options, |messages| {
        let last = messages.last_mut().unwrap();
        let header = root_as_message(&last.data_header).unwrap();
        let buffers = header.header_as_record_batch().unwrap().buffers().unwrap();
        let at = usize::try_from(buffers.get(1).offset()).unwrap();
        let mut body = last.data_body.to_vec();
        body[at..at + 8].copy_from_slice(&(1_i64 << 60).to_le_bytes());
        last.data_body = body.into();
    });
    let told = told.await.unwrap_err();
    assert_eq!(told.code(), Code::InvalidArgument, "{told}");
    assert!(told.message().contains("compress"), "{told}");
    answers(&server).await;
}

#[tokio::test]
async fn buffers_outside_of_the_body_are_refused() {
    let server = serve().await;
    let told = bind(&server, vec![whole()], IpcWriteOptions::default(), |messages| {
        let last = messages.last_mut().unwrap();
        last.data_body = last.data_body.slice(..16);
    });
    let told = told.await.unwrap_err();
    assert_eq!(told.code(), Code::InvalidArgument, "{told}");
    assert!(told.message().contains("larger than"), "{told}");
    answers(&server).await;
}

/// The header with an integer type of 13 bits.
fn thirteen_bits(header: &[u8]) -> Bytes {
    let changed = (0..header.len()).filter(|&at| header[at] == 64).map(|at| {
        let mut changed = header.to_vec();
        changed[at] = 13;
        changed
    });
    let is_odd = |header: &Vec<u8>| {
        let message = root_as_message(header).ok()?;
        let ty = message.header_as_schema()?.fields()?.get(0).type_as_int()?;
        (ty.bitWidth() == 13).then_some(())
    };
    changed.into_iter().find(|header| is_odd(header).is_some()).unwrap().into()
}

/// Arrow panics at them.
#[tokio::test]
async fn types_that_arrow_does_not_know_are_refused() {
    let server = serve().await;
    let told = bind(&server, vec![whole()], IpcWriteOptions::default(), |messages| {
        let schema = messages.first_mut().unwrap();
        schema.data_header = thirteen_bits(&schema.data_header);
    });
    let told = told.await.unwrap_err();
    assert_eq!(told.code(), Code::InvalidArgument, "{told}");
    answers(&server).await;
}

/// NULLs take no bytes on the wire, and 64 each once they are values.
#[tokio::test]
async fn more_values_than_fit_are_refused() {
    let server = serve().await;
    let nulls = Arc::new(NullArray::new(10_000)) as ArrayRef;
    let told = refused(&server, vec![nulls; 200]).await;
    assert_eq!(told.code(), Code::ResourceExhausted, "{told}");
    let items = Arc::new(NullArray::new(100_000_000));
    let item = Arc::new(Field::new("item", DataType::Null, true));
    let offsets = OffsetBuffer::new(ScalarBuffer::from(vec![0, 100_000_000]));
    let list = Arc::new(ListArray::new(item, offsets, items, None)) as ArrayRef;
    let told = refused(&server, vec![list]).await;
    assert_eq!(told.code(), Code::ResourceExhausted, "{told}");
    let told = refused(&server, vec![Arc::new(Int64Array::from(vec![7; 10_001]))]).await;
    assert_eq!(told.code(), Code::ResourceExhausted, "{told}");
    answers(&server).await;
}

/// A text that came once, in a dictionary or in the buffer of a view, and is the value of each row.
#[tokio::test]
async fn values_that_share_their_bytes_are_counted_each() {
    let server = serve().await;
    let long = "x".repeat(1 << 20);
    let keys = UInt32Array::from(vec![0; 100]);
    let texts = Arc::new(StringArray::from(vec![long.as_str()]));
    let dictionary = Arc::new(DictionaryArray::new(keys, texts)) as ArrayRef;
    let views = StringViewArray::from_iter_values([long]);
    let views = arrow::compute::take(&views, &UInt32Array::from(vec![0; 100]), None).unwrap();
    for column in [dictionary, views] {
        let told = refused(&server, vec![column]).await;
        assert_eq!(told.code(), Code::ResourceExhausted, "{told}");
        assert!(told.message().contains("64 MiB"), "{told}");
    }
    answers(&server).await;
}

/// What clients do send: dictionaries, views, and as many rows as are allowed.
#[tokio::test]
async fn values_within_the_bounds_are_taken() {
    let server = serve().await;
    let dictionary: DictionaryArray<Int32Type> = vec!["1", "2"].into_iter().collect();
    let many = Arc::new(StringArray::from(vec!["1"; 10_000])) as ArrayRef;
    let columns: [Vec<ArrayRef>; 3] = [
        vec![Arc::new(dictionary)],
        vec![Arc::new(StringViewArray::from_iter_values(["1"; 1000]))],
        vec![many; 20],
    ];
    for columns in columns {
        bind(&server, columns, IpcWriteOptions::default(), |_| {}).await.unwrap();
    }
}
