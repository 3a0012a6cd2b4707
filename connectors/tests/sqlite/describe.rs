//! What a file says of itself.

use intarsia_connectors::{Charset, ErrorKind, Flavor, LocalType, Relation};

use crate::support::File;

/// `name declared affinity [collated] [null]` of each column, and the key.
fn told(relation: &Relation) -> Vec<String> {
    let column = |column: &intarsia_connectors::LocalColumn| {
        let LocalType::Affinity(affinity, charset) = &column.ty else { panic!("{column:?}") };
        let collated = if *charset == Charset::Collated { " collated" } else { "" };
        let null = if column.nullable { " null" } else { "" };
        format!("{} `{}` {affinity:?}{collated}{null}", column.name, column.declared)
    };
    let key = format!("key {}", relation.primary_key.join(","));
    relation.columns.iter().map(column).chain([key]).collect()
}

async fn check(statements: &[&str], expect: &[&str]) {
    let file = File::new(statements).await;
    let relation = file.connector.describe(&file.place("t")).await.unwrap();
    assert_eq!(told(&relation), expect);
    assert_eq!(relation.place.schema.as_deref(), Some("main"));
}

#[tokio::test]
async fn the_declared_type_gives_the_affinity() {
    check(
        &["CREATE TABLE t (a BIGINT, b VARCHAR(9), c BLOB, d, e DOUBLE PRECISION, f DECIMAL(9,2), \
           g BOOLEAN, h CHARINT, i FLOATING POINT, j DATETIME)"],
        &[
            "a `BIGINT` Integer null",
            "b `VARCHAR(9)` Text null",
            "c `BLOB` Blob null",
            "d `` None null",
            "e `DOUBLE PRECISION` Real null",
            "f `DECIMAL(9,2)` Numeric null",
            "g `BOOLEAN` Numeric null",
            "h `CHARINT` Integer null",
            "i `FLOATING POINT` Integer null",
            "j `DATETIME` Numeric null",
            "key ",
        ],
    )
    .await;
}

#[tokio::test]
async fn collations_other_than_binary_are_told() {
    check(
        &["CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT COLLATE RTRIM, c TEXT COLLATE binary, d TEXT)"],
        &[
            "a `TEXT` Text collated null",
            "b `TEXT` Text collated null",
            "c `TEXT` Text null",
            "d `TEXT` Text null",
            "key ",
        ],
    )
    .await;
}

#[tokio::test]
async fn only_a_rowid_is_never_null_by_itself() {
    let key = |declared: &str| format!("CREATE TABLE t (a {declared})");
    check(&[&key("INTEGER PRIMARY KEY")], &["a `INTEGER` Integer", "key a"]).await;
    check(&[&key("INTEGER PRIMARY KEY DESC")], &["a `INTEGER` Integer null", "key a"]).await;
    check(&[&key("INT PRIMARY KEY")], &["a `INT` Integer null", "key a"]).await;
    check(&[&key("TEXT PRIMARY KEY")], &["a `TEXT` Text null", "key a"]).await;
}

#[tokio::test]
async fn keys_come_in_their_own_order() {
    check(
        &["CREATE TABLE t (a TEXT, b INT, c TEXT NOT NULL, PRIMARY KEY (b, a)) WITHOUT ROWID"],
        &["a `TEXT` Text", "b `INT` Integer", "c `TEXT` Text", "key b,a"],
    )
    .await;
}

#[tokio::test]
async fn strict_tables_may_hold_anything_in_any() {
    check(
        &["CREATE TABLE t (a ANY, b INT NOT NULL, c TEXT) STRICT"],
        &["a `ANY` None null", "b `INT` Integer", "c `TEXT` Text null", "key "],
    )
    .await;
}

#[tokio::test]
async fn generated_columns_are_columns() {
    check(
        &["CREATE TABLE t (a INT, b INT AS (a + 1), c TEXT AS (a || '') STORED)"],
        &["a `INT` Integer null", "b `INT` Integer null", "c `TEXT` Text null", "key "],
    )
    .await;
}

#[tokio::test]
async fn a_view_may_hide_a_collation() {
    check(
        &[
            "CREATE TABLE u (a INTEGER PRIMARY KEY, b TEXT COLLATE NOCASE)",
            "CREATE VIEW t AS SELECT a, b FROM u",
        ],
        &["a `INTEGER` Integer collated null", "b `TEXT` Text collated null", "key "],
    )
    .await;
}

#[tokio::test]
async fn a_virtual_table_keeps_to_no_type() {
    check(
        &["CREATE VIRTUAL TABLE t USING rtree(id, low, high)"],
        &[
            "id `INT` Integer collated null",
            "low `REAL` Real collated null",
            "high `REAL` Real collated null",
            "key ",
        ],
    )
    .await;
}

#[tokio::test]
async fn relations_are_the_users_own_tables_and_readable_views() {
    let file = File::new(&[
        "CREATE TABLE \"odd \"\"name\" (\"a b\" INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE TABLE gone (x)",
        "CREATE VIEW broken AS SELECT x FROM gone",
        "CREATE VIEW whole AS SELECT 1 AS one",
        "CREATE VIRTUAL TABLE words USING fts5(body)",
        "DROP TABLE gone",
    ])
    .await;
    let relations = file.connector.relations().await.unwrap();
    let names: Vec<_> = relations.iter().map(|r| r.place.relation.as_str()).collect();
    assert_eq!(names, ["odd \"name", "whole", "words"]);
    assert_eq!(relations[0].columns[0].name, "a b");
}

#[tokio::test]
async fn a_relation_is_found_without_case_and_missed_by_name() {
    let file = File::new(&["CREATE TABLE Customers (id)"]).await;
    file.connector.describe(&file.place("customers")).await.unwrap();
    let error = file.connector.describe(&file.place("orders")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(error.to_string(), "node `archive`: there is no table or view `orders`");
}

#[tokio::test]
async fn the_server_is_the_library() {
    let server = File::new(&[]).await.connector.server().await.unwrap();
    assert_eq!(server.flavor, Flavor::Sqlite);
    assert!(server.version >= (3, 51, 0), "{server}");
}
