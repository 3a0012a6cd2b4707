//! The types on the wire: those that every released client reads.
//!
//! Released versions of the JDBC driver, of arrow's JavaScript and others fail on views, on run ends and on decimals
//! below 128 bits, which DataFusion's functions may return. They are cast here, for everybody who did not ask for them.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions},
    compute::cast,
    datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit},
    error::ArrowError,
};

use super::columns::{SqlType, described};

/// Which types a session wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Types {
    /// Those that every released client reads.
    #[default]
    Released,
    /// The engine's own, views among them. Dictionaries are resolved here too.
    Native,
}

/// The schema that goes over the wire, its columns told in SQL's terms too.
pub fn schema(schema: &Schema, types: Types) -> SchemaRef {
    let told = |field: &FieldRef| {
        let field = Arc::unwrap_or_clone(wire_field(field, types));
        let ty = SqlType::of(field.data_type());
        described(field, &ty)
    };
    let fields: Fields = schema.fields().iter().map(told).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// The same columns, any of which may be NULL.
pub(crate) fn nullable(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// The type of a parameter as clients are told it. The JDBC driver puts milliseconds into whatever unit of time is told.
pub(crate) fn parameter(ty: Option<&DataType>) -> DataType {
    match ty.map(|ty| wire_type(ty, Types::Released)) {
        None | Some(DataType::Null) => DataType::Utf8,
        Some(DataType::Timestamp(_, zone)) => DataType::Timestamp(TimeUnit::Millisecond, zone),
        Some(DataType::Time32(_) | DataType::Time64(_)) => DataType::Time32(TimeUnit::Millisecond),
        Some(other) => other,
    }
}

/// The batch in the types of `schema`, which [`schema`] made.
pub(super) fn batch(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| as_type(column, field.data_type()));
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns.collect::<Result<_, _>>()?, &rows)
}

fn as_type(column: &ArrayRef, ty: &DataType) -> Result<ArrayRef, ArrowError> {
    if column.data_type() == ty { Ok(Arc::clone(column)) } else { cast(column, ty) }
}

fn wire_field(field: &FieldRef, types: Types) -> FieldRef {
    let ty = wire_type(field.data_type(), types);
    if ty == *field.data_type() {
        return Arc::clone(field);
    }
    let wire = Field::new(field.name(), ty, field.is_nullable());
    Arc::new(wire.with_metadata(field.metadata().clone()))
}

fn wire_type(ty: &DataType, types: Types) -> DataType {
    use DataType as T;
    let inner = |field: &FieldRef| wire_field(field, types);
    match ty {
        T::Dictionary(_, value) => wire_type(value, types),
        T::List(item) => T::List(inner(item)),
        T::LargeList(item) => T::LargeList(inner(item)),
        T::FixedSizeList(item, size) => T::FixedSizeList(inner(item), *size),
        T::Map(entries, sorted) => T::Map(inner(entries), *sorted),
        T::Struct(fields) => T::Struct(fields.iter().map(inner).collect()),
        _ if types == Types::Native => ty.clone(),
        T::Utf8View => T::Utf8,
        T::BinaryView => T::Binary,
        T::ListView(item) => T::List(inner(item)),
        T::LargeListView(item) => T::LargeList(inner(item)),
        T::RunEndEncoded(_, values) => wire_type(values.data_type(), types),
        T::Decimal32(precision, scale) | T::Decimal64(precision, scale) => {
            T::Decimal128(*precision, *scale)
        }
        _ => ty.clone(),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray, StringViewArray};

    use super::*;

    fn wire(ty: DataType) -> DataType {
        let one = Schema::new(vec![Field::new("c", ty, true)]);
        schema(&one, Types::Released).field(0).data_type().clone()
    }

    #[test]
    fn types_that_released_clients_cannot_read_are_cast() {
        use DataType as T;
        let item = |ty| Arc::new(Field::new("item", ty, true));
        assert_eq!(wire(T::Utf8View), T::Utf8);
        assert_eq!(wire(T::BinaryView), T::Binary);
        assert_eq!(wire(T::Decimal32(9, 2)), T::Decimal128(9, 2));
        assert_eq!(wire(T::Decimal64(18, 0)), T::Decimal128(18, 0));
        assert_eq!(wire(T::Dictionary(Box::new(T::Int32), Box::new(T::Utf8View))), T::Utf8);
        assert_eq!(wire(T::List(item(T::Utf8View))), T::List(item(T::Utf8)));
        assert_eq!(wire(T::ListView(item(T::Int64))), T::List(item(T::Int64)));
        let ends = Arc::new(Field::new("run_ends", T::Int32, false));
        assert_eq!(wire(T::RunEndEncoded(ends, item(T::Int8))), T::Int8);
        assert_eq!(wire(T::LargeUtf8), T::LargeUtf8);
    }

    #[test]
    fn a_session_may_ask_for_the_engines_own_types() {
        let one = Schema::new(vec![Field::new("c", DataType::Utf8View, true)]);
        assert_eq!(schema(&one, Types::Native).field(0).data_type(), &DataType::Utf8View);
    }

    #[test]
    fn values_follow_the_schema() {
        let column: ArrayRef = Arc::new(StringViewArray::from(vec![Some("a"), None]));
        let one = RecordBatch::try_from_iter([("c", column)]).unwrap();
        let sent = batch(&one, &schema(&one.schema(), Types::Released)).unwrap();
        let texts = sent.column(0).as_string::<i32>();
        assert_eq!((texts.value(0), texts.is_null(1)), ("a", true));
    }
}
