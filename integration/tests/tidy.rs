//! What no compiler checks: who may use whom, sizes, licences, unfinished work, and what documents promise.
#![cfg(test)] // tells clippy that helpers may panic, too

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use intarsia_catalog::{Catalog, Secrets};
use serde_json::Value;

/// The crates in a line: each uses only those before it. `integration` may use all, and nobody uses it.
const LINE: [&str; 5] = [
    "intarsia-catalog",
    "intarsia-connectors",
    "intarsia-engine",
    "intarsia-flight-server",
    "intarsia",
];

/// Where what may be used: drivers in `connectors`, plans in `engine`, gRPC in `flight-server`.
const FENCES: [(&[&str], &[&str]); 3] = [
    (
        &["tokio-postgres", "tokio-postgres-rustls", "mysql_async", "sqlx", "libsqlite3-sys"],
        &["intarsia-connectors"],
    ),
    (&["datafusion"], &["intarsia-engine", "intarsia-integration"]),
    (&["arrow-flight", "tonic"], &["intarsia-flight-server", "intarsia-integration"]),
];

/// Lines of a source file before its tests.
const FILE_LINES: usize = 500;

/// Licences that a program under Apache-2.0 may be distributed with.
const LICENCES: [&str; 13] = [
    "Apache-2.0",
    "MIT",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "BSL-1.0",
    "CC0-1.0",
    "Unicode-3.0",
    "MPL-2.0",
    "CDLA-Permissive-2.0",
];

#[test]
fn crates_use_only_those_to_their_left() {
    for (name, uses) in crates() {
        let Some(at) = LINE.iter().position(|known| *known == name) else {
            assert_eq!(name, "intarsia-integration", "a crate that is not in the line");
            continue;
        };
        for used in uses.iter().filter(|used| used.starts_with("intarsia")) {
            assert!(LINE[..at].contains(&used.as_str()), "{name} uses {used}");
        }
    }
}

#[test]
fn drivers_plans_and_grpc_stay_behind_their_fences() {
    for (name, uses) in crates() {
        for (fenced, inside) in FENCES {
            let broken = fenced.iter().find(|fenced| uses.contains(**fenced));
            assert!(broken.is_none() || inside.contains(&name.as_str()), "{name} uses {broken:?}");
        }
    }
}

#[test]
fn files_are_about_one_idea() {
    for path in tracked("rs").into_iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        assert!(lines <= FILE_LINES, "{}: {lines} lines; split it by idea", path.display());
    }
}

/// Clippy refuses longer functions; this keeps it told to.
#[test]
fn functions_are_held_short_by_clippy() {
    let clippy = fs::read_to_string(root().join("clippy.toml")).unwrap();
    assert!(clippy.lines().any(|line| line == "too-many-lines-threshold = 60"));
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.lines().any(|line| line == "too_many_lines = \"warn\""));
    for manifest in tracked("toml").into_iter().filter(|path| path.ends_with("Cargo.toml")) {
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(
            text.contains("[workspace]") || text.contains("[lints]\nworkspace = true"),
            "{manifest:?}"
        );
    }
}

#[test]
fn nothing_is_left_unfinished() {
    // In halves, so that this file is not found.
    let marks =
        [("TO", "DO"), ("FIX", "ME"), ("XX", "X:"), ("to", "do!("), ("unimple", "mented!(")];
    let marks: Vec<_> = marks.iter().map(|(a, b)| format!("{a}{b}")).collect();
    for path in ["rs", "toml", "md", "yaml", "sql", "sh"].into_iter().flat_map(tracked) {
        let text = fs::read_to_string(&path).unwrap();
        let found = text.lines().position(|line| marks.iter().any(|mark| line.contains(mark)));
        assert!(found.is_none(), "{}:{}", path.display(), found.unwrap_or(0) + 1);
    }
}

#[test]
fn licences_allow_to_hand_it_on() {
    for package in packages() {
        let (name, licence) = (text(&package, "name"), text(&package, "license"));
        let any = licence.split([' ', '/', '(', ')']).any(|word| LICENCES.contains(&word));
        assert!(any, "{name} is under `{licence}`");
    }
}

#[test]
fn there_is_one_arrow_and_one_datafusion() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        versions.entry(text(&package, "name")).or_default().insert(text(&package, "version"));
    }
    let shared = |name: &str| {
        ["arrow", "datafusion"].iter().any(|prefix| name.starts_with(prefix))
            || ["parquet", "sqlparser", "tokio", "libsqlite3-sys"].contains(&name)
    };
    for (name, versions) in versions.into_iter().filter(|(name, _)| shared(name)) {
        assert_eq!(versions.len(), 1, "{name} is there as {versions:?}");
    }
}

#[test]
fn every_example_catalog_loads() {
    let catalogs: Vec<_> = tracked("yaml")
        .into_iter()
        .filter(|path| path.starts_with(root().join("config")))
        .collect();
    assert!(!catalogs.is_empty(), "no config/*.yaml");
    for path in catalogs {
        let parsed =
            Catalog::parse(&path.display().to_string(), &fs::read(&path).unwrap(), &AnySecret);
        assert!(parsed.is_ok(), "{}", parsed.err().unwrap());
    }
}

/// What stands after a `$` or alone in the README's blocks of commands is there to be run.
#[test]
fn commands_of_the_readme_exist() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let scripts: BTreeSet<_> = words(&readme).filter(|word| word.starts_with(".ci/")).collect();
    assert!(scripts.contains(".ci/test"), "the README does not say how to test");
    scripts.iter().for_each(|script| assert!(root().join(script).is_file(), "{script}"));
    let commands = fs::read_to_string(root().join("cli/src/main.rs")).unwrap().to_lowercase();
    for line in readme.lines() {
        let after =
            line.trim().trim_start_matches("$ ").split_once("cargo run -- ").map(|(_, rest)| rest);
        let Some(command) = after.and_then(|rest| rest.split([' ', '`']).next()) else { continue };
        assert!(commands.contains(command), "`{command}` is no command");
    }
}

struct AnySecret;

impl Secrets for AnySecret {
    fn env(&self, _: &str) -> Result<String, String> {
        Ok("secret".to_owned())
    }

    fn file(&self, _: &str) -> Result<String, String> {
        Ok("secret".to_owned())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || "`(),;".contains(letter))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The files under version control, or of an archive all files outside of hidden and built folders.
fn tracked(extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Each crate of the workspace with what it uses outside of its tests.
fn crates() -> Vec<(String, BTreeSet<String>)> {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().unwrap();
    let uses = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        dependencies.filter(|it| it["kind"].is_null()).map(|it| text(it, "name")).collect()
    };
    packages.iter().map(|package| (text(package, "name"), uses(package))).collect()
}

/// Every package that is compiled here.
fn packages() -> Vec<Value> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    metadata(&["--filter-platform", &target])["packages"].as_array().unwrap().clone()
}

fn metadata(arguments: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--locked"]).args(arguments);
    let output = command.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn is_test(path: &Path) -> bool {
    path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests")
}
