//! Splitting and rejoining is identity, and a reduced layout answers as the whole one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    Column, check,
    generate::{Dice, KEY, Row, columns, dice, table},
};

fn is_true(predicate: &Predicate, row: &Row) -> bool {
    predicate.matches(&|column| row[column].clone()) == Some(true)
}

/// The rows that the parts of a layout hold of these rows, rejoined.
fn rejoined(layout: &Layout, rows: &[Row]) -> Vec<Row> {
    match layout {
        Layout::Stored(_) => rows.to_vec(),
        Layout::Horizontal(split) => {
            let part = |part: &Arc<HorizontalPart>| {
                let own = rows.iter().filter(|row| is_true(&part.domain, row)).cloned();
                rejoined(&part.layout, &own.collect::<Vec<_>>())
            };
            split.parts.iter().flat_map(part).collect()
        }
        Layout::Vertical(split) => {
            let parts: Vec<_> = split.parts.iter().map(|part| (part, given(part, rows))).collect();
            let complete = |part: &&(&VerticalPart, _)| part.0.keys == Keys::Complete;
            let (_, base) = parts.iter().find(complete).expect("one part is complete");
            base.keys().filter_map(|key| joined(key, &parts)).collect()
        }
    }
}

type Keyed = BTreeMap<String, Row>;

/// What a vertical part holds, by key. An optional one lacks every other row of NULLs.
fn given(part: &VerticalPart, rows: &[Row]) -> Keyed {
    let lacks = |row: &Row| {
        let null = part.columns.iter().all(|column| row[*column].is_none());
        part.keys == Keys::Optional && null && format!("{:?}", row[KEY]).len() % 2 == 0
    };
    let held: Vec<Row> = rows.iter().filter(|row| !lacks(row)).cloned().collect();
    let keyed = rejoined(&part.layout, &held).into_iter();
    keyed.map(|row| (format!("{:?}", row[KEY]), row)).collect()
}

/// The row of a key, each column from its part; `None` if a complete part lacks it.
fn joined(key: &String, parts: &[(&VerticalPart, Keyed)]) -> Option<Row> {
    let mut row = vec![None; columns().len()];
    for (part, given) in parts {
        match given.get(key) {
            Some(own) => {
                row[KEY].clone_from(&own[KEY]);
                part.columns.iter().for_each(|column| row[*column].clone_from(&own[*column]));
            }
            None if part.keys == Keys::Complete => return None,
            None => {}
        }
    }
    Some(row)
}

fn layout(dice: &mut Dice) -> Layout {
    dice.layout(&(1..columns().len()).collect::<Vec<_>>(), 3)
}

/// The wanted columns of the wanted rows, in an order of their own.
fn answer(rows: Vec<Row>, need: &Need) -> Vec<String> {
    let wanted = rows.into_iter().filter(|row| is_true(&need.condition, row));
    let shown = wanted.map(|row| {
        let cells: Vec<_> = need.columns.iter().map(|column| &row[*column]).collect();
        format!("{cells:?}")
    });
    let mut all: Vec<String> = shown.collect();
    all.sort();
    all
}

/// Every horizontal split of a layout.
fn accepted(layout: &Layout, columns: &[Column]) -> bool {
    match layout {
        Layout::Stored(_) => true,
        Layout::Horizontal(split) => {
            let parts: Vec<_> =
                split.parts.iter().map(|part| (&*part.name, &part.domain)).collect();
            check::horizontal(columns, &parts).is_empty()
                && split.parts.iter().all(|part| accepted(&part.layout, columns))
        }
        Layout::Vertical(split) => split.parts.iter().all(|part| accepted(&part.layout, columns)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn splitting_and_rejoining_is_identity(mut dice in dice()) {
        let (layout, mut rows) = (layout(&mut dice), dice.rows());
        prop_assert!(accepted(&layout, &columns()));
        let mut back = rejoined(&layout, &rows);
        rows.sort_by_key(|row| format!("{row:?}"));
        back.sort_by_key(|row| format!("{row:?}"));
        prop_assert_eq!(format!("{rows:?}"), format!("{back:?}"), "{:?}", layout);
    }

    #[test]
    fn a_reduced_layout_answers_as_the_whole(mut dice in dice()) {
        let condition = dice.predicate(&[0, 1, 2, 3, 4, 5, 6, 7, 8], 2);
        let extra = dice.roll(columns().len());
        let need = Need { columns: condition.columns().into_iter().chain([extra]).collect(), condition };
        let table = table(layout(&mut dice));
        let rows = dice.rows();
        let whole = answer(rows.clone(), &need);
        let reduced = table.layout.reduce(&table, &need);
        let rest = reduced.as_ref().map_or_else(Vec::new, |layout| rejoined(layout, &rows));
        prop_assert_eq!(&answer(rest, &need), &whole, "{:?} of {:?}", need, table.layout);
        let again = reduced.as_ref().and_then(|layout| layout.reduce(&table, &need));
        let rest = again.map_or_else(Vec::new, |layout| rejoined(&layout, &rows));
        prop_assert_eq!(answer(rest, &need), whole, "a reduced layout can be reduced");
    }

    #[test]
    fn the_index_finds_what_a_walk_finds(mut dice in dice()) {
        let split: Vec<_> = (0..8).flat_map(|_| dice.split(&[0, 1, 2, 5, 8])).collect();
        let region = |predicate| Region::of_predicate(predicate, &columns());
        let regions: Vec<_> = split.iter().map(|part| Arc::new(region(part))).collect();
        let wanted = region(&dice.predicate(&[0, 1, 2, 5, 8], 2));
        let Some(index) = Index::new(&regions) else { return Ok(()) };
        let wanted = wanted.with_hashes(&[0, 2, 5, 8], &columns());
        let Some(found) = index.candidates(&wanted) else { return Ok(()) };
        for (at, region) in regions.iter().enumerate() {
            let meets = region.intersect(&wanted).is_satisfiable(&columns());
            prop_assert!(!meets || found.contains(&at), "{:?}", split[at]);
        }
    }
}
