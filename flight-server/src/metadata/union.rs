//! GetSqlInfo's answer under the protocol's own names.
//!
//! arrow-flight 59's builder calls the two sides of the union's map `keys` and `values`. Java looks for `key` and `value`,
//! finds nothing, and says that nothing converts.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{Array, ArrayData, RecordBatch, make_array},
    datatypes::{DataType, Field, FieldRef, Schema, SchemaRef},
    error::ArrowError,
};
use arrow_flight::sql::metadata::SqlInfoDataBuilder;

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields = SqlInfoDataBuilder::schema().fields().iter();
    Arc::new(Schema::new(fields.map(renamed).collect::<Vec<_>>()))
});

/// The columns of the answer.
pub(super) fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// The answer of arrow-flight's builder under these names.
pub(super) fn named(infos: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = infos.columns().iter().zip(SCHEMA.fields());
    let columns = columns
        .map(|(column, field)| Ok(make_array(retyped(&column.to_data(), field.data_type())?)));
    RecordBatch::try_new(schema(), columns.collect::<Result<_, ArrowError>>()?)
}

fn renamed(field: &FieldRef) -> FieldRef {
    let name = match field.name().as_str() {
        "keys" => "key",
        "values" => "value",
        other => other,
    };
    let ty = match field.data_type() {
        DataType::Union(fields, mode) => {
            DataType::Union(fields.iter().map(|(id, field)| (id, renamed(field))).collect(), *mode)
        }
        DataType::Map(entries, sorted) => DataType::Map(renamed(entries), *sorted),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(renamed).collect()),
        other => other.clone(),
    };
    Arc::new(Field::new(name, ty, field.is_nullable()))
}

/// The same values as a type that differs in names only.
fn retyped(data: &ArrayData, ty: &DataType) -> Result<ArrayData, ArrowError> {
    let inner: Vec<&FieldRef> = match ty {
        DataType::Union(fields, _) => fields.iter().map(|(_, field)| field).collect(),
        DataType::Map(entries, _) => vec![entries],
        DataType::Struct(fields) => fields.iter().collect(),
        _ => return Ok(data.clone()),
    };
    let children = data.child_data().iter().zip(inner);
    let children = children.map(|(child, field)| retyped(child, field.data_type()));
    let children = children.collect::<Result<_, _>>()?;
    data.clone().into_builder().data_type(ty.clone()).child_data(children).build()
}
