//! Two answers to one query: the same rows, in the same order as far as the query says one.

use std::{cmp::Ordering, fmt};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{DataType, Float32Type, Float64Type, SchemaRef},
    util::display::{ArrayFormatter, FormatOptions},
};

use crate::Result;

/// Sums of floats depend on the order in which they are taken.
const TOLERANCE: f64 = 1e-9;

/// The rows of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The columns' names and types.
    pub schema: SchemaRef,
    /// The rows as they came.
    pub rows: Vec<Vec<Cell>>,
}

/// A value as far as comparing needs it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// NULL
    Null,
    /// A float, compared with a tolerance.
    Float(f64),
    /// Anything else, as Arrow shows it.
    Text(String),
}

impl Answer {
    /// The rows of `batches`.
    pub fn new(schema: SchemaRef, batches: &[RecordBatch]) -> Result<Answer> {
        let mut rows = Vec::new();
        for batch in batches {
            let columns: Result<Vec<_>> =
                batch.columns().iter().map(|c| cells(c.as_ref())).collect();
            let mut columns: Vec<_> = columns?.into_iter().map(Vec::into_iter).collect();
            rows.extend(
                (0..batch.num_rows())
                    .map(|_| columns.iter_mut().filter_map(Iterator::next).collect()),
            );
        }
        Ok(Answer { schema, rows })
    }

    /// In what `self` differs from what was expected; `order` are the columns that the rows are ordered by.
    pub fn difference(&self, expected: &Answer, order: &[usize]) -> Option<String> {
        let columns = |answer: &Answer| {
            let fields = answer.schema.fields().iter();
            fields
                .map(|f| format!("{}: {}", f.name(), f.data_type()))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (theirs, ours) = (columns(expected), columns(self));
        if theirs != ours {
            return Some(format!("columns\n  expected {theirs}\n  found    {ours}"));
        }
        let key = |row: &Vec<Cell>| order.iter().map(|&at| row[at].clone()).collect::<Vec<_>>();
        let keys = |answer: &Answer| answer.rows.iter().map(key).collect::<Vec<_>>();
        first_difference(&sorted(&expected.rows), &sorted(&self.rows), "row")
            .or_else(|| first_difference(&keys(expected), &keys(self), "order"))
    }
}

fn cells(array: &dyn Array) -> Result<Vec<Cell>> {
    let options = FormatOptions::new();
    let shown = ArrayFormatter::try_new(array, &options)?;
    let one = |row| {
        if array.is_null(row) {
            return Ok(Cell::Null);
        }
        Ok(match array.data_type() {
            DataType::Float64 => Cell::Float(array.as_primitive::<Float64Type>().value(row)),
            DataType::Float32 => Cell::Float(array.as_primitive::<Float32Type>().value(row).into()),
            _ => Cell::Text(shown.value(row).try_to_string()?),
        })
    };
    (0..array.len()).map(one).collect()
}

fn sorted(rows: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| exact_first(a, b));
    rows
}

/// Floats decide last, so that rows whose floats differ within the tolerance still meet.
fn exact_first(a: &[Cell], b: &[Cell]) -> Ordering {
    let exact = |(a, b): (&Cell, &Cell)| match (a, b) {
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        (Cell::Float(_), Cell::Float(_)) => Ordering::Equal,
        _ => rank(a).cmp(&rank(b)),
    };
    let floats = |(a, b): (&Cell, &Cell)| match (a, b) {
        (Cell::Float(a), Cell::Float(b)) => a.total_cmp(b),
        _ => Ordering::Equal,
    };
    let cells = || a.iter().zip(b);
    let unequal = |order: &Ordering| *order != Ordering::Equal;
    cells().map(exact).chain(cells().map(floats)).find(unequal).unwrap_or(Ordering::Equal)
}

fn rank(cell: &Cell) -> u8 {
    match cell {
        Cell::Null => 0,
        Cell::Float(_) => 1,
        Cell::Text(_) => 2,
    }
}

fn first_difference(expected: &[Vec<Cell>], found: &[Vec<Cell>], what: &str) -> Option<String> {
    let shown = |row: Option<&Vec<Cell>>| match row {
        None => "no row".to_owned(),
        Some(cells) => cells.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "),
    };
    let rows = expected.len().max(found.len());
    (0..rows).find_map(|at| {
        let (theirs, ours) = (expected.get(at), found.get(at));
        let equal = matches!((theirs, ours), (Some(a), Some(b)) if a.iter().zip(b).all(|(a, b)| a.close(b)));
        (!equal).then(|| {
            let counts = format!("{} rows expected, {} found", expected.len(), found.len());
            format!("{what} {at} of them sorted ({counts})\n  expected {}\n  found    {}", shown(theirs), shown(ours))
        })
    })
}

impl Cell {
    fn close(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Float(a), Cell::Float(b)) => {
                a.total_cmp(b) == Ordering::Equal
                    || a == b
                    || (a.is_nan() && b.is_nan())
                    || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0)
            }
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("NULL"),
            Cell::Float(value) => write!(f, "{value:?}"),
            Cell::Text(text) => write!(f, "{text:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{ArrayRef, Float64Array, Int64Array},
        datatypes::{Field, Schema},
    };

    use super::*;

    fn answer(rows: &[(Option<i64>, f64)]) -> Answer {
        let fields =
            vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Float64, true)];
        let schema = Arc::new(Schema::new(fields));
        let a: ArrayRef = Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>());
        let b: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Float64Array>());
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![a, b]).unwrap();
        Answer::new(schema, &[batch]).unwrap()
    }

    #[test]
    fn order_counts_only_as_far_as_the_query_says() {
        let expected = answer(&[(Some(1), 0.5), (Some(1), 1.5), (None, 2.5)]);
        let ties_swapped = answer(&[(Some(1), 1.5), (Some(1), 0.5), (None, 2.5)]);
        assert_eq!(ties_swapped.difference(&expected, &[0]), None);
        assert!(ties_swapped.difference(&expected, &[0, 1]).is_some());
    }

    #[test]
    fn floats_meet_within_the_tolerance_and_null_meets_null_only() {
        let expected = answer(&[(Some(1), 0.1 + 0.2), (None, 1e20)]);
        assert_eq!(answer(&[(None, 1e20), (Some(1), 0.3)]).difference(&expected, &[]), None);
        assert!(answer(&[(None, 1e20), (Some(1), 0.300_001)]).difference(&expected, &[]).is_some());
        assert!(answer(&[(Some(0), 1e20), (Some(1), 0.3)]).difference(&expected, &[]).is_some());
        assert!(answer(&[(Some(1), 0.3)]).difference(&expected, &[]).is_some());
    }
}
