//! A region holds exactly the rows for which its condition is TRUE.

use proptest::prelude::*;

use super::*;
use crate::generate::{Row, columns, dice};

/// Whether the row is in the region, told by points.
fn holds(region: &Region, row: &Row) -> bool {
    region.boxes.iter().any(|one| {
        one.iter().all(|(axis, domain)| {
            let values = Bounded::values(axis.column).axis(&columns());
            let point = row[axis.column].as_ref().map(|value| values.at_least(value).unwrap());
            match (axis.hash, point) {
                (true, Some(point)) => domain.contains(hash_point(values, &point).as_ref()),
                (_, point) => domain.contains(point.as_ref()),
            }
        })
    })
}

fn is_true(predicate: &Predicate, row: &Row) -> bool {
    predicate.matches(&|column| row[column].clone()) == Some(true)
}

const ALL: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_region_is_where_its_condition_is_true(mut dice in dice()) {
        let predicate = dice.predicate(&ALL, 3);
        let region = Region::of_predicate(&predicate, &columns());
        prop_assert!(region.exact);
        for row in dice.rows() {
            prop_assert_eq!(holds(&region, &row), is_true(&predicate, &row), "{:?} {:?}", predicate, row);
            prop_assert!(!is_true(&predicate, &row) || region.is_satisfiable(&columns()));
        }
    }

    #[test]
    fn intersection_is_and(mut dice in dice()) {
        let (a, b) = (dice.predicate(&ALL, 2), dice.predicate(&ALL, 2));
        let of = |predicate| Region::of_predicate(predicate, &columns());
        let both = of(&a).intersect(&of(&b));
        let with_hashes = both.with_hashes(&[0, 2, 5, 8], &columns());
        let projected = both.project(|column| column % 2 == 0);
        for row in dice.rows() {
            let expect = is_true(&a, &row) && is_true(&b, &row);
            prop_assert_eq!(holds(&both, &row), expect, "{:?} AND {:?}: {:?}", a, b, row);
            prop_assert_eq!(holds(&with_hashes, &row), expect, "hashes only repeat what values say");
            prop_assert!(!expect || holds(&projected, &row));
        }
    }

    #[test]
    fn unknown_conditions_only_widen(mut dice in dice()) {
        let known = dice.predicate(&ALL, 3);
        let forgotten = known.map_columns(&|column| (column % 2 == 0).then_some(column));
        let region = Region::of_predicate(&forgotten, &columns());
        for row in dice.rows() {
            prop_assert!(!is_true(&known, &row) || holds(&region, &row), "{:?} {:?}", known, row);
        }
    }
}
