//! Which rows and columns lie in which fragment.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    compute::filter_record_batch,
    datatypes::{
        Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
        TimestampMicrosecondType, UInt16Type, UInt32Type, UInt64Type,
    },
};
use intarsia_catalog::{
    Catalog, Column, Follows, Horizontal, HorizontalPart, Keys, Layout, Stored, Table, Type, Value,
    Vertical,
};

use super::Rows;
use crate::Result;

/// A leaf of a layout with its rows.
#[derive(Debug)]
pub struct Fragment {
    /// The leaf.
    pub stored: Arc<Stored>,
    /// Its rows; the columns are [`Stored::columns`].
    pub rows: RecordBatch,
}

/// Splits the rows of `table` as its layout says.
///
/// # Errors
/// If a row has no home or more than one.
pub fn split(catalog: &Catalog, table: &Table, rows: &Rows) -> Result<Vec<Fragment>> {
    let all = rows.get(&table.name).ok_or_else(|| format!("no rows of table {}", table.name))?;
    let mut fragments = Vec::new();
    Split { catalog, table, rows }.layout(&table.layout, all, &mut fragments)?;
    Ok(fragments)
}

struct Split<'a> {
    catalog: &'a Catalog,
    table: &'a Table,
    rows: &'a Rows,
}

impl Split<'_> {
    fn layout(&self, layout: &Layout, rows: &RecordBatch, out: &mut Vec<Fragment>) -> Result<()> {
        match layout {
            Layout::Stored(stored) => {
                let rows = rows.project(&stored.columns)?;
                out.push(Fragment { stored: Arc::clone(stored), rows });
                Ok(())
            }
            Layout::Horizontal(horizontal) => self.horizontal(horizontal, rows, out),
            Layout::Vertical(vertical) => self.vertical(vertical, rows, out),
        }
    }

    fn horizontal(
        &self,
        horizontal: &Horizontal,
        rows: &RecordBatch,
        out: &mut Vec<Fragment>,
    ) -> Result<()> {
        let homes = self.homes(self.table, horizontal, rows)?;
        for (part, of) in horizontal.parts.iter().enumerate() {
            let mask: BooleanArray = homes.iter().map(|&home| Some(home == part)).collect();
            self.layout(&of.layout, &filter_record_batch(rows, &mask)?, out)?;
        }
        Ok(())
    }

    /// The part of each row.
    fn homes(
        &self,
        table: &Table,
        horizontal: &Horizontal,
        rows: &RecordBatch,
    ) -> Result<Vec<usize>> {
        match &horizontal.follows {
            None => (0..rows.num_rows()).map(|row| home(table, horizontal, rows, row)).collect(),
            Some(follows) => self.followed(horizontal, follows, rows),
        }
    }

    /// The part of each row of a derived table: the one that follows its parent's.
    fn followed(
        &self,
        horizontal: &Horizontal,
        follows: &Follows,
        rows: &RecordBatch,
    ) -> Result<Vec<usize>> {
        let parent = &self.catalog.tables[&follows.table];
        let Layout::Horizontal(of_parent) = &parent.layout else {
            return Err(format!("table {} is followed and not horizontal", parent.name).into());
        };
        let parents = self.rows.get(&parent.name).ok_or("no rows of a followed table")?;
        let homes = self.homes(parent, of_parent, parents)?;
        let (own, theirs): (Vec<_>, Vec<_>) = follows.key.iter().copied().unzip();
        let parents: HashMap<_, _> =
            keys(parent, parents, &theirs).into_iter().zip(homes).collect();
        let part = |key: &String| {
            let home = parents.get(key).ok_or_else(|| format!("key {key} has no parent"))?;
            let name = &of_parent.parts[*home].name;
            let follows = |part: &HorizontalPart| part.follows.as_ref() == Some(name);
            let part = horizontal.parts.iter().position(|part| follows(part));
            Ok(part.ok_or_else(|| format!("no part follows `{name}`"))?)
        };
        keys(self.table, rows, &own).iter().map(part).collect()
    }

    fn vertical(
        &self,
        vertical: &Vertical,
        rows: &RecordBatch,
        out: &mut Vec<Fragment>,
    ) -> Result<()> {
        for part in &vertical.parts {
            match part.keys {
                Keys::Complete => self.layout(&part.layout, rows, out)?,
                Keys::Optional => {
                    let here =
                        (0..rows.num_rows()).map(|row| Some(present(rows, &part.columns, row)));
                    let rows = filter_record_batch(rows, &here.collect::<BooleanArray>())?;
                    self.layout(&part.layout, &rows, out)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether an optional part has a row: if it says anything, and sometimes although it does not.
fn present(rows: &RecordBatch, columns: &[usize], row: usize) -> bool {
    row.is_multiple_of(3) || columns.iter().any(|&column| rows.column(column).is_valid(row))
}

fn home(table: &Table, horizontal: &Horizontal, rows: &RecordBatch, row: usize) -> Result<usize> {
    let value = |column: usize| value(&table.columns[column], rows.column(column).as_ref(), row);
    let homes = horizontal.parts.iter().enumerate();
    let mut homes = homes.filter(|(_, part)| part.domain.matches(&value) == Some(true));
    match (homes.next(), homes.next()) {
        (Some((home, _)), None) => Ok(home),
        (None, _) => Err(format!("row {row} of table {} has no home", table.name).into()),
        (Some(_), Some(_)) => Err(format!("row {row} of {} has two homes", table.name).into()),
    }
}

fn keys(table: &Table, rows: &RecordBatch, columns: &[usize]) -> Vec<String> {
    let key = |row| {
        let value = |&c: &usize| value(&table.columns[c], rows.column(c).as_ref(), row);
        format!("{:?}", columns.iter().map(value).collect::<Vec<_>>())
    };
    (0..rows.num_rows()).map(key).collect()
}

/// A value as conditions compare it; `None` for NULL and for types that no condition may use.
pub(super) fn value(column: &Column, array: &dyn Array, row: usize) -> Option<Value> {
    if array.is_null(row) {
        return None;
    }
    Some(match column.ty {
        Type::Boolean => Value::Boolean(array.as_boolean().value(row)),
        Type::SmallInt => Value::Integer(array.as_primitive::<Int16Type>().value(row).into()),
        Type::SmallIntUnsigned => {
            Value::Integer(array.as_primitive::<UInt16Type>().value(row).into())
        }
        Type::Integer => Value::Integer(array.as_primitive::<Int32Type>().value(row).into()),
        Type::IntegerUnsigned => {
            Value::Integer(array.as_primitive::<UInt32Type>().value(row).into())
        }
        Type::BigInt => Value::Integer(array.as_primitive::<Int64Type>().value(row).into()),
        Type::BigIntUnsigned => {
            Value::Integer(array.as_primitive::<UInt64Type>().value(row).into())
        }
        Type::Real => Value::Float(array.as_primitive::<Float32Type>().value(row).into()),
        Type::Double => Value::Float(array.as_primitive::<Float64Type>().value(row)),
        Type::Decimal { .. } => Value::Decimal(array.as_primitive::<Decimal128Type>().value(row)),
        Type::Text | Type::Uuid => Value::Text(array.as_string::<i32>().value(row).to_owned()),
        Type::Date => Value::Date(array.as_primitive::<Date32Type>().value(row)),
        Type::Timestamp | Type::TimestampTz => {
            Value::Timestamp(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        Type::Json | Type::Binary | Type::Time => return None,
    })
}
