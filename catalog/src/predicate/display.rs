//! A predicate as SQL, for people.

use std::fmt;

use super::{Compare, Predicate};
use crate::Column;

/// At most so many values of a list are shown.
const SHOWN: usize = 5;

impl Predicate {
    /// The condition as SQL over these columns, long lists cut short: for messages, not for a database.
    pub fn display<'a>(&'a self, columns: &'a [Column]) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| write(self, columns, f))
    }
}

fn write(predicate: &Predicate, columns: &[Column], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let name = |column: usize| columns.get(column).map_or("?", |column| column.name.as_str());
    match predicate {
        Predicate::Constant(Some(true)) => f.write_str("TRUE"),
        Predicate::Constant(Some(false)) => f.write_str("FALSE"),
        Predicate::Constant(None) => f.write_str("NULL"),
        Predicate::Compare(column, op, value) => {
            write!(f, "{} {op} {}", name(*column), value.show(scale(columns, *column)))
        }
        Predicate::In { column, values, null } => {
            write!(f, "{} IN (", name(*column))?;
            write_list(values, |value| value.show(scale(columns, *column)), f)?;
            f.write_str(match (null, values.is_empty()) {
                (true, true) => "NULL)",
                (true, false) => ", NULL)",
                (false, _) => ")",
            })
        }
        Predicate::IsNull(column) => write!(f, "{} IS NULL", name(*column)),
        Predicate::Column(column) => f.write_str(name(*column)),
        Predicate::Modulo { column, modulus, residues } => {
            write!(f, "{} % {modulus} ", name(*column))?;
            write_residues(residues, f)
        }
        Predicate::Hash { column, modulus, residues } => {
            write!(f, "hash({}) % {modulus} ", name(*column))?;
            write_residues(residues, f)
        }
        Predicate::And(all) => write_chain(all, "AND", columns, f),
        Predicate::Or(all) => write_chain(all, "OR", columns, f),
        Predicate::Not(inner) => match inner.as_ref() {
            Predicate::IsNull(column) => write!(f, "{} IS NOT NULL", name(*column)),
            inner => {
                f.write_str("NOT ")?;
                write_operand(inner, columns, f)
            }
        },
        Predicate::Unknown => f.write_str("…"),
    }
}

fn scale(columns: &[Column], column: usize) -> u8 {
    columns.get(column).map_or(0, |column| column.ty.scale())
}

fn write_chain(
    all: &[Predicate],
    word: &str,
    columns: &[Column],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if all.is_empty() {
        return f.write_str(if word == "AND" { "TRUE" } else { "FALSE" });
    }
    for (position, one) in all.iter().enumerate().take(SHOWN) {
        if position > 0 {
            write!(f, " {word} ")?;
        }
        write_operand(one, columns, f)?;
    }
    match all.len().checked_sub(SHOWN) {
        Some(more @ 1..) => write!(f, " {word} … {more} more"),
        _ => Ok(()),
    }
}

/// In brackets where precedence would read it otherwise.
fn write_operand(
    predicate: &Predicate,
    columns: &[Column],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match predicate {
        Predicate::And(all) | Predicate::Or(all) if all.len() > 1 => {
            f.write_str("(")?;
            write(predicate, columns, f)?;
            f.write_str(")")
        }
        one => write(one, columns, f),
    }
}

fn write_residues<T: fmt::Display>(residues: &[T], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let [one] = residues {
        return write!(f, "= {one}");
    }
    f.write_str("IN (")?;
    write_list(residues, |residue| residue, f)?;
    f.write_str(")")
}

fn write_list<'a, T, D: fmt::Display>(
    list: &'a [T],
    show: impl Fn(&'a T) -> D,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (position, one) in list.iter().enumerate().take(SHOWN) {
        let comma = if position > 0 { ", " } else { "" };
        write!(f, "{comma}{}", show(one))?;
    }
    match list.len().checked_sub(SHOWN) {
        Some(more @ 1..) => write!(f, ", … {more} more"),
        _ => Ok(()),
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compare::Equal => "=",
            Compare::NotEqual => "<>",
            Compare::Less => "<",
            Compare::LessOrEqual => "<=",
            Compare::Greater => ">",
            Compare::GreaterOrEqual => ">=",
        })
    }
}
