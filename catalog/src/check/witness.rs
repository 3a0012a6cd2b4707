//! A row to show: one value for each column on the sweep's path, plain rather than extreme.

use std::iter;

use super::cover::Cell;
use crate::{
    Column, Value,
    domain::{Axis, Classes, Point, Slice, residue},
    region::{Bounded, hash_point},
};

/// So many values are tried for one of the right hash.
const TRIES: usize = 100_000;

/// Some row, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Values by column; `None` is NULL.
    pub(super) values: Vec<(usize, Option<Value>)>,
    /// What can be said of the columns for which no value was found in time.
    pub(super) others: Vec<String>,
}

/// A row of the sweep's path, and how many values were tried. `None` if the hashes asked for are the hashes of none
/// of the values.
pub(super) fn row(columns: &[Column], path: &[(Bounded, Cell)]) -> (Option<Row>, usize) {
    let (mut row, mut steps) = (Row::default(), 0);
    for (bounded, cell) in path.iter().filter(|(bounded, _)| !bounded.hash) {
        let column = bounded.column;
        let Cell::Values(slice) = cell else {
            row.values.push((column, None));
            continue;
        };
        let axis = bounded.axis(columns);
        let hashes = hashes_on(path, column);
        match find(axis, slice, hashes, &mut steps) {
            Find::Point(point) => row.values.push((column, axis.value(&point))),
            Find::None => return (None, steps),
            Find::Tired => {
                let name = &columns[column].name;
                row.others.extend(hashes.map(|hashes| show_hash(name, hashes)));
            }
        }
    }
    (Some(row), steps)
}

impl Row {
    /// The row as `a = 1, b = null`.
    pub(super) fn display(&self, columns: &[Column]) -> String {
        let value = |(column, value): &(usize, Option<Value>)| {
            let Column { name, ty, .. } = &columns[*column];
            match value {
                Some(value) => format!("{name} = {}", value.show(ty.scale())),
                None => format!("{name} = null"),
            }
        };
        let shown: Vec<String> =
            self.values.iter().map(value).chain(self.others.iter().cloned()).collect();
        if shown.is_empty() { "any row".to_owned() } else { shown.join(", ") }
    }
}

enum Find {
    Point(Point),
    /// There is none.
    None,
    /// There are too many values to try all.
    Tired,
}

fn hashes_on(path: &[(Bounded, Cell)], column: usize) -> Option<&Slice> {
    path.iter().find_map(|(bounded, cell)| match cell {
        Cell::Values(slice) if *bounded == Bounded::hashes(column) => Some(slice),
        _ => None,
    })
}

/// A value of the slice, of the right hash if one is asked for.
fn find(axis: Axis, slice: &Slice, hashes: Option<&Slice>, steps: &mut usize) -> Find {
    let Some(hashes) = hashes else {
        return plain(axis, slice).next().map_or(Find::None, Find::Point);
    };
    let tried = |point: &Point| {
        *steps += 1;
        hash_point(axis, point).is_some_and(|hash| hashes.contains(&hash))
    };
    let few = slice.count().is_some_and(|count| count <= TRIES as u128);
    let mut candidates: Box<dyn Iterator<Item = Point>> =
        if few { Box::new(slice.points()) } else { Box::new(plain(axis, slice).take(TRIES)) };
    match candidates.find(tried) {
        Some(point) => Find::Point(point),
        None if few => Find::None,
        None => Find::Tired,
    }
}

/// Values of the slice, those first that a person would choose.
fn plain<'a>(axis: Axis, slice: &'a Slice) -> Box<dyn Iterator<Item = Point> + 'a> {
    match &slice.from {
        Point::Text(from) => Box::new(texts(from, slice)),
        Point::Number(from) => {
            let near = Point::Number(near(axis, slice, *from));
            Box::new(slice.points_from(near).chain(slice.points()))
        }
        Point::End => Box::new(iter::empty()),
    }
}

/// A bound behind a text begins with a zero byte: something visible behind it reads better.
fn texts<'a>(from: &'a str, slice: &'a Slice) -> impl Iterator<Item = Point> + 'a {
    let base = from.trim_end_matches('\0');
    let visible = (base.len() < from.len()).then(|| Point::Text(format!("{base}a")));
    let numbered =
        move |base: &'a str| (0..TRIES).map(move |number| Point::Text(format!("{base}{number}")));
    let all = visible
        .into_iter()
        .chain(iter::once(slice.from.clone()))
        .chain(numbered(base))
        .chain(numbered(from));
    all.filter(|text| slice.contains(text))
}

/// Beside the bound that the catalog names, or zero.
fn near(axis: Axis, slice: &Slice, from: i128) -> i128 {
    let step = match &slice.classes {
        Classes::All => 1,
        classes => i128::from(classes.modulus()),
    };
    match &slice.to {
        _ if slice.from != axis.start() => from,
        to if *to == axis.end() => from.max(0),
        Point::Number(to) => from.max(to.saturating_sub(step)),
        Point::Text(_) | Point::End => from,
    }
}

fn show_hash(column: &str, hashes: &Slice) -> String {
    match (hashes.points().next(), hashes.classes.modulus()) {
        (Some(Point::Number(hash)), modulus @ 2..) => {
            format!("hash({column}) % {modulus} = {}", residue(hash, modulus))
        }
        (Some(Point::Number(hash)), _) => format!("hash({column}) = {hash}"),
        _ => format!("hash({column})"),
    }
}
