//! Proof that a horizontal split gives every row exactly one home, or a row that has none or two.

mod cover;
mod witness;

use std::collections::BTreeSet;

use self::cover::{Cover, Found, Owner};
use crate::{Column, Predicate, region::Region};

/// At most so many gaps, and as many overlaps, are told of one split.
pub const FAULTS: usize = 20;

/// What is wrong with a horizontal split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The part at fault, by position; 0 where no single part is.
    pub part: usize,
    /// The part that it overlaps, if it does.
    pub other: Option<usize>,
    /// The sentence for people, with a value for each column that matters.
    pub message: String,
}

/// Checks that the parts (name and condition) of a horizontal split are disjoint and complete over all rows that
/// the columns' types can hold.
pub fn horizontal(columns: &[Column], parts: &[(&str, &Predicate)]) -> Vec<Fault> {
    horizontal_within(columns, &Predicate::Constant(Some(true)), parts)
}

/// The same for a split inside a part whose condition is `outer`: no other rows need a home.
pub fn horizontal_within(
    columns: &[Column],
    outer: &Predicate,
    parts: &[(&str, &Predicate)],
) -> Vec<Fault> {
    let outer = Region::of_predicate(outer, columns);
    let regions: Vec<Region> =
        parts.iter().map(|(_, predicate)| Region::of_predicate(predicate, columns)).collect();
    if let Some(part) = regions.iter().position(|region| !region.exact) {
        let message = format!(
            "whether part `{}` overlaps others or leaves values out is not decided: its condition is too complex",
            parts[part].0
        );
        return vec![Fault { part, other: None, message }];
    }
    // What cannot be said exactly of the rows around the parts counts as all rows: more need a home, never fewer.
    // So it is with a derived part, whose parent's condition is about columns that it does not have.
    let mut boxes: Vec<_> = outer.boxes.iter().map(|one| (Owner::Outer, one)).collect();
    for (part, region) in regions.iter().enumerate() {
        boxes.extend(region.boxes.iter().map(|one| (Owner::Part(part), one)));
    }
    faults(columns, parts, Cover::new(columns, boxes).run())
}

fn faults(columns: &[Column], parts: &[(&str, &Predicate)], found: Vec<Found>) -> Vec<Fault> {
    let mut pairs = BTreeSet::new();
    let fault = |found| match found {
        Found::Overlap { part, other, row } => pairs.insert((part, other)).then(|| {
            let (a, b) = (parts[part].0, parts[other].0);
            let message =
                format!("parts `{a}` and `{b}` overlap: both hold {}", row.display(columns));
            Fault { part, other: Some(other), message }
        }),
        Found::Gap { row } => Some(Fault {
            part: 0,
            other: None,
            message: format!("no part holds {}", row.display(columns)),
        }),
        Found::Undecided => {
            let message = "whether the parts overlap or leave values out is not decided: their conditions differ in too many ways".into();
            Some(Fault { part: 0, other: None, message })
        }
    };
    found.into_iter().filter_map(fault).collect()
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
