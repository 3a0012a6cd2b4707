//! Conditions on one row, in the form that both the catalog's `where` and a query's filters are brought into.

mod display;
mod parse;

use std::{cmp::Ordering, collections::BTreeSet};

pub use parse::parse;

use crate::{Value, hash::hash};

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compare {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Compare {
    /// The operator that says the same with its sides exchanged.
    pub fn flipped(self) -> Compare {
        match self {
            Compare::Less => Compare::Greater,
            Compare::LessOrEqual => Compare::GreaterOrEqual,
            Compare::Greater => Compare::Less,
            Compare::GreaterOrEqual => Compare::LessOrEqual,
            Compare::Equal | Compare::NotEqual => self,
        }
    }

    /// The operator that is FALSE where this one is TRUE.
    pub fn negated(self) -> Compare {
        match self {
            Compare::Equal => Compare::NotEqual,
            Compare::NotEqual => Compare::Equal,
            Compare::Less => Compare::GreaterOrEqual,
            Compare::LessOrEqual => Compare::Greater,
            Compare::Greater => Compare::LessOrEqual,
            Compare::GreaterOrEqual => Compare::Less,
        }
    }

    /// Whether it holds between two values of this order.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Compare::Equal => order.is_eq(),
            Compare::NotEqual => order.is_ne(),
            Compare::Less => order.is_lt(),
            Compare::LessOrEqual => order.is_le(),
            Compare::Greater => order.is_gt(),
            Compare::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// A condition over a table's columns (by position), with SQL's three-valued logic.
///
/// What cannot be said in this form is [`Predicate::Unknown`]: it may be TRUE, FALSE or NULL for any row, so
/// that whatever is derived from it keeps every row that the real condition could keep.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// TRUE, FALSE or NULL for every row.
    Constant(Option<bool>),
    /// `column op value`; NULL when the column is NULL.
    Compare(usize, Compare, Value),
    /// `column IN (values)`; `null` says whether NULL is among them.
    In {
        /// The column's position.
        column: usize,
        /// The values that are not NULL.
        values: Vec<Value>,
        /// Whether the list holds a NULL.
        null: bool,
    },
    /// `column IS NULL`.
    IsNull(usize),
    /// A boolean column standing alone.
    Column(usize),
    /// `column % modulus IN (residues)` for whole numbers; the sign is the column's.
    Modulo {
        /// The column's position.
        column: usize,
        /// N, at least 1.
        modulus: u32,
        /// The residues, each of absolute value less than `modulus`.
        residues: Vec<i64>,
    },
    /// `hash(column) % modulus IN (residues)`.
    Hash {
        /// The column's position.
        column: usize,
        /// N, at least 1.
        modulus: u32,
        /// The residues, each less than `modulus`.
        residues: Vec<u32>,
    },
    /// AND of all; of none it is TRUE.
    And(Vec<Predicate>),
    /// OR of all; of none it is FALSE.
    Or(Vec<Predicate>),
    /// NOT.
    Not(Box<Predicate>),
    /// A condition that this algebra cannot express.
    Unknown,
}

impl Predicate {
    /// The columns that it is about.
    pub fn columns(&self) -> BTreeSet<usize> {
        let mut columns = BTreeSet::new();
        self.collect_columns(&mut columns);
        columns
    }

    fn collect_columns(&self, columns: &mut BTreeSet<usize>) {
        match self {
            Predicate::Constant(_) | Predicate::Unknown => {}
            Predicate::And(all) | Predicate::Or(all) => {
                all.iter().for_each(|one| one.collect_columns(columns));
            }
            Predicate::Not(inner) => inner.collect_columns(columns),
            Predicate::Compare(column, ..)
            | Predicate::IsNull(column)
            | Predicate::Column(column)
            | Predicate::In { column, .. }
            | Predicate::Modulo { column, .. }
            | Predicate::Hash { column, .. } => {
                columns.insert(*column);
            }
        }
    }

    /// The same condition over other columns; [`Predicate::Unknown`] stands for what is said of a column that
    /// `map` does not know.
    pub fn map_columns(&self, map: &dyn Fn(usize) -> Option<usize>) -> Predicate {
        let all = |list: &[Predicate]| list.iter().map(|one| one.map_columns(map)).collect();
        let mut mapped = match self {
            Predicate::And(list) => return Predicate::And(all(list)),
            Predicate::Or(list) => return Predicate::Or(all(list)),
            Predicate::Not(inner) => return Predicate::Not(Box::new(inner.map_columns(map))),
            one => one.clone(),
        };
        if let Some(column) = mapped.column_mut() {
            match map(*column) {
                Some(other) => *column = other,
                None => mapped = Predicate::Unknown,
            }
        }
        mapped
    }

    /// The column of a condition that is about exactly one and not composed of others.
    fn column_mut(&mut self) -> Option<&mut usize> {
        match self {
            Predicate::Compare(column, ..)
            | Predicate::IsNull(column)
            | Predicate::Column(column)
            | Predicate::In { column, .. }
            | Predicate::Modulo { column, .. }
            | Predicate::Hash { column, .. } => Some(column),
            Predicate::Constant(_)
            | Predicate::Unknown
            | Predicate::And(_)
            | Predicate::Or(_)
            | Predicate::Not(_) => None,
        }
    }

    /// What it says of one row, whose columns' values `row` gives (`None` is NULL): TRUE, FALSE or, as `None`,
    /// NULL. [`Predicate::Unknown`], and a comparison of values that are not comparable, is NULL.
    pub fn matches(&self, row: &dyn Fn(usize) -> Option<Value>) -> Option<bool> {
        match self {
            Predicate::Constant(constant) => *constant,
            Predicate::Compare(column, op, value) => {
                row(*column)?.compare(value).map(|order| op.holds(order))
            }
            Predicate::In { column, values, null } => {
                let own = row(*column)?;
                let found = values.iter().any(|value| own.compare(value) == Some(Ordering::Equal));
                if found || !null { Some(found) } else { None }
            }
            Predicate::IsNull(column) => Some(row(*column).is_none()),
            Predicate::Column(column) => match row(*column)? {
                Value::Boolean(value) => Some(value),
                _ => None,
            },
            Predicate::Modulo { column, modulus, residues } => match row(*column)? {
                Value::Integer(value) => {
                    let residue = value % i128::from(*modulus);
                    Some(residues.iter().any(|one| i128::from(*one) == residue))
                }
                _ => None,
            },
            Predicate::Hash { column, modulus, residues } => {
                hash(&row(*column)?).map(|hash| residues.contains(&(hash % modulus)))
            }
            Predicate::And(all) => decide(all, false, row),
            Predicate::Or(all) => decide(all, true, row),
            Predicate::Not(inner) => inner.matches(row).map(|value| !value),
            Predicate::Unknown => None,
        }
    }
}

/// Three-valued AND (where FALSE decides) or OR (where TRUE does).
fn decide(all: &[Predicate], decisive: bool, row: &dyn Fn(usize) -> Option<Value>) -> Option<bool> {
    let mut result = Some(!decisive);
    for one in all {
        match one.matches(row) {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(column: usize, value: i128) -> Predicate {
        Predicate::Compare(column, Compare::Equal, Value::Integer(value))
    }

    #[test]
    fn logic_has_three_values() {
        let null = Predicate::Constant(None);
        let of = |predicate: &Predicate| {
            predicate.matches(&|column| (column == 1).then_some(Value::Integer(5)))
        };
        assert_eq!(of(&Predicate::And(vec![null.clone(), equal(1, 4)])), Some(false));
        assert_eq!(of(&Predicate::And(vec![null.clone(), equal(1, 5)])), None);
        assert_eq!(of(&Predicate::Or(vec![null.clone(), equal(1, 5)])), Some(true));
        assert_eq!(of(&Predicate::Not(Box::new(equal(0, 5)))), None);
        assert_eq!(of(&Predicate::IsNull(0)), Some(true));
        let list = |values, null| Predicate::In { column: 1, values, null };
        assert_eq!(of(&list(vec![Value::Integer(4)], true)), None);
        assert_eq!(of(&list(vec![Value::Integer(5)], true)), Some(true));
        assert_eq!(of(&list(vec![], false)), Some(false));
    }

    #[test]
    fn remainders_have_the_sign_of_the_left_side() {
        let residue = |value, residue| {
            Predicate::Modulo { column: 0, modulus: 3, residues: vec![residue] }
                .matches(&|_| Some(Value::Integer(value)))
        };
        assert_eq!(residue(-4, -1), Some(true));
        assert_eq!(residue(-4, 2), Some(false));
        assert_eq!(residue(5, 2), Some(true));
    }

    #[test]
    fn columns_are_mapped_and_collected() {
        let both =
            Predicate::And(vec![equal(1, 5), Predicate::Not(Box::new(Predicate::IsNull(2)))]);
        let mapped = both.map_columns(&|column| (column == 1).then_some(7));
        assert_eq!(
            mapped,
            Predicate::And(vec![equal(7, 5), Predicate::Not(Box::new(Predicate::Unknown))])
        );
        assert_eq!(both.columns(), BTreeSet::from([1, 2]));
    }
}
