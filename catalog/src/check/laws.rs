//! What is accepted gives each row one home; what is refused comes with a row that proves it.

use proptest::prelude::*;

use super::*;
use crate::generate::{Row, columns, dice};

/// The positions of the parts that hold the row.
fn homes(parts: &[Predicate], row: &Row) -> Vec<usize> {
    let holds = |part: &Predicate| part.matches(&|column| row[column].clone()) == Some(true);
    (0..parts.len()).filter(|at| holds(&parts[*at])).collect()
}

fn found(parts: &[Predicate]) -> Vec<Found> {
    let regions: Vec<_> = parts.iter().map(|part| Region::of_predicate(part, &columns())).collect();
    let all = Region::all();
    let mut boxes: Vec<_> = all.boxes.iter().map(|one| (Owner::Outer, one)).collect();
    for (part, region) in regions.iter().enumerate() {
        boxes.extend(region.boxes.iter().map(|one| (Owner::Part(part), one)));
    }
    Cover::new(&columns(), boxes).run()
}

const ALL: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_split_by_cuts_residues_or_hashes_is_accepted(mut dice in dice()) {
        let parts = dice.split(&ALL);
        prop_assert!(found(&parts).is_empty(), "{:?}: {:?}", parts, found(&parts));
        for row in dice.rows() {
            prop_assert_eq!(homes(&parts, &row).len(), 1, "{:?} {:?}", parts, row);
        }
    }

    #[test]
    fn each_row_has_one_home_or_there_is_a_witness(mut dice in dice()) {
        let mut parts = dice.split(&ALL);
        let at = dice.roll(parts.len());
        match dice.roll(3) {
            0 => parts[at] = dice.predicate(&ALL, 2),
            1 => parts.push(dice.predicate(&ALL, 2)),
            _ => drop(parts.remove(at)),
        }
        let (found, rows) = (found(&parts), dice.rows());
        for row in &rows {
            prop_assert!(!found.is_empty() || homes(&parts, row).len() == 1, "{:?} {:?}", parts, row);
        }
        for one in &found {
            let (witness, expect) = match one {
                Found::Gap { row } => (row, Vec::new()),
                Found::Overlap { row, part, other } => (row, vec![*part, *other]),
                Found::Undecided => return Err(TestCaseError::fail("undecided")),
            };
            let mut row = rows[0].clone();
            witness.values.iter().for_each(|(column, value)| row[*column] = value.clone());
            let homes = homes(&parts, &row);
            prop_assert!(witness.others.is_empty());
            prop_assert_eq!(homes.is_empty(), expect.is_empty(), "{:?} {:?}", parts, one);
            prop_assert!(expect.iter().all(|part| homes.contains(part)), "{:?} {:?}", parts, one);
        }
    }
}
