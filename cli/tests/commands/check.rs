//! `intarsia check`: faults of the file, of the nodes and of the rows.

use crate::support::{Ended, Folder, shop};

#[track_caller]
fn finds(run: &Ended, status: i32, findings: &[&str]) {
    for finding in findings {
        assert!(run.out.contains(finding), "no `{finding}` in:\n{}{}", run.out, run.err);
    }
    assert_eq!(run.status, status, "{}{}", run.out, run.err);
}

#[test]
fn a_sound_catalog_names_its_servers() {
    let out = shop().run(&["check", "-c", "shop.yaml", "--data"]).well();
    assert!(out.contains("node `eu` is SQLite 3."), "{out}");
    assert!(out.contains("1 tables are as shop.yaml says, and so are their rows"), "{out}");
}

#[test]
fn faults_of_the_file_are_told_before_any_node_is_asked() {
    let folder = Folder::new().file("bad.yaml", "version: 2\nnodes: {}\ntabels: {}\n");
    finds(&folder.run(&["check", "-c", "bad.yaml"]), 1, &["bad.yaml:1:10: ", "bad.yaml:3:1: "]);
}

#[test]
fn every_missing_relation_and_column_is_told() {
    let folder = shop()
        .database(
            "eu.db",
            "ALTER TABLE customers DROP COLUMN name; ALTER TABLE customers DROP COLUMN balance;",
        )
        .database("vault.db", "DROP TABLE balances;");
    let run = folder.run(&["check", "-c", "shop.yaml", "--data"]);
    finds(
        &run,
        1,
        &[
            "table `customers`, part `eu`: ",
            "`name`",
            "`balance`",
            "table `customers`, part `us/money`: ",
            "balances",
        ],
    );
}

#[test]
fn a_silent_node_is_status_3_unless_something_is_wrong() {
    let folder = shop();
    std::fs::remove_file(folder.path("vault.db")).unwrap();
    finds(&folder.run(&["check", "-c", "shop.yaml"]), 3, &["node `vault`: "]);
    let folder = folder.database("eu.db", "DROP TABLE customers;");
    finds(
        &folder.run(&["check", "-c", "shop.yaml", "--data"]),
        1,
        &["node `vault`: ", "part `eu`"],
    );
}

#[test]
fn rows_outside_their_part_are_listed_by_database() {
    let folder = shop().database("eu.db", "INSERT INTO customers VALUES (7, 'Zoe', 'US', NULL);");
    assert_eq!(folder.run(&["check", "-c", "shop.yaml"]).status, 0, "rows are not asked for");
    finds(
        &folder.run(&["check", "-c", "shop.yaml", "--data"]),
        1,
        &[
            "table `customers`, part `eu` (eu.customers): rows outside `region = 'EU'`: 1\n",
            "     7 | US\n",
        ],
    );
}

#[test]
fn a_null_where_none_should_be_is_outside_too() {
    let folder = shop().database(
        "eu.db",
        "CREATE TABLE loose AS SELECT * FROM customers; INSERT INTO loose VALUES (8, 'Nobody', NULL, NULL);
         DROP TABLE customers; ALTER TABLE loose RENAME TO customers;",
    );
    finds(
        &folder.run(&["check", "-c", "shop.yaml", "--data"]),
        1,
        &["rows outside `region = 'EU'`: 1\n", "     8 | NULL\n"],
    );
}

#[test]
fn keys_of_vertical_parts_are_compared() {
    let folder = shop().database(
        "vault.db",
        "DELETE FROM balances WHERE id = 4; INSERT INTO balances VALUES (70, '1'), (71, '2');",
    );
    finds(
        &folder.run(&["check", "-c", "shop.yaml", "--data"]),
        1,
        &[
            "part `us/money` (vault.balances): keys that part `names` lacks, so that these rows are not shown: 2\n",
            " 70\n",
            "part `us/names` (us.people): keys that part `money` lacks",
            "  4\n",
        ],
    );
}

#[test]
fn a_key_in_two_parts_is_found() {
    let folder = shop().database("us.db", "INSERT INTO people VALUES (1, 'Ada again');");
    let folder = folder.database("vault.db", "INSERT INTO balances VALUES (1, '5');");
    finds(
        &folder.run(&["check", "-c", "shop.yaml", "--data"]),
        1,
        &["table `customers`: keys that more than one part has: 1\n", "  1 |    2 | eu   | us\n"],
    );
}

/// Orders that follow customers, and a table in two copies.
fn followers() -> Folder {
    Folder::new()
        .database(
            "a.db",
            "CREATE TABLE customers (id INTEGER, name TEXT); INSERT INTO customers VALUES (1, 'x'), (3, 'y');
             CREATE TABLE orders (id INTEGER, customer INTEGER); INSERT INTO orders VALUES (10, 1), (11, 2), (12, 9);
             CREATE TABLE codes (code TEXT, rate REAL); INSERT INTO codes VALUES ('a', 1), ('b', 2), ('b', 2), ('n', NULL);",
        )
        .database(
            "b.db",
            "CREATE TABLE customers (id INTEGER, name TEXT); INSERT INTO customers VALUES (2, 'z'), (2, 'w');
             CREATE TABLE orders (id INTEGER, customer INTEGER); INSERT INTO orders VALUES (20, 2);
             CREATE TABLE codes (code TEXT, rate REAL); INSERT INTO codes VALUES ('a', 1), ('b', 2), ('c', 3), ('n', NULL);",
        )
        .file(
            "f.yaml",
            "version: 1
nodes: { a: { url: 'sqlite:a.db' }, b: { url: 'sqlite:b.db' } }
tables:
  customers:
    columns: { id: integer not null, name: text }
    primary_key: [id]
    layout:
      horizontal:
        - { name: odd, where: 'id % 2 IN (1, -1)', stored: a.customers }
        - { name: even, where: 'id % 2 = 0', stored: b.customers }
  orders:
    columns: { id: integer not null, customer: integer not null }
    layout:
      follows: { table: customers, key: { customer: id } }
      horizontal:
        - { name: mine, part: odd, stored: a.orders }
        - { part: even, stored: b.orders }
  codes:
    columns: { code: text not null, rate: double }
    layout: { stored: [a.codes, b.codes] }
",
        )
}

#[test]
fn orphans_duplicates_and_different_copies_are_found() {
    finds(
        &followers().run(&["check", "-c", "f.yaml", "--data"]),
        1,
        &[
            "table `orders`, part `mine` (a.orders): rows without a parent in part `odd` of `customers`: 2\n",
            " 11 |        2\n",
            " 12 |        9\n",
            "table `customers`, part `even` (b.customers): keys that are there more than once: 1\n",
            "  2 |    2\n",
            "table `codes`: rows in which the copies a.codes and b.codes differ: 2\n",
            " b    |  2.0 | a.codes\n",
            " c    |  3.0 | b.codes\n",
        ],
    );
}

#[test]
fn a_hash_is_computed_as_the_catalog_says() {
    let catalog = "version: 1
nodes: { a: { url: 'sqlite:h.db' } }
tables:
  t:
    columns: { k: text not null }
    layout:
      horizontal:
        - { name: zero, where: hash(k) % 2 = 0, stored: a.zero }
        - { name: one, where: hash(k) % 2 = 1, stored: a.one }
";
    // MD5 of `a` begins with 0cc175b9, of `b` with 92eb5ffe: the first is odd.
    let folder = Folder::new()
        .database(
            "h.db",
            "CREATE TABLE zero (k TEXT); INSERT INTO zero VALUES ('a'), ('b'); CREATE TABLE one (k TEXT);",
        )
        .file("h.yaml", catalog);
    finds(
        &folder.run(&["check", "-c", "h.yaml", "--data"]),
        1,
        &["part `zero` (a.zero): rows outside `hash(k) % 2 = 0`: 1\n", "    a\n"],
    );
}

#[test]
fn at_most_ten_rows_are_shown() {
    let rows: Vec<String> = (100..130).map(|id| format!("({id}, NULL, 'US', NULL)")).collect();
    let insert = format!("INSERT INTO customers VALUES {};", rows.join(", "));
    let run = shop().database("eu.db", &insert).run(&["check", "-c", "shop.yaml", "--data"]);
    finds(&run, 1, &["rows outside `region = 'EU'`: more than 10\n"]);
    assert_eq!(run.out.matches(" | US\n").count(), 10, "{}", run.out);
}
