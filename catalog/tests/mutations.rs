//! Good files, cut and patched at random: reading them never panics, tells no secret, and every problem has
//! a place in the file.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

use intarsia_catalog::{Catalog, Secrets};
use proptest::prelude::*;

/// What every variable and file holds, and no message may show.
const SECRET: &str = "Zq7/#@:?Zq7";

struct Secret;

impl Secrets for Secret {
    fn env(&self, name: &str) -> Result<String, String> {
        Ok(if name == "CONNECTIONS" { "3".to_owned() } else { SECRET.to_owned() })
    }

    fn file(&self, _: &str) -> Result<String, String> {
        Ok(SECRET.to_owned())
    }
}

fn good(name: &str) -> String {
    fs::read_to_string(format!("{}/tests/good/{name}.yaml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Text that means something in a catalog file.
const PATCHES: [&str; 28] = [
    "",
    " ",
    "\n",
    "\n  ",
    "- ",
    ": ",
    "{ ",
    " }",
    "[",
    "]",
    "'",
    "\"",
    "*a",
    "&a ",
    "!x ",
    "|\n",
    "#",
    "---\n",
    "NULL",
    "(",
    "0",
    "${env:A}",
    "${",
    "horizontal: ",
    "stored: ",
    "x.y",
    " AND ",
    "\u{0}ä",
];

/// A place in a text, how much is cut there and what is put in its stead.
type Edit = (prop::sample::Index, usize, usize);

fn edited(mut text: String, edits: &[Edit]) -> String {
    for (at, cut, patch) in edits {
        let bounds: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let start = at.index(bounds.len());
        let end = (start + cut).min(bounds.len() - 1);
        text.replace_range(bounds[start]..bounds[end], PATCHES[*patch]);
    }
    text
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize, 0..PATCHES.len()), 1..6)
}

proptest! {
    #[test]
    fn edited_files_are_told_or_taken(
        name in prop::sample::select(vec!["contract", "hybrid", "follows", "names", "nodes", "texts"]),
        edits in edits(),
    ) {
        let text = edited(good(name), &edits);
        if let Err(problems) = Catalog::parse("c.yaml", text.as_bytes(), &Secret) {
            prop_assert!(!problems.list.is_empty());
            prop_assert!(!problems.to_string().contains("Zq7"), "{problems}");
            for problem in &problems.list {
                let line = text.split('\n').nth(problem.line - 1).unwrap_or_default();
                prop_assert!(problem.line <= text.split('\n').count(), "{problem:?}");
                prop_assert!(problem.column <= line.chars().count() + 1, "{problem:?} in {line:?}");
            }
        }
    }

    #[test]
    fn edited_urls_never_show_a_secret(
        url in prop::sample::select(vec![
            "postgresql://app:Zq7@h:5432/d?sslmode=require",
            "mysql://app:Zq7@[::1]/d",
            "mysql://${env:A}:${env:A}@${env:A}/${env:A}?ssl-mode=${env:A}",
            "${env:A}",
            "sqlite:${file:A}",
        ]),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..2_usize, prop::sample::select("/?#@:%$[ é".chars().collect::<Vec<_>>())),
            0..4,
        ),
    ) {
        let mut url: Vec<char> = url.chars().collect();
        for (at, cut, patch) in edits {
            let start = at.index(url.len() + 1);
            let end = (start + cut).min(url.len());
            url.splice(start..end, [patch]);
        }
        let url: String = url.into_iter().collect();
        let text = format!("version: 1\nnodes:\n  n:\n    url: '{url}'\n    connections: '${{env:A}}'\n");
        let problems = Catalog::parse("c.yaml", text.as_bytes(), &Secret).unwrap_err().to_string();
        prop_assert!(!problems.contains("Zq7"), "{problems}");
    }
}
