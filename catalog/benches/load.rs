//! How long a catalog with one table of 10,000 parts takes to load: read, resolved and proven.
//!
//! `cargo bench -p intarsia-catalog --bench load`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{fmt::Write, time::Instant};

use intarsia_catalog::{Catalog, Secrets};

const PARTS: usize = 10_000;
const RUNS: usize = 5;

/// The catalogs below refer to no secret.
struct None;

impl Secrets for None {
    fn env(&self, name: &str) -> Result<String, String> {
        Err(format!("`{name}` is not set"))
    }

    fn file(&self, path: &str) -> Result<String, String> {
        Err(format!("`{path}` is not there"))
    }
}

fn main() {
    measure("ranges of whole numbers", &catalog(range));
    measure("classes of a hash", &catalog(|part| format!("hash(id) % {PARTS} = {part}")));
    measure("lists of texts", &catalog(list));
}

fn measure(what: &str, text: &str) {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let started = Instant::now();
        let loaded = Catalog::parse("bench.yaml", text.as_bytes(), &None);
        best = best.min(started.elapsed().as_secs_f64() * 1e3);
        assert!(loaded.is_ok(), "{}", loaded.expect_err("is no error"));
    }
    let megabytes = text.len() / 1_000_000;
    println!("{what}: {PARTS} parts, {megabytes} MB: {best:.0} ms (best of {RUNS})");
}

fn catalog(condition: impl Fn(usize) -> String) -> String {
    let mut text =
        "version: 1\nnodes: { n: { url: \"sqlite:a.db\" } }\ntables:\n  t:\n    columns: \
                    { id: bigint not null, name: text not null }\n    layout:\n      horizontal:\n"
            .to_owned();
    for part in 0..PARTS {
        let condition = condition(part);
        let _ = writeln!(text, "        - {{ where: \"{condition}\", stored: n.t{part} }}");
    }
    text
}

/// All whole numbers: the first part has no lower end, the last no upper.
fn range(part: usize) -> String {
    match part {
        0 => "id < 1000".to_owned(),
        part if part == PARTS - 1 => format!("id >= {}", part * 1000),
        part => format!("id >= {} AND id < {}", part * 1000, (part + 1) * 1000),
    }
}

/// Ten texts each; the last part has what is in no other.
fn list(part: usize) -> String {
    let texts = |part: usize| (0..10).map(move |text| format!("'town {part}-{text}'"));
    if part == PARTS - 1 {
        let every: Vec<String> = (0..part).flat_map(texts).collect();
        return format!("name NOT IN ({})", every.join(", "));
    }
    format!("name IN ({})", texts(part).collect::<Vec<_>>().join(", "))
}
