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
    /// The primary key first: `id`, of kind [`Kind::Wild`], and sometimes `lap`.
    pub(super) columns: Vec<Column>,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    /// Whether it is of the primary key.
    pub(super) key: bool,
}

/// The three tables: `t`; `u`, whose `t_id` (and `t_lap`) is a key of `t`; and `r`, which is small.
pub(super) fn tables(choices: &mut Choices) -> Vec<Table> {
    let held = |name: &str, kind, key| Column { name: name.to_owned(), kind, nullable: false, key };
    let (id, lap) = (held("id", Kind::Wild, true), held("lap", Kind::Small, true));
    let (t_id, t_lap) = (held("t_id", Kind::Wild, false), held("t_lap", Kind::Small, false));
    let (t, u) = match choices.once_in(4) {
        false => (vec![id.clone()], vec![id.clone(), t_id]),
        true => (vec![id.clone(), lap], vec![id.clone(), t_id, t_lap]),
    };
    let mut table = |name, mut columns: Vec<Column>, most| {
        for at in 0..choices.between(1, most) {
            let kind = *choices.pick(&KINDS);
            let nullable = !choices.once_in(4);
            columns.push(Column {
                name: format!("{}{at}", letter(kind)),
                kind,
                nullable,
                key: false,
            });
        }
        Table { name, columns }
    };
    vec![table("t", t, 7), table("u", u, 5), table("r", vec![id], 3)]
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
        Kind::Tiny => "tiny",
        Kind::Natural => "natural",
        Kind::Real => "real",
        Kind::Wide => "wide",
        Kind::Bytes => "bytes",
        Kind::Json => "json",
    }
}

impl Table {
    /// The columns of the primary key.
    pub(super) fn key(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.key).map(|column| column.name.as_str())
    }

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
        let laps = |of: &str| self.columns.iter().any(|column| column.name == of);
        for row in 0..count {
            let parent = if self.name == "u" { choices.below(parents) } else { 0 };
            for (column, values) in self.columns.iter().zip(&mut columns) {
                values.push(match column.name.as_str() {
                    "id" => id(row, laps("lap")),
                    "lap" => lap(row),
                    "t_id" => id(parent, laps("t_lap")),
                    "t_lap" => lap(parent),
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

/// The key of a row; under one `id` there are two laps.
fn id(row: usize, laps: bool) -> ScalarValue {
    let row = if laps { row / 2 } else { row };
    ScalarValue::Int64(i64::try_from(row).ok().map(|row| row - 3))
}

fn lap(row: usize) -> ScalarValue {
    ScalarValue::Int32(i32::try_from(row % 2).ok())
}

fn array(kind: Kind, values: Vec<ScalarValue>) -> Result<ArrayRef> {
    if values.is_empty() {
        return Ok(Arc::clone(&arrow::array::new_empty_array(&kind.ty().arrow())));
    }
    Ok(ScalarValue::iter_to_array(values)?)
}
