//! `intarsia import`: what it prints, and that `check` finds nothing wrong with it.

use std::fs;

use crate::support::{Folder, shop};

fn odd() -> Folder {
    Folder::new().database(
        "odd.db",
        r#"CREATE TABLE "odd name" ("Key" INTEGER PRIMARY KEY, "a.b" TEXT, "no" DATE, "quo""te" DECIMAL(12,2) NOT NULL);
           CREATE TABLE loose (x, y BLOB, z REAL, maybe TEXT PRIMARY KEY);
           CREATE VIEW "view" AS SELECT 1 AS one;"#,
    )
}

#[test]
fn every_relation_is_a_table() {
    let printed = odd().run(&["import", "o=sqlite:odd.db"]).well();
    let expected = r#"
nodes:
  o:
    url: "sqlite:odd.db"

tables:
  o.loose:
    columns:
      x: text
      "y": binary
      z: double
      maybe: text
    # primary_key: [maybe]: a column of it may be NULL or has no known type
    layout:
      stored: o.loose
  "o.odd name":
    columns:
      Key: bigint not null
      a.b: text
      "no": date
      "quo\"te": decimal(12,2) not null
    primary_key: [Key]
    layout:
      stored: { node: o, relation: "odd name" }
  o.view:
"#;
    assert!(printed.contains(expected), "{printed}");
}

#[test]
fn what_it_prints_passes_check_and_answers() {
    let folder = odd();
    let printed = folder.run(&["import", "o=sqlite:odd.db"]).well();
    fs::write(folder.path("odd.yaml"), printed).unwrap();
    assert_eq!(folder.run(&["check", "-c", "odd.yaml", "--data"]).status, 0);
    let sql = "SELECT count(*) AS n FROM o.\"odd name\"";
    assert_eq!(folder.run(&["query", "-c", "odd.yaml", "--format", "csv", sql]).well(), "n\n0\n");
}

#[test]
fn several_nodes_are_printed_in_their_order_and_alike_each_time() {
    let folder = shop();
    let arguments = ["import", "vault=sqlite:vault.db", "eu=sqlite:eu.db"];
    let printed = folder.run(&arguments).well();
    assert!(printed.find("vault.balances").unwrap() < printed.find("eu.customers").unwrap());
    assert_eq!(folder.run(&arguments).well(), printed);
}

#[test]
fn a_silent_node_or_a_bad_url_prints_nothing() {
    let folder = shop();
    let run = folder.run(&["import", "eu=sqlite:eu.db", "gone=sqlite:gone.db"]);
    assert_eq!((run.status, run.out.as_str()), (3, ""), "{}", run.err);
    for url in ["x=oracle:db", "x=sqlite:", "eu", "a.b=sqlite:eu.db"] {
        let run = folder.run(&["import", url]);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{url}: {}", run.err);
    }
    let run = folder.run(&["import", "x=sqlite:eu.db", "x=sqlite:us.db"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("twice"), "{}", run.err);
}

#[test]
fn no_password_is_printed_also_when_its_node_is_silent() {
    let folder = Folder::new();
    let url = "pg=postgresql://app:s3cr3t@127.0.0.1:1/db?connect_timeout=1";
    let run = folder.run(&["import", url]);
    assert_eq!(run.status, 3, "{}", run.err);
    assert!(!run.out.contains("s3cr3t") && !run.err.contains("s3cr3t"), "{}", run.err);
}
