//! A row to show: one value for each column on the sweep's path, plain rather than extreme.

use std::iter;

use super::cover::Cell;
use crate::{
    Column, Type,
    domain::{Axis, Classes, Point, Slice, residue},
    region::{Bounded, hash_point},
};

/// So many values are tried for one of the right hash.
const TRIES: usize = 100_000;

/// The row as `a = 1, b = null`, and how many values were tried. `None` if the hashes asked for are the hashes of
/// none of the values.
pub(super) fn row(columns: &[Column], path: &[(Bounded, Cell)]) -> (Option<String>, usize) {
    let (mut shown, mut steps) = (Vec::new(), 0);
    for (bounded, cell) in path.iter().filter(|(bounded, _)| !bounded.hash) {
        let column = &columns[bounded.column];
        let Cell::Values(slice) = cell else {
            shown.push(format!("{} = null", column.name));
            continue;
        };
        let axis = bounded.axis(columns);
        let hashes = hashes_on(path, bounded.column);
        match find(axis, slice, hashes, &mut steps) {
            Find::Point(point) => {
                shown.push(format!("{} = {}", column.name, show(axis, &point, column.ty)))
            }
            Find::None => return (None, steps),
            Find::Tired => shown.extend(hashes.map(|hashes| show_hash(&column.name, hashes))),
        }
    }
    let row = if shown.is_empty() { "any row".to_owned() } else { shown.join(", ") };
    (Some(row), steps)
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
    let few = slice.count(axis.end()).is_some_and(|count| count <= TRIES as u128);
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
        Point::Number(to) => from.max(to.saturating_sub(step)),
        Point::Text(_) | Point::End => from.max(0),
    }
}

fn show(axis: Axis, point: &Point, ty: Type) -> String {
    let scale = match ty {
        Type::Decimal { scale, .. } => scale,
        _ => 0,
    };
    axis.value(point).map_or_else(|| "…".to_owned(), |value| value.show(scale).to_string())
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
