//! `intarsia query`: formats, scripts, exit statuses.

use std::{
    io::{BufRead, BufReader, Cursor, Read},
    process::Stdio,
};

use arrow::ipc::reader::StreamReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::support::{Ended, Folder, endless, shop};

const ALL: &str = "SELECT id, name, balance FROM customers ORDER BY id";

#[track_caller]
fn shows(format: &str, sql: &str, expected: &str) {
    let run = shop().run(&["query", "-c", "shop.yaml", "--format", format, sql]);
    assert_eq!(run.well(), expected);
}

#[test]
fn a_table_is_the_default() {
    let run = shop().run(&["query", "-c", "shop.yaml", ALL]);
    let expected = " id | name             | balance
----+------------------+---------
  1 | Ada              |   12.50
  2 |                  |    NULL
  3 | NULL             |   -0.01
  4 | Bob, \"the\" first |   99.99
  5 | Cy               |    0.00
(5 rows)
";
    assert_eq!(run.well(), expected);
}

#[test]
fn csv_tells_null_from_an_empty_text() {
    let expected = "id,name,balance
1,Ada,12.50
2,\"\",
3,,-0.01
4,\"Bob, \"\"the\"\" first\",99.99
5,Cy,0.00
";
    shows("csv", ALL, expected);
}

#[test]
fn json_is_an_array_of_objects() {
    let sql = "SELECT id, balance FROM customers WHERE region = 'EU' ORDER BY id";
    let expected = r#"[
{"id":1,"balance":"12.50"},
{"id":2,"balance":null},
{"id":3,"balance":"-0.01"}
]
"#;
    shows("json", sql, expected);
    shows("json", "SELECT id FROM customers WHERE id > 9", "[\n]\n");
}

#[test]
fn ndjson_is_an_object_a_line() {
    let sql = "SELECT id, 9007199254740993 AS big FROM customers WHERE id = 4";
    shows("ndjson", sql, "{\"id\":4,\"big\":\"9007199254740993\"}\n");
}

#[test]
fn arrow_and_parquet_hold_the_same_rows() {
    let folder = shop();
    let bytes = |format: &str| {
        let arguments = ["query", "-c", "shop.yaml", "--format", format, ALL];
        folder.command(&arguments).output().unwrap().stdout
    };
    let stream = StreamReader::try_new(Cursor::new(bytes("arrow")), None).unwrap();
    let streamed: usize = stream.map(|batch| batch.unwrap().num_rows()).sum();
    let file = bytes::Bytes::from(bytes("parquet"));
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let names: Vec<_> = reader.schema().fields().iter().map(|f| f.name().clone()).collect();
    let filed: usize = reader.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!((streamed, filed), (5, 5));
    assert_eq!(names, ["id", "name", "balance"]);
}

#[test]
fn arrow_and_parquet_take_one_statement() {
    for format in ["arrow", "parquet"] {
        let run =
            shop().run(&["query", "-c", "shop.yaml", "--format", format, "SELECT 1; SELECT 2"]);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{}", run.err);
        assert!(run.err.contains("one statement, and there are 2"), "{}", run.err);
    }
}

const TWO: &str = "SELECT 1 AS a; -- a comment; of a script\n\nSELECT 2 AS b;\n";

#[test]
fn a_script_comes_from_a_file_an_argument_or_standard_input() {
    let folder = shop().file("two.sql", TWO);
    let csv = ["query", "-c", "shop.yaml", "--format", "csv"];
    let with = |more: &[&'static str]| [&csv[..], more].concat();
    let expected = "a\n1\n\nb\n2\n";
    assert_eq!(folder.run(&with(&["-f", "two.sql"])).well(), expected);
    assert_eq!(folder.run(&with(&[TWO])).well(), expected);
    assert_eq!(folder.run_with(&with(&[]), TWO).well(), expected);
    assert_eq!(folder.run_with(&with(&["-"]), TWO).well(), expected);
    assert_eq!(folder.run_with(&with(&["-f", "-"]), TWO).well(), expected);
}

#[test]
fn set_has_no_answer_and_lasts() {
    let run = shop().run(&[
        "query",
        "-c",
        "shop.yaml",
        "--format",
        "csv",
        "SET intarsia.statement_timeout = '59s'; SELECT 1 AS a; SELECT 2 AS b",
    ]);
    assert_eq!(run.well(), "a\n1\n\nb\n2\n");
}

#[test]
fn the_first_error_stops_a_script_and_written_rows_stay() {
    let script = "SELECT 1 AS a; SELECT nothing FROM customers; SELECT 3 AS c";
    let run = shop().run(&["query", "-c", "shop.yaml", "--format", "csv", script]);
    assert_eq!((run.status, run.out.as_str()), (1, "a\n1\n"));
    assert!(run.err.starts_with("error: ") && run.err.contains("nothing"), "{}", run.err);
}

#[test]
fn the_catalog_may_come_from_the_environment() {
    let folder = shop();
    let mut command =
        folder.command(&["query", "--format", "csv", "SELECT count(*) AS n FROM customers"]);
    assert_eq!(Ended::of(command.env("INTARSIA_CATALOG", "shop.yaml")).well(), "n\n5\n");
}

#[test]
fn the_command_line_is_at_fault() {
    let folder = shop();
    for arguments in [
        &["query", "SELECT 1"][..],
        &["query", "-c", "shop.yaml", "--format", "xml", "SELECT 1"],
        &["query", "-c", "shop.yaml", "-f", "none.sql"],
        &["query", "-c", "shop.yaml", "-f", "two.sql", "SELECT 1"],
        &["dance"],
    ] {
        let run = folder.run(arguments);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{arguments:?}: {}", run.err);
        assert!(!run.err.is_empty());
    }
}

#[test]
fn the_sql_or_the_catalog_is_at_fault() {
    let folder = shop().file("bad.yaml", "version: 1\nnodes: {}\ntabels: {}\n");
    for sql in
        ["SELEKT 1", "SELECT * FROM nowhere", "DELETE FROM customers", "COPY customers TO 'x.csv'"]
    {
        let run = folder.run(&["query", "-c", "shop.yaml", sql]);
        assert_eq!((run.status, run.out.as_str()), (1, ""), "{sql}: {}", run.err);
    }
    let run = folder.run(&["query", "-c", "bad.yaml", "SELECT 1"]);
    assert_eq!(run.status, 1);
    assert!(run.err.starts_with("bad.yaml:3:1: "), "{}", run.err);
    let run = folder.run(&["query", "-c", "none.yaml", "SELECT 1"]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("none.yaml"), "{}", run.err);
}

#[test]
fn a_node_that_is_not_there_is_status_3_and_only_for_queries_that_need_it() {
    let folder = shop();
    std::fs::remove_file(folder.path("vault.db")).unwrap();
    let run = folder.run(&["query", "-c", "shop.yaml", ALL]);
    assert_eq!((run.status, run.out.as_str()), (3, ""), "{}", run.err);
    assert!(run.err.contains("node `vault`"), "{}", run.err);
    let names = "SELECT name FROM customers WHERE id = 5";
    let run = folder.run(&["query", "-c", "shop.yaml", "--format", "csv", names]);
    assert_eq!(run.well(), "name\nCy\n");
}

#[test]
fn a_value_that_does_not_fit_is_told_with_its_place() {
    let folder = shop().database("eu.db", "UPDATE customers SET balance = 'much' WHERE id = 1;");
    let run = folder.run(&["query", "-c", "shop.yaml", ALL]);
    assert_eq!(run.status, 1);
    for word in ["eu", "customers", "balance", "much"] {
        assert!(run.err.contains(word), "{word}: {}", run.err);
    }
}

/// Far more rows than a pipe holds.
fn long() -> Folder {
    Folder::new()
        .database(
            "n.db",
            "CREATE TABLE numbers (n INTEGER);
             INSERT INTO numbers WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n;",
        )
        .file(
            "n.yaml",
            "version: 1\nnodes: { n: { url: 'sqlite:n.db' } }\n\
             tables: { numbers: { columns: { n: bigint }, layout: { stored: n.numbers } } }\n",
        )
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    for format in ["table", "csv", "json", "ndjson", "arrow", "parquet"] {
        let folder = long();
        let arguments =
            ["query", "-c", "n.yaml", "--format", format, "SELECT n, n * 2 AS m FROM numbers"];
        let mut child = folder.command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut start = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut start).unwrap();
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{format}");
    }
}

#[test]
fn rows_are_written_as_they_come() {
    let folder = endless();
    for format in ["table", "csv", "json", "ndjson"] {
        let arguments = ["query", "-c", "n.yaml", "--format", format, "SELECT i FROM endless"];
        let mut child = folder.command(&arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let third = lines.nth(2).unwrap().unwrap();
        drop(lines);
        assert!(third.contains(|c: char| c.is_ascii_digit()), "{format}: {third}");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{format}");
    }
}
