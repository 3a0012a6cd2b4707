//! Every file under `good` loads, with the warnings that its snapshot holds.

use std::fs;

use intarsia_catalog::{Catalog, Secrets};

/// Every variable and every file has a value.
struct Given;

impl Secrets for Given {
    fn env(&self, name: &str) -> Result<String, String> {
        Ok(if name == "CONNECTIONS" { "3".to_owned() } else { format!("value of {name}") })
    }

    fn file(&self, path: &str) -> Result<String, String> {
        Ok(format!("text of {path}\n"))
    }
}

#[test]
fn good_catalogs_load() {
    insta::glob!("good/*.yaml", |path| {
        let text = fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (_, warnings) = Catalog::parse(name, &text, &Given).map_err(|e| e.to_string()).unwrap();
        let warnings: Vec<String> =
            warnings.iter().map(|warning| warning.in_file(name).to_string()).collect();
        insta::assert_snapshot!(warnings.join("\n"));
    });
}
