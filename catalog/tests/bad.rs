//! Every complaint about a faulty catalog file, as a person reads it.

use std::fs;

use intarsia_catalog::{Catalog, Secrets};

/// One variable is set, to what must not be shown; no file is there.
struct OneSecret;

const SECRET: &str = "s3cret://x:y";

impl Secrets for OneSecret {
    fn env(&self, name: &str) -> Result<String, String> {
        match name {
            "URL" | "PW" => Ok(SECRET.to_owned()),
            _ => Err("the environment variable is not set".to_owned()),
        }
    }

    fn file(&self, _: &str) -> Result<String, String> {
        Err("the file is not there".to_owned())
    }
}

#[test]
fn bad_catalogs_are_told_what_is_wrong() {
    insta::glob!("bad/*.yaml", |path| {
        let text = fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let problems = Catalog::parse(name, &text, &OneSecret).expect_err(name).to_string();
        assert!(!problems.contains("s3"), "shows a secret: {problems}");
        insta::assert_snapshot!(problems);
    });
}
