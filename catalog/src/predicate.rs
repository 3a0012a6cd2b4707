//! Conditions on one row, in the form that both the catalog's `where` and a query's filters are brought into.

use crate::Value;

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
