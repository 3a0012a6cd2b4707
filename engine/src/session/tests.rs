//! SQL through a session over plain tables.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{
            ArrayRef, Float32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
        },
        util::pretty::pretty_format_batches,
    },
    catalog::{
        CatalogProvider, MemTable, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider,
    },
    scalar::ScalarValue,
};
use futures::TryStreamExt;

use super::*;
use crate::{Error, ErrorKind};

pub(crate) fn session() -> Session {
    Session::over(Context::over(catalog()).unwrap())
}

/// `t`: ten rows of each kind of number, and a text.
pub(crate) fn catalog() -> Arc<dyn CatalogProvider> {
    let schema = MemorySchemaProvider::new();
    let columns: [(&str, ArrayRef); 5] = [
        ("id", Arc::new(Int64Array::from_iter_values(1..=10))),
        ("small", Arc::new(Int32Array::from_iter((1..=10).map(|i| (i != 5).then_some(i))))),
        ("d", Arc::new(Float64Array::from_iter_values((1..=10).map(|i| f64::from(i) / 10.0)))),
        ("r", Arc::new(Float32Array::from_iter_values((1..=10_u8).map(|i| f32::from(i) / 2.0)))),
        ("name", Arc::new(StringArray::from_iter_values((1..=10).map(|i| format!("n{i}"))))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap();
    schema.register_table("t".to_owned(), Arc::new(table)).unwrap();
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema("public", Arc::new(schema)).unwrap();
    Arc::new(catalog)
}

pub(crate) async fn run(
    session: &Session,
    sql: &str,
    values: Vec<ScalarValue>,
) -> Result<Vec<RecordBatch>> {
    session.sql_with(sql, values).await?.stream()?.try_collect().await
}

/// The rows as text, columns by `|`.
pub(crate) fn rows(batches: &[RecordBatch]) -> Vec<String> {
    let table = pretty_format_batches(batches).unwrap().to_string();
    let lines = table.lines().filter(|line| line.starts_with('|')).skip(1);
    lines
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join("|"))
        .collect()
}

pub(crate) async fn ask(sql: &str) -> Result<Vec<String>> {
    Ok(rows(&run(&session(), sql, Vec::new()).await?))
}

async fn refused(sql: &str) -> Error {
    match ask(sql).await {
        Ok(rows) => panic!("{sql} answered {rows:?}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_query_answers() {
    assert_eq!(
        ask("SELECT id, name FROM t WHERE id < 3 ORDER BY id").await.unwrap(),
        ["1|n1", "2|n2"]
    );
    assert_eq!(ask("VALUES (1), (2)").await.unwrap(), ["1", "2"]);
    assert_eq!(ask("(SELECT 1) UNION ALL SELECT 1").await.unwrap(), ["1", "1"]);
}

#[tokio::test]
async fn what_does_not_only_read_is_unsupported() {
    for sql in [
        "COPY t TO '/tmp/x.csv'",
        "COPY (SELECT 1) TO '/tmp/x.parquet'",
        "CREATE TABLE x (a int)",
        "CREATE TABLE x AS SELECT 1",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE UNBOUNDED EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE VIEW v AS SELECT 1",
        "CREATE SCHEMA s",
        "CREATE DATABASE d",
        "CREATE FUNCTION f() RETURNS int RETURN 1",
        "DROP TABLE t",
        "ALTER TABLE t ADD COLUMN x int",
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET id = 1",
        "DELETE FROM t",
        "TRUNCATE t",
        "MERGE INTO t USING t AS s ON t.id = s.id WHEN MATCHED THEN DELETE",
        "WITH x AS (INSERT INTO t VALUES (1)) SELECT 1",
        "SELECT * INTO x FROM t",
        "SELECT * FROM t FOR UPDATE",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "DEALLOCATE p",
        "BEGIN",
        "START TRANSACTION",
        "COMMIT",
        "ROLLBACK",
        "SET datafusion.execution.batch_size = 1",
        "SET TIME ZONE 'Europe/Berlin'",
        "SET timezone = '+05:00'",
        "SET datafusion.runtime.memory_limit = '1G'",
        "RESET datafusion.execution.batch_size",
        "EXPLAIN COPY t TO '/tmp/x.csv'",
        "EXPLAIN ANALYZE INSERT INTO t VALUES (1)",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'https://example.com/x.parquet'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('x')",
        "SELECT * FROM parquet_metadata('x')",
        "SELECT * FROM glob('/*')",
        "LOAD DATA INPATH 'x' INTO TABLE t",
        "INSTALL httpfs",
        "ATTACH 'x.db' AS x",
        "VACUUM",
        "ANALYZE t",
        "USE other",
        "KILL 1",
        "GRANT SELECT ON t TO x",
        "SHOW CREATE TABLE t",
        "UNLOAD (SELECT 1) TO 's3://x'",
        "PRAGMA x",
        "CALL f()",
    ] {
        let error = refused(sql).await;
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_path_is_no_table() {
    for sql in
        ["SELECT * FROM \"/etc/passwd\"", "SELECT * FROM \"file:///etc/passwd\"", "TABLE \"x.csv\""]
    {
        assert_eq!(refused(sql).await.kind(), ErrorKind::Invalid, "{sql}");
    }
}

#[tokio::test]
async fn one_statement_at_a_time() {
    for sql in ["SELECT 1; SELECT 2", "", ";", "-- nothing"] {
        assert_eq!(refused(sql).await.kind(), ErrorKind::Invalid, "{sql}");
    }
    assert_eq!(ask("SELECT 1;").await.unwrap(), ["1"]);
}
