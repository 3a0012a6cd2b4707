//! What is kept of a layout, and why the rest is not.

use super::*;
use crate::{Column, Place, Stored, StoredTable, TableName, Type, predicate};

fn columns() -> Vec<Column> {
    let column = |name: &str, ty, nullable| Column { name: name.into(), ty, nullable };
    vec![
        column("id", Type::BigInt, false),
        column("region", Type::Text, true),
        column("name", Type::Text, true),
        column("score", Type::Integer, true),
    ]
}

fn read(text: &str) -> Predicate {
    predicate::parse(text, &columns(), &[0, 1, 2, 3]).unwrap()
}

fn stored() -> Layout {
    let place = Place { node: "n".into(), schema: None, relation: "t".into() };
    let replica = StoredTable {
        place,
        columns: std::collections::BTreeMap::new(),
        rows: None,
        encodings: std::collections::BTreeMap::new(),
    };
    Layout::Stored(Arc::new(Stored { columns: Vec::new(), replicas: vec![replica] }))
}

fn horizontal(parts: &[(&str, &str, Layout)]) -> Layout {
    let part = |(name, domain, layout): &(&str, &str, Layout)| HorizontalPart {
        name: (*name).into(),
        domain: read(domain),
        follows: None,
        layout: layout.clone(),
    };
    Layout::Horizontal(Arc::new(Horizontal::new(
        &columns(),
        None,
        parts.iter().map(part).collect(),
    )))
}

fn vertical(parts: &[(&str, &[usize], Keys, Layout)]) -> Layout {
    let part = |(name, columns, keys, layout): &(&str, &[usize], Keys, Layout)| VerticalPart {
        name: (*name).into(),
        columns: columns.to_vec(),
        keys: *keys,
        layout: layout.clone(),
    };
    Layout::Vertical(Arc::new(Vertical { parts: parts.iter().map(part).collect() }))
}

fn table(layout: Layout) -> Table {
    let name = TableName { schema: "public".into(), name: "t".into() };
    Table { name, comment: None, columns: columns(), primary_key: vec![0], layout }
}

fn need(used: &[usize], condition: &str) -> Need {
    let condition = read(condition);
    let columns = used.iter().copied().chain(condition.columns()).collect();
    Need { columns, condition }
}

/// The paths of the fragments that are read, and the reasons for the parts that are not.
#[track_caller]
fn check(layout: &Layout, need: &Need, kept: &[&str], pruned: &[&str]) {
    let table = table(layout.clone());
    let reduced = layout.reduce(&table, need);
    let paths =
        |layout: Layout| layout.leaves().map(|leaf| leaf.path.join(".")).collect::<Vec<_>>();
    assert_eq!(reduced.map(paths).unwrap_or_default(), kept, "{need:?}");
    let reasons = layout.pruned(&table, need);
    let reasons: Vec<String> =
        reasons.map(|one| format!("{}: {}", one.path.join("."), one.reason)).collect();
    assert_eq!(reasons, pruned, "{need:?}");
}

#[test]
fn horizontal_parts_that_the_condition_contradicts() {
    let layout = horizontal(&[
        ("eu", "region = 'EU'", stored()),
        ("us", "region = 'US' AND id > 5", stored()),
        ("rest", "region NOT IN ('EU', 'US') OR region IS NULL", stored()),
    ]);
    let eu = "eu: region = 'US' contradicts the part's region = 'EU'";
    let rest =
        "rest: region = 'US' contradicts the part's NOT region IN ('EU', 'US') OR region IS NULL";
    check(&layout, &need(&[0], "region = 'US'"), &["us"], &[eu, rest]);
    check(
        &layout,
        &need(&[0], "region = 'US' AND id = 1"),
        &[],
        &[eu, "us: id = 1 contradicts the part's id > 5", rest],
    );
    check(&layout, &need(&[0], "TRUE"), &["eu", "us", "rest"], &[]);
    check(
        &layout,
        &need(&[0], "id < 5"),
        &["eu", "rest"],
        &["us: id < 5 contradicts the part's id > 5"],
    );
    check(
        &layout,
        &need(&[0], "region IS NULL"),
        &["rest"],
        &[
            "eu: region IS NULL contradicts the part's region = 'EU'",
            "us: region IS NULL contradicts the part's region = 'US'",
        ],
    );
    check(
        &layout,
        &need(&[0], "region = 'x' AND region = 'y'"),
        &[],
        &[
            "eu: region = 'x' AND region = 'y' is never TRUE",
            "us: region = 'x' AND region = 'y' is never TRUE",
            "rest: region = 'x' AND region = 'y' is never TRUE",
        ],
    );
    let never = Need { columns: BTreeSet::new(), condition: Predicate::Constant(None) };
    check(
        &layout,
        &never,
        &[],
        &["eu: NULL is never TRUE", "us: NULL is never TRUE", "rest: NULL is never TRUE"],
    );
    let unknown = Need { columns: BTreeSet::new(), condition: Predicate::Unknown };
    check(&layout, &unknown, &["eu", "us", "rest"], &[]);
}

#[test]
fn hashed_parts() {
    let layout = horizontal(&[
        ("a", "hash(name) % 2 = 0", stored()),
        ("b", "hash(name) % 2 = 1", stored()),
        ("n", "name IS NULL", stored()),
    ]);
    let reason = "contradicts the part's hash(name) % 2 = 0";
    check(
        &layout,
        &need(&[], "name = 'EU'"),
        &["b"],
        &[
            &format!("a: name = 'EU' {reason}"),
            "n: name = 'EU' contradicts the part's name IS NULL",
        ],
    );
    let both = need(&[], "name = 'EU' OR name IS NULL");
    let other = format!("a: name = 'EU' OR name IS NULL {reason}");
    check(&layout, &both, &["b", "n"], &[&other]);
    check(
        &layout,
        &need(&[], "name > 'EU'"),
        &["a", "b"],
        &["n: name > 'EU' contradicts the part's name IS NULL"],
    );
}

#[test]
fn vertical_parts_that_no_column_needs() {
    let layout = vertical(&[
        ("a", &[1], Keys::Complete, stored()),
        ("b", &[2], Keys::Complete, stored()),
        ("c", &[3], Keys::Optional, stored()),
    ]);
    let unused = |name: &str| format!("{name}: none of its columns is used");
    check(&layout, &need(&[0], "TRUE"), &["a"], &[&unused("b"), &unused("c")]);
    check(&layout, &need(&[2], "id = 7"), &["b"], &[&unused("a"), &unused("c")]);
    check(&layout, &need(&[3], "TRUE"), &["a", "c"], &[&unused("b")]);
    check(&layout, &need(&[2, 3], "TRUE"), &["b", "c"], &[&unused("a")]);
    check(&layout, &need(&[1, 2, 3], "TRUE"), &["a", "b", "c"], &[]);
}

#[test]
fn optional_parts_are_pruned_only_where_nulls_are_not_wanted() {
    let scores = horizontal(&[
        ("low", "score < 10 OR score IS NULL", stored()),
        ("high", "score >= 10", stored()),
    ]);
    let layout =
        vertical(&[("a", &[1], Keys::Complete, stored()), ("s", &[3], Keys::Optional, scores)]);
    let low = "s.low: score > 20 contradicts the part's score < 10 OR score IS NULL";
    check(&layout, &need(&[1], "score > 20"), &["a", "s.high"], &[low]);
    check(&layout, &need(&[1], "score > 20 OR score IS NULL"), &["a", "s.low", "s.high"], &[]);
    check(&layout, &need(&[1], "score IS NULL"), &["a", "s.low", "s.high"], &[]);
}

#[test]
fn parts_inside_parts() {
    let layout = horizontal(&[
        (
            "eu",
            "region = 'EU'",
            horizontal(&[("old", "id < 100", stored()), ("new", "id >= 100", stored())]),
        ),
        (
            "rest",
            "region <> 'EU' OR region IS NULL",
            vertical(&[
                ("x", &[1], Keys::Complete, stored()),
                ("y", &[2, 3], Keys::Complete, stored()),
            ]),
        ),
    ]);
    let table = table(layout.clone());
    check(
        &layout,
        &need(&[2], "id = 5"),
        &["eu.old", "rest.y"],
        &["eu.new: id = 5 contradicts the part's id >= 100", "rest.x: none of its columns is used"],
    );
    let reduced = layout.reduce(&table, &need(&[2], "id = 5")).unwrap();
    let again = reduced.reduce(&table, &need(&[2], "id = 5 AND region = 'EU'")).unwrap();
    assert_eq!(again.leaves().map(|leaf| leaf.path.join(".")).collect::<Vec<_>>(), ["eu.old"]);
    let all = layout.reduce(&table, &need(&[1, 2, 3], "TRUE")).unwrap();
    assert!(all.is(&layout), "an unchanged layout is shared");
}
