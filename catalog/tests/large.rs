//! A table of 10,000 parts loads, and what is wrong among them is found.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write;

use intarsia_catalog::{Catalog, Layout, Secrets};

const PARTS: usize = 10_000;

/// The catalogs below refer to no secret.
struct Nothing;

impl Secrets for Nothing {
    fn env(&self, _: &str) -> Result<String, String> {
        Err("is not set".to_owned())
    }

    fn file(&self, _: &str) -> Result<String, String> {
        Err("is not there".to_owned())
    }
}

/// A catalog whose part `n` holds the ids from `n * 10` up to the end that `end` gives it.
fn ranges(end: impl Fn(usize) -> usize) -> String {
    let mut text =
        "version: 1\nnodes: { n: { url: \"sqlite:a.db\" } }\ntables:\n  t:\n    columns: \
                    { id: integer unsigned not null }\n    layout:\n      horizontal:\n"
            .to_owned();
    for part in 0..PARTS {
        let (from, to) = (part * 10, end(part));
        writeln!(text, "      - {{ where: id BETWEEN {from} AND {to}, stored: n.t{part} }}")
            .unwrap();
    }
    let from = PARTS * 10;
    writeln!(text, "      - {{ where: id >= {from}, stored: n.rest }}").unwrap();
    text
}

#[test]
fn ten_thousand_parts_load() {
    let text = ranges(|part| part * 10 + 9);
    let (catalog, _) = Catalog::parse("c.yaml", text.as_bytes(), &Nothing).unwrap();
    let Layout::Horizontal(split) = &catalog.tables.values().next().unwrap().layout else {
        panic!("not horizontal");
    };
    assert_eq!(split.parts.len(), PARTS + 1);
}

#[test]
fn one_gap_and_one_overlap_among_them_are_found() {
    let text = ranges(|part| match part {
        1234 => part * 10 + 8,
        5678 => part * 10 + 10,
        part => part * 10 + 9,
    });
    let problems = Catalog::parse("c.yaml", text.as_bytes(), &Nothing).unwrap_err().to_string();
    assert!(problems.contains("no part holds id = 12349"), "{problems}");
    assert!(
        problems.contains("parts `5679` and `5680` overlap: both hold id = 56790"),
        "{problems}"
    );
    assert_eq!(problems.lines().count(), 2, "{problems}");
}
