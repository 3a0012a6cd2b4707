//! One batch to messages of a bounded size.

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::{DataType, Schema, SchemaRef},
    error::ArrowError,
    ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteContext, IpcWriteOptions},
};
use arrow_flight::{FlightData, SchemaAsIpc};

use super::wire;

/// Bytes of a message. Go's clients refuse those over 16 MiB, and gRPC's default is 4 MiB.
const MESSAGE_BYTES: usize = 2 << 20;

/// Turns batches into messages of one stream.
pub struct Encoder {
    schema: SchemaRef,
    generator: IpcDataGenerator,
    dictionaries: DictionaryTracker,
    options: IpcWriteOptions,
    context: IpcWriteContext,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Encoder {
    /// For batches that go out under `schema`, which [`super::schema`] made.
    pub fn new(schema: SchemaRef) -> Encoder {
        Encoder {
            schema,
            generator: IpcDataGenerator::default(),
            dictionaries: DictionaryTracker::new(true),
            options: IpcWriteOptions::default(),
            context: IpcWriteContext::default(),
        }
    }

    /// The first message of a stream.
    pub fn schema(&self) -> FlightData {
        SchemaAsIpc::new(&self.schema, &self.options).into()
    }

    /// Whether batches of `schema` can go out in this stream too.
    ///
    /// # Errors
    /// The name of a column that cannot.
    pub fn check(&self, schema: &Schema) -> Result<(), String> {
        let released = |schema: &Schema| wire::schema(schema, wire::Types::Released);
        let (columns, told) = (released(schema), released(&self.schema));
        let mut columns = columns.fields().iter().zip(told.fields());
        match columns.find(|(column, told)| column.data_type() != told.data_type()) {
            Some((column, _)) => Err(column.name().clone()),
            None => Ok(()),
        }
    }

    /// Encodes one piece of [`pieces`].
    ///
    /// # Errors
    /// If a value cannot be cast to the wire's type.
    pub fn message(&mut self, piece: &RecordBatch) -> Result<FlightData, ArrowError> {
        let batch = wire::batch(piece, &self.schema)?;
        let Encoder { generator, dictionaries, options, context, .. } = self;
        let (_, data) = generator.encode(&batch, dictionaries, options, context)?;
        Ok(data.into())
    }
}

/// Cuts a batch into pieces of at most 2 MiB each, or one row. A batch without rows makes none.
pub fn pieces(batch: RecordBatch) -> impl Iterator<Item = RecordBatch> + Send {
    let mut todo = vec![batch];
    std::iter::from_fn(move || {
        loop {
            let batch = todo.pop()?;
            let rows = batch.num_rows();
            if rows == 0 {
                continue;
            }
            if rows == 1 || bytes(&batch) <= MESSAGE_BYTES {
                return Some(batch);
            }
            let half = rows / 2;
            todo.push(batch.slice(half, rows - half));
            todo.push(batch.slice(0, half));
        }
    })
}

fn bytes(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(|column| array_bytes(column.as_ref())).sum()
}

/// Bytes of the values of a slice, not of the buffers that it is a slice of.
fn array_bytes(array: &dyn Array) -> usize {
    let rows = array.len();
    match array.data_type() {
        DataType::Utf8View => array.as_string_view().total_bytes_len() + 4 * rows,
        DataType::BinaryView => array.as_binary_view().total_bytes_len() + 4 * rows,
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let ends = list.value_offsets().first().zip(list.value_offsets().last());
            slice_bytes(
                list.values(),
                ends.map(|(first, last)| (as_index(*first), as_index(*last))),
            )
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let ends = map.value_offsets().first().zip(map.value_offsets().last());
            let ends = ends.map(|(first, last)| (as_index(*first), as_index(*last)));
            map.entries().columns().iter().map(|column| slice_bytes(column, ends)).sum()
        }
        DataType::Struct(_) => {
            array.as_struct().columns().iter().map(|column| array_bytes(column.as_ref())).sum()
        }
        DataType::Dictionary(..) => {
            let values = array.as_any_dictionary().values();
            array_bytes(values.as_ref()) / values.len().max(1) * rows
        }
        _ => {
            let data = array.to_data();
            data.get_slice_memory_size().unwrap_or_else(|_| array.get_array_memory_size())
        }
    }
}

fn slice_bytes(values: &ArrayRef, ends: Option<(usize, usize)>) -> usize {
    let (first, last) = ends.unwrap_or_default();
    array_bytes(values.slice(first, last - first).as_ref()) + 4 * values.len().min(last - first)
}

fn as_index(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, ListArray, StringArray};
    use arrow::datatypes::Int64Type;

    use super::*;
    use crate::encode::{Types, schema};

    fn one(column: ArrayRef) -> RecordBatch {
        RecordBatch::try_from_iter([("c", column)]).unwrap()
    }

    fn sizes(batch: RecordBatch) -> Vec<(usize, usize)> {
        let mut encoder = Encoder::new(schema(&batch.schema(), Types::Released));
        let message = |piece: RecordBatch| {
            (piece.num_rows(), encoder.message(&piece).unwrap().data_body.len())
        };
        pieces(batch).map(message).collect()
    }

    #[test]
    fn messages_stay_under_2_mib_also_where_some_rows_are_long() {
        let long = "x".repeat(600 << 10);
        let texts = (0..4000).map(|n| if n % 1000 < 5 { long.as_str() } else { "short" });
        let sizes = sizes(one(Arc::new(StringArray::from_iter_values(texts))));
        assert_eq!(sizes.iter().map(|(rows, _)| rows).sum::<usize>(), 4000);
        assert!(sizes.iter().all(|(_, bytes)| *bytes <= MESSAGE_BYTES + 1024), "{sizes:?}");
        assert!(sizes.len() < 50, "{sizes:?}");
    }

    #[test]
    fn a_slice_of_a_large_batch_is_one_message() {
        let large = one(Arc::new(Int64Array::from_iter_values(0..1_000_000)));
        assert_eq!(sizes(large.slice(500_000, 100)).len(), 1);
        let lists = (0..100_000).map(|n| Some(vec![Some(n); 10]));
        let lists = one(Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)));
        assert_eq!(sizes(lists.slice(500, 100)).len(), 1);
        assert!(sizes(lists).len() < 10);
    }

    #[test]
    fn a_row_larger_than_a_message_goes_alone() {
        let long = "x".repeat(5 << 20);
        let sizes = sizes(one(Arc::new(StringArray::from(vec!["a", &long, "b"]))));
        assert_eq!(sizes.iter().map(|(rows, _)| *rows).collect::<Vec<_>>(), [1, 1, 1]);
    }
}
