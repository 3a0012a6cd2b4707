//! Values for the parameters of a prepared statement, a row for each run.

use arrow::{array::RecordBatch, datatypes::DataType};
use futures::{Stream, TryStreamExt};
use intarsia_engine::ScalarValue;
use tonic::Status;

use super::upload::{BYTES, too_many_bytes};
use crate::{statements::Prepared, status};

/// Rows of values that may be bound at once: each is a run of the statement.
const ROWS: usize = 10_000;

/// The values of all rows, as the parameters take them. A batch without columns, as JDBC sends it, is none.
pub(super) async fn rows(
    prepared: &Prepared,
    batches: impl Stream<Item = Result<RecordBatch, Status>> + Send,
) -> Result<Vec<Vec<ScalarValue>>, Status> {
    let mut batches = std::pin::pin!(batches);
    let (mut rows, mut room) = (Vec::new(), Room(BYTES));
    while let Some(batch) = batches.try_next().await? {
        if batch.num_rows() > ROWS - rows.len() {
            let message = format!("at most {ROWS} rows of values can be bound at once");
            return Err(Status::resource_exhausted(message));
        }
        check_types(&batch)?;
        for row in 0..batch.num_rows() {
            rows.push(values(prepared, &batch, row, &mut room)?);
        }
    }
    match (rows.is_empty(), prepared.known.parameters().len()) {
        (true, 0) => Ok(vec![Vec::new()]),
        (true, _) => Err(Status::invalid_argument("no row of values came for the parameters")),
        (false, _) => Ok(rows),
    }
}

fn values(
    prepared: &Prepared,
    batch: &RecordBatch,
    row: usize,
    room: &mut Room,
) -> Result<Vec<ScalarValue>, Status> {
    let values = batch.columns().iter().map(|column| {
        let value = ScalarValue::try_from_array(column, row);
        let value = value.map_err(|error| Status::invalid_argument(error.to_string()))?;
        room.take(value)
    });
    let values = values.collect::<Result<_, Status>>()?;
    prepared.known.values(values).map_err(|error| status::status(&error))
}

/// Bytes that values may still take beyond their own places.
struct Room(usize);

impl Room {
    /// Each value is copied out of its batch: rows that share one entry of a dictionary take it as often.
    fn take(&mut self, value: ScalarValue) -> Result<ScalarValue, Status> {
        let value = value.compacted();
        let bytes = value.size() - size_of_val(&value);
        self.0 = self.0.checked_sub(bytes).ok_or_else(too_many_bytes)?;
        Ok(value)
    }
}

fn check_types(batch: &RecordBatch) -> Result<(), Status> {
    let schema = batch.schema_ref();
    let odd = schema.fields().iter().find(|field| !is_bound(field.data_type()));
    odd.map_or(Ok(()), |field| {
        let (name, ty) = (field.name(), field.data_type());
        Err(Status::invalid_argument(format!("no parameter takes {ty}, the type of `{name}`")))
    })
}

/// Whether values of a type are bound: not if one value can hold the same bytes many times.
fn is_bound(ty: &DataType) -> bool {
    match ty {
        DataType::Dictionary(_, values) => !values.is_nested(),
        DataType::Utf8View | DataType::BinaryView => true,
        ty => is_written_out(ty),
    }
}

fn is_written_out(ty: &DataType) -> bool {
    use DataType as T;
    match ty {
        T::List(item) | T::LargeList(item) | T::FixedSizeList(item, _) | T::Map(item, _) => {
            is_written_out(item.data_type())
        }
        T::Struct(fields) => fields.iter().all(|field| is_written_out(field.data_type())),
        T::Utf8View | T::BinaryView | T::ListView(_) | T::LargeListView(_) => false,
        T::Dictionary(..) | T::RunEndEncoded(..) | T::Union(..) => false,
        _ => true,
    }
}
