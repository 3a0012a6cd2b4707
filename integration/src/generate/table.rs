//! Random logical tables and their rows.

use std::sync::Arc;

use super::{
    choices::Choices,
    kind::{KINDS, Kind},
};
use crate::{Result, data::schema};
use arrow::array::{ArrayRef, RecordBatch};
use datafusion::scalar::ScalarValue;

/// A logical table without its layout.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The first is the primary key, of kind [`Kind::Wild`].
    pub(super) columns: Vec<Column>,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
}

/// The three tables: `t`; `u`, whose `t_id` is a key of `t`; and `r`, which is small.
pub(super) fn tables(choices: &mut Choices) -> Vec<Table> {
    let key = |name: &str| Column { name: name.to_owned(), kind: Kind::Wild, nullable: false };
    let mut table = |name, mut columns: Vec<Column>, most| {
        for at in 0..choices.between(1, most) {
            let kind = *choices.pick(&KINDS);
            let nullable = !choices.once_in(4);
            columns.push(Column { name: format!("{}{at}", letter(kind)), kind, nullable });
        }
        Table { name, columns }
    };
    vec![
        table("t", vec![key("id")], 7),
        table("u", vec![key("id"), key("t_id")], 5),
        table("r", vec![key("id")], 3),
    ]
}

fn letter(kind: Kind) -> &'static str {
    match kind {
        Kind::Small => "small",
        Kind::Region => "region",
        Kind::Money => "money",
        Kind::Day => "day",
        Kind::Word => "Word",
        Kind::Flag => "flag",
        Kind::Ratio => "ratio",
        Kind::At => "at",
        Kind::Wild => "wild",
        Kind::Instant => "instant",
        Kind::Uuid => "uuid",
        Kind::Clock => "clock",
    }
}

impl Table {
    /// The columns as a catalog spells them, in order.
    pub(super) fn columns(&self) -> String {
        let column = |column: &Column| {
            let null = if column.nullable { "" } else { " not null" };
            format!("\"{}\": \"{}{null}\"", column.name, column.kind.ty())
        };
        format!("{{ {} }}", self.columns.iter().map(column).collect::<Vec<_>>().join(", "))
    }

    /// Rows with keys from -3 up; `parents` is how many rows the table has whose key `t_id` is.
    pub(super) fn rows(&self, choices: &mut Choices, parents: usize) -> Result<RecordBatch> {
        let count = choices.between(0, if self.name == "r" { 6 } else { 30 });
        let mut columns = vec![Vec::with_capacity(count); self.columns.len()];
        let count = if self.name == "u" && parents == 0 { 0 } else { count };
        for row in 0..count {
            for (column, values) in self.columns.iter().zip(&mut columns) {
                values.push(match column.name.as_str() {
                    "id" => key(row),
                    "t_id" => key(choices.below(parents)),
                    _ if column.nullable && choices.once_in(5) => column.kind.null(),
                    _ => column.kind.value(choices),
                });
            }
        }
        let arrays =
            self.columns.iter().zip(columns).map(|(column, values)| array(column.kind, values));
        Ok(RecordBatch::try_new(self.schema(), arrays.collect::<Result<_>>()?)?)
    }

    fn schema(&self) -> arrow::datatypes::SchemaRef {
        let column = |column: &Column| intarsia_catalog::Column {
            name: column.name.clone(),
            ty: column.kind.ty(),
            nullable: column.nullable,
        };
        schema(&self.columns.iter().map(column).collect::<Vec<_>>())
    }
}

fn key(row: usize) -> ScalarValue {
    ScalarValue::Int64(i64::try_from(row).ok().map(|row| row - 3))
}

fn array(kind: Kind, values: Vec<ScalarValue>) -> Result<ArrayRef> {
    if values.is_empty() {
        return Ok(Arc::clone(&arrow::array::new_empty_array(&kind.ty().arrow())));
    }
    Ok(ScalarValue::iter_to_array(values)?)
}
