//! What a split may be, and what is said of one that it may not be.

use super::*;
use crate::{Type, predicate};

fn columns() -> Vec<Column> {
    let column = |name: &str, ty, nullable| Column { name: name.into(), ty, nullable };
    vec![
        column("id", Type::BigInt, false),
        column("region", Type::Text, true),
        column("price", Type::Decimal { precision: 6, scale: 2 }, false),
        column("since", Type::Date, false),
        column("ok", Type::Boolean, true),
        column("rate", Type::Double, false),
        column("small", Type::SmallIntUnsigned, false),
        column("name", Type::Text, false),
        column("ref", Type::Uuid, false),
    ]
}

fn read(text: &str) -> Predicate {
    let columns = columns();
    predicate::parse(text, &columns, &(0..columns.len()).collect::<Vec<_>>()).unwrap()
}

/// The faults of a split into parts `a`, `b`, …, one a line.
fn within(outer: &str, parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| read(part)).collect();
    let names: Vec<_> = ('a'..='z').map(String::from).collect();
    let named: Vec<_> = names.iter().map(String::as_str).zip(&parts).collect();
    let faults = horizontal_within(&columns(), &read(outer), &named);
    faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(parts: &[&str], expect: &str) {
    assert_eq!(within("TRUE", parts), expect, "{parts:?}");
}

#[test]
fn one_column() {
    check(&["id <= 99", "id >= 100"], "");
    check(&["price <= 99", "price >= 100"], "no part holds price = 99.01");
    check(&["price < 99.01", "price > 99"], "");
    check(&["id <= 100", "id >= 100"], "parts `a` and `b` overlap: both hold id = 100");
    check(&["region = 'EU'", "region <> 'EU'"], "no part holds region = null");
    check(&["region = 'EU'", "region <> 'EU' OR region IS NULL"], "");
    check(&["name = 'EU'", "name > 'EU'"], "no part holds name = ''");
    check(&["name <= 'EU'", "name > 'EUa'"], "no part holds name = 'EUa'");
    check(&["since < '2024-01-01'", "since > '2024-01-01'"], "no part holds since = '2024-01-01'");
    check(&["id > 0", "id IN (0, -1)"], "no part holds id = -2");
    check(&["ok", "NOT ok"], "no part holds ok = null");
    check(&["ok", "NOT ok", "ok IS NULL"], "");
    check(&["ok IN (TRUE, FALSE)", "ok IS NULL"], "");
    check(&["TRUE"], "");
    check(&["id > 5 AND id < 5"], "no part holds any row");
    check(&["rate < 0.5", "rate >= 0.5"], "");
    check(&["rate <= 1.7976931348623157e308", "rate > 1.7976931348623157e308"], "");
    check(&["rate < 0", "rate > 0"], "no part holds rate = 0.0");
    check(
        &[
            "ref < '80000000-0000-0000-0000-000000000000'",
            "ref > '7fffffff-ffff-ffff-ffff-ffffffffffff'",
        ],
        "",
    );
}

#[test]
fn remainders() {
    check(&["id % 2 = 0", "id % 2 = 1", "id % 2 = -1"], "");
    check(&["id % 2 = 0", "id % 2 = 1"], "no part holds id = -1");
    check(&["small % 2 = 0", "small % 2 = 1"], "");
    check(&["small % 2 = 0", "small % 2 <> 0"], "");
    check(&["small % 4 = 0", "small % 6 IN (1, 3, 5)", "small % 4 = 2"], "");
    check(
        &["small % 4 = 0", "small % 6 = 0", "small % 2 = 1"],
        "no part holds small = 2\nparts `a` and `b` overlap: both hold small = 0",
    );
    check(&["small % 2 = 0 AND small < 100", "small % 2 = 1 AND small < 100", "small >= 100"], "");
    check(&["small % 4294967295 = 7", "small % 4294967295 <> 7"], "");
    check(&["small < 3 AND small % 5 = 4", "small >= 0"], "");
}

#[test]
fn hashes() {
    check(&["hash(name) % 2 = 0", "hash(name) % 2 = 1"], "");
    check(&["hash(region) % 2 = 0", "hash(region) % 2 = 1"], "no part holds region = null");
    check(&["hash(id) % 3 = 0", "hash(id) % 3 = 1"], "no part holds id = 2");
    check(
        &["hash(id) % 3 = 0", "hash(id) % 3 <> 0", "hash(id) % 6 = 5"],
        "parts `b` and `c` overlap: both hold id = 2",
    );
    // The hash of 'EU' is known: a part that asks for another one holds nothing.
    check(
        &[
            "name = 'EU' AND hash(name) % 2 = 0",
            "name <> 'EU'",
            "name = 'EU' AND hash(name) % 2 = 1",
        ],
        "",
    );
    check(&["name <> 'EU'", "name = 'EU' AND hash(name) % 2 = 1"], "");
    check(&["name <> 'EU'", "name = 'EU' AND hash(name) % 2 = 0"], "no part holds name = 'EU'");
}

#[test]
fn several_columns() {
    check(
        &[
            "region = 'EU' AND id < 100",
            "region = 'EU' AND id >= 100",
            "region <> 'EU' OR region IS NULL",
        ],
        "",
    );
    check(
        &[
            "region = 'EU' AND id < 100",
            "region = 'EU' AND id > 100",
            "region <> 'EU' OR region IS NULL",
        ],
        "no part holds id = 100, region = 'EU'",
    );
    check(
        &["region = 'EU'", "id > 5", "NOT (region = 'EU' OR id > 5)"],
        "no part holds id = 5, region = null\nparts `a` and `b` overlap: both hold id = 6, region = 'EU'",
    );
}

#[test]
fn all_the_rest() {
    let pair = |at| format!("(id = {at} AND small = {at})");
    let pairs: Vec<_> = (0..20).map(pair).collect();
    let rest = format!("NOT ({})", pairs.join(" OR "));
    let mut parts: Vec<_> = pairs.iter().map(String::as_str).collect();
    parts.push(&rest);
    check(&parts, "");
    check(&parts[1..], "no part holds id = 0, small = 0");
}

#[test]
fn inside_another_part() {
    assert_eq!(within("region = 'EU'", &["id < 100", "id >= 100"]), "");
    assert_eq!(within("id > 5", &["id < 10", "id >= 10"]), "");
    assert_eq!(
        within("id > 5 AND region = 'EU'", &["id < 10 AND region = 'EU'", "id > 10"]),
        "no part holds id = 10, region = 'EU'"
    );
    assert_eq!(
        within("id < 5", &["id < 10", "id > 8 OR id <= 7"]),
        "parts `a` and `b` overlap: both hold id = 4"
    );
    assert_eq!(within("id < 5", &["id < 7", "id > 5"]), "");
}

#[test]
fn what_is_not_decided_is_told() {
    let different = ["small % 65521 = 1", "small % 65519 = 2", "small % 65497 = 3"];
    check(
        &different,
        "whether the parts overlap or leave values out is not decided: their conditions differ in too many ways",
    );
    let either = |at| {
        format!("(id > {at} OR small % 2 = 1) AND (rate > {at} OR name > '{at}' AND price <> {at})")
    };
    let complex = (0..20).map(either).collect::<Vec<_>>().join(" AND ");
    check(
        &[&complex],
        "whether part `a` overlaps others or leaves values out is not decided: its condition is too complex",
    );
}

#[test]
fn what_the_part_around_does_not_tell_excuses_no_row() {
    let columns = columns();
    let unknown = Predicate::And(vec![Predicate::Unknown, read("region = 'EU'")]);
    let message = |parts: &[&Predicate]| {
        let parts: Vec<_> = parts.iter().map(|part| ("a", *part)).collect();
        let faults = horizontal_within(&columns, &unknown, &parts).into_iter();
        faults.map(|fault| fault.message).collect::<Vec<_>>()
    };
    let (low, high) = (read("id < 5"), read("id >= 5"));
    assert_eq!(message(&[&low, &high]), [""; 0]);
    assert_eq!(message(&[&low]), ["no part holds id = 5, region = 'EU'"]);
}

#[test]
fn ten_thousand_parts_and_one_hole() {
    let columns = columns();
    let range = |from: usize| match from {
        0 => "id < 10".to_owned(),
        9_999 => "id >= 99990".to_owned(),
        from => {
            format!("id >= {} AND id < {}", from * 10, from * 10 + if from == 777 { 9 } else { 10 })
        }
    };
    let residue = |part: usize| match part {
        777 => "hash(name) % 10000 = 778".to_owned(),
        part => format!("hash(name) % 10000 = {part}"),
    };
    let message = |condition: &dyn Fn(usize) -> String| {
        let parts: Vec<_> =
            (0..10_000).map(|part| (part.to_string(), read(&condition(part)))).collect();
        let named: Vec<_> = parts.iter().map(|(name, part)| (name.as_str(), part)).collect();
        horizontal(&columns, &named).into_iter().map(|fault| fault.message).collect::<Vec<_>>()
    };
    assert_eq!(message(&range), ["no part holds id = 7779"]);
    let [gap, overlap] = &message(&residue)[..] else { panic!("a gap and an overlap") };
    assert_eq!(gap, "no part holds name = '15271'");
    assert!(overlap.starts_with("parts `777` and `778` overlap: both hold name = "), "{overlap}");
}
