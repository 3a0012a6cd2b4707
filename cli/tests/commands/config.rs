//! Every example in `config` loads, and without a warning.

use std::{fs, path::Path};

use intarsia_catalog::{Catalog, Secrets};

/// Any variable is set, so that the test does not depend on its surroundings.
struct Set;

impl Secrets for Set {
    fn env(&self, _: &str) -> Result<String, String> {
        Ok("secret".to_owned())
    }

    fn file(&self, path: &str) -> Result<String, String> {
        Err(format!("no example refers to {path}"))
    }
}

#[test]
fn examples_load() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read(&path).unwrap();
        let (catalog, warnings) = Catalog::parse(&path.display().to_string(), &text, &Set)
            .unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(warnings, [], "{}", path.display());
        assert!(!catalog.tables.is_empty());
        count += 1;
    }
    assert!(count >= 6, "only {count} examples");
}
