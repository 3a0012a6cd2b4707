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
    common::runtime::SpawnedTask,
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

#[tokio::test]
async fn parameters_take_values() {
    let values = || vec![ScalarValue::Int64(Some(3)), ScalarValue::Utf8(Some("n4".to_owned()))];
    let session = session();
    for sql in [
        "SELECT id FROM t WHERE id = $1 OR name = $2 ORDER BY id",
        "SELECT id FROM t WHERE id = ? OR name = ? ORDER BY id",
        "SELECT id FROM t WHERE name = $2 OR id = $1 OR $1 > 99 ORDER BY id",
    ] {
        assert_eq!(rows(&run(&session, sql, values()).await.unwrap()), ["3", "4"], "{sql}");
    }
    let limited = run(
        &session,
        "SELECT id FROM t ORDER BY id LIMIT ? + 1",
        vec![ScalarValue::Int64(Some(1))],
    );
    assert_eq!(rows(&limited.await.unwrap()), ["1", "2"]);
}

#[tokio::test]
async fn a_parameter_has_the_type_of_its_value() {
    let value = ScalarValue::Decimal128(Some(15), 3, 1);
    for sql in ["SELECT $1", "SELECT ?", "VALUES ($1)", "SELECT x FROM (SELECT $1 AS x)"] {
        let query = session().sql_with(sql, vec![value.clone()]).await.unwrap();
        assert_eq!(query.schema().field(0).data_type(), &value.data_type(), "{sql}");
    }
    let sql = "SELECT '?', \"name\" FROM t WHERE name = ? -- ?";
    let answer = run(&session(), sql, vec!["n1".into()]).await.unwrap();
    assert_eq!(rows(&answer), ["?|n1"]);
}

#[tokio::test]
async fn parameters_without_values_are_told() {
    for sql in
        ["SELECT $1", "SELECT ?, ?", "SELECT $2", "SELECT $name", "SELECT $1, ?", "SELECT $0"]
    {
        let error = session().sql(sql).await.expect_err(sql);
        assert_eq!(error.kind(), ErrorKind::Invalid, "{sql}: {error}");
    }
    let error = session().sql_with("SELECT 1", vec![1_i64.into()]).await.unwrap_err();
    assert!(error.to_string().contains("0 parameters, and 1 value"), "{error}");
}

#[tokio::test]
async fn integers_from_parameters_do_not_wrap() {
    let values = vec![ScalarValue::Int64(Some(i64::MAX)), ScalarValue::Int64(Some(1))];
    let error = run(&session(), "SELECT $1 + $2", values).await.unwrap_err();
    assert!(error.to_string().contains("integer overflow"), "{error}");
}

#[tokio::test]
async fn the_schema_is_shown() {
    for (sql, expected) in [
        ("SHOW TABLES", "intarsia|public|t|BASE TABLE"),
        ("SHOW COLUMNS FROM t", "intarsia|public|t|id|Int64|NO"),
        ("DESCRIBE t", "name|Utf8|NO"),
        ("DESC t", "small|Int32|YES"),
        ("SELECT table_name FROM information_schema.tables", "t"),
        ("SELECT column_name FROM information_schema.columns WHERE table_name = 't'", "d"),
        ("SELECT schema_name FROM information_schema.schemata", "public"),
        ("SHOW intarsia.memory", "intarsia.memory|4GB"),
        ("SHOW ALL", "intarsia.statement_timeout|unlimited"),
        ("SHOW timezone", "datafusion.execution.time_zone|+00:00"),
        ("SELECT arrow_typeof(now())", "Timestamp(ns, \"+00:00\")"),
    ] {
        let rows = ask(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(rows.iter().any(|row| row == expected), "{sql}: {rows:?}");
    }
}

#[tokio::test]
async fn settings_are_set_for_the_session() {
    let session = session();
    for (sql, expected) in [
        ("SET intarsia.statement_timeout = '60s'", "intarsia.statement_timeout|60s"),
        ("SET intarsia.statement_timeout TO '5min'", "intarsia.statement_timeout|5min"),
        ("RESET intarsia.statement_timeout", "intarsia.statement_timeout|unlimited"),
    ] {
        let answer = run(&session, sql, Vec::new()).await.unwrap();
        assert!(answer.is_empty(), "{sql}");
        let shown = run(&session, "SHOW intarsia.statement_timeout", Vec::new()).await.unwrap();
        assert_eq!(rows(&shown), [expected], "{sql}");
    }
    for sql in
        ["SET intarsia.memory = 'much'", "SET intarsia.colour = 'red'", "SET intarsia.memory = 0"]
    {
        let error = session.sql(sql).await.expect_err(sql);
        assert_eq!(error.kind(), ErrorKind::Invalid, "{sql}: {error}");
    }
}

#[tokio::test]
async fn errors_show_the_place() {
    for (sql, place) in [
        ("SELECT 1 1", "line 1, column 10"),
        ("SELECT id,\n  nothing\nFROM t", "line 2, column 3"),
        ("SELECT 'open", "line 1, column 8"),
        ("SELECT id FROM t WHERE naem = 'x'", "line 1, column 24"),
        ("SELECT * FROM tt", "line 1, column 15"),
    ] {
        let error = refused(sql).await;
        assert_eq!(error.kind(), ErrorKind::Invalid, "{sql}: {error}");
        let text = error.to_string();
        assert!(text.contains(place), "{sql}: {text}");
        assert!(text.contains('^'), "{sql}: {text}");
        assert!(!text.contains("DataFusion") && !text.contains("Error"), "{text}");
    }
}

#[tokio::test]
async fn an_unknown_name_is_told_with_the_nearest() {
    for (sql, expected) in [
        (
            "SELECT * FROM tt",
            "table `tt` not found; did you mean `t`? at line 1, column 15\n  SELECT * FROM tt\n                ^",
        ),
        (
            "SELECT * FROM zebra",
            "table `zebra` not found; the tables are `t` at line 1, column 15\n  SELECT * FROM zebra\n                ^",
        ),
        (
            "SELECT id FROM t WHERE naem = 'x'",
            "column `naem` not found; did you mean `t.name`? at line 1, column 24\n  SELECT id FROM t WHERE naem = 'x'\n                         ^",
        ),
        (
            "SELECT zebra FROM t",
            "column `zebra` not found; the columns are `t.id`, `t.small`, `t.d`, `t.r`, `t.name` at line 1, column 8\n  SELECT zebra FROM t\n         ^",
        ),
    ] {
        let error = refused(sql).await;
        assert_eq!(error.kind(), ErrorKind::Invalid, "{sql}: {error}");
        assert_eq!(error.to_string(), expected, "{sql}");
    }
}

#[tokio::test]
async fn errors_of_values_are_the_querys() {
    for sql in [
        "SELECT 1 / 0",
        "SELECT id / 0 FROM t",
        "SELECT 'x'::int",
        "SELECT name::int FROM t",
        "SELECT 300::tinyint",
        "SELECT CAST('2024-13-01' AS DATE)",
        "SELECT nothing(1)",
        "SELECT sum(name) FROM t",
        "SELECT (SELECT id FROM t)",
        "SELECT name + 1 FROM t",
        "SELECT id FROM t UNION SELECT id, d FROM t",
        "SELECT id, count(*) FROM t",
    ] {
        let error = refused(sql).await;
        assert_eq!(error.kind(), ErrorKind::Invalid, "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_script_is_split() {
    let session = session();
    let script = "-- first\nSELECT 1; ;\n/* ; */ SELECT ';', \"a;\" -- x\n FROM t;\n EXPLAIN (FORMAT JSON) SELECT 'ä';SELECT 2 -- end";
    let expected = [
        "SELECT 1",
        "SELECT ';', \"a;\" -- x\n FROM t",
        "EXPLAIN (FORMAT JSON) SELECT 'ä'",
        "SELECT 2",
    ];
    assert_eq!(session.split(script).unwrap(), expected);
    assert_eq!(session.split(" ; -- nothing").unwrap(), [""; 0]);
    let error = session.split("SELECT 1;\nSELECT 1 1;").unwrap_err();
    assert!(error.to_string().contains("line 2, column 10"), "{error}");
}

#[tokio::test]
async fn explain_is_one_text_column() {
    for sql in
        ["EXPLAIN SELECT id FROM t", "EXPLAIN ANALYZE SELECT id FROM t", "EXPLAIN VERBOSE SELECT 1"]
    {
        let query = session().sql(sql).await.unwrap();
        assert_eq!(query.schema().fields().len(), 1, "{sql}");
        assert_eq!(query.schema().field(0).name(), "plan", "{sql}");
        assert!(!ask(sql).await.unwrap().is_empty(), "{sql}");
    }
}

const ENDLESS: &str = "SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l WHERE a.id + l.id > 0";

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_cancelled() {
    let query = session().sql(ENDLESS).await.unwrap();
    let canceller = query.canceller();
    let mut rows = query.stream().unwrap();
    tokio::time::timeout(std::time::Duration::from_millis(100), rows.try_next()).await.unwrap_err();
    canceller.cancel();
    assert_eq!(rows.try_next().await.unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(rows.try_next().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_ends_at_its_deadline() {
    let session = session();
    run(&session, "SET intarsia.statement_timeout = '5s'", Vec::new()).await.unwrap();
    let query = session.sql(ENDLESS).await.unwrap();
    let error = query.stream().unwrap().try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
}

/// Planning it takes seconds, in each of which a rule of the optimizer ends.
fn long() -> String {
    format!(
        "SELECT {}",
        (0..40)
            .map(|column| format!("name{} AS c{column}", " || name".repeat(400)))
            .collect::<Vec<_>>()
            .join(", ")
    ) + " FROM t"
}

#[tokio::test]
async fn planning_ends_at_its_deadline() {
    let session = session();
    run(&session, "SET intarsia.statement_timeout = '200ms'", Vec::new()).await.unwrap();
    let start = std::time::Instant::now();
    let error = session.sql(&long()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
    assert!(start.elapsed() < std::time::Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn planning_that_nobody_waits_for_is_stopped() {
    let session = session();
    let wait = std::time::Duration::from_millis(100);
    tokio::time::timeout(wait, session.sql(&long())).await.unwrap_err();
    // The session is as before, and its next statement is planned to the end.
    assert_eq!(rows(&run(&session, "SELECT 1", Vec::new()).await.unwrap()), ["1"]);
}

#[tokio::test]
async fn a_query_has_so_much_memory() {
    let session = session();
    run(&session, "SET intarsia.query_memory = '64kB'", Vec::new()).await.unwrap();
    let sql = "SELECT array_agg(a.id) FROM t a, t b, t c, t d, t e, t f GROUP BY a.name || b.name || c.name || d.name";
    let error = run(&session, sql, Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted, "{error}");
}

/// Statements at or over a limit, each in a thread with an ordinary stack, under a runtime with one worker.
mod limits {
    use std::time::{Duration, Instant};

    use super::*;

    fn in_a_small_thread(sql: String) -> Result<Vec<String>> {
        let work = move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap();
            let start = Instant::now();
            let shown = sql.chars().take(60).collect::<String>();
            let answer = runtime.block_on(async move {
                SpawnedTask::spawn(async move { ask(&sql).await }).await.unwrap()
            });
            println!("{:?} {shown}", start.elapsed());
            assert!(start.elapsed() < Duration::from_secs(60), "{shown}");
            answer
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap()
    }

    fn exhausted(sql: String, limit: &str) {
        let shown = sql.chars().take(60).collect::<String>();
        let error = in_a_small_thread(sql).expect_err(&shown);
        assert_eq!(error.kind(), ErrorKind::Exhausted, "{shown}: {error}");
        assert!(error.to_string().contains(limit), "{shown}: {error}");
    }

    fn answers(sql: String, rows: usize) {
        let shown = sql.chars().take(60).collect::<String>();
        let answer = in_a_small_thread(sql).unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!(answer.len(), rows, "{shown}");
    }

    #[test]
    fn within() {
        answers(format!("SELECT 1{}", " + 1".repeat(1_000)), 1);
        answers(format!("SELECT {}1 + id FROM t", "id + ".repeat(999)), 10);
        answers(format!("SELECT id FROM t WHERE {}1.5 + d > 0", "d * ".repeat(200)), 10);
        answers(format!("SELECT name{} FROM t", " || name".repeat(500)), 10);
        answers(format!("SELECT {}id FROM t", "- ".repeat(49)), 10);
        answers(format!("SELECT id FROM t WHERE {}id = 1", "id = 2 OR ".repeat(2_400)), 2);
        answers(format!("SELECT id FROM t WHERE {}id = 1", "small < 99 AND ".repeat(2_400)), 1);
        answers(format!("SELECT id{} FROM t", " IS NULL".repeat(1_000)), 10);
        answers(format!("SELECT {}1{}", "(".repeat(50), ")".repeat(50)), 1);
        answers(format!("SELECT id FROM t WHERE id IN ({})", numbers(100_000)), 10);
        answers(format!("SELECT CASE {} END FROM t", "WHEN id = 3 THEN 5 ".repeat(1_000)), 10);
        answers(format!("SELECT * FROM {}t{}", "(SELECT * FROM ".repeat(49), ")".repeat(49)), 10);
        let case = "CASE WHEN id = 1 THEN ".repeat(50);
        answers(format!("SELECT {case}0{} FROM t", " ELSE 1 END".repeat(50)), 10);
    }

    /// Each more than a task's budget has shares, and deeper than the stack of a worker thread.
    #[test]
    fn many_relations() {
        answers(format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(300)), 301);
        answers(format!("SELECT 1{}", " EXCEPT SELECT 2".repeat(200)), 1);
        let ones = (1..=150).map(|at| format!(", (SELECT 1) a{at}")).collect::<String>();
        answers(format!("SELECT 1 FROM (SELECT 1) a0{ones}"), 1);
        answers(format!("SELECT {}1", "(SELECT 1) + ".repeat(290)), 1);
    }

    /// Filters of that many terms in the tasks of an exchange.
    #[test]
    fn a_deep_filter_below_an_exchange() {
        let terms = "id = 2 OR small = 3 OR ".repeat(1_200);
        answers(format!("SELECT name, count(*) FROM t WHERE {terms}id = 1 GROUP BY name"), 3);
        let terms = "id = 2 OR small = 3 OR ".repeat(500);
        let part = format!("SELECT id FROM t WHERE {terms}id = 1");
        answers(format!("{part} UNION ALL {part}"), 6);
    }

    fn numbers(count: usize) -> String {
        (1..=count).map(|number| number.to_string()).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn past() {
        exhausted(format!("SELECT '{}'", "x".repeat(1 << 20)), "1 MiB");
        exhausted(format!("SELECT 1{}", " + 1".repeat(100_000)), "5,000 chained operators");
        exhausted(format!("SELECT 1{}", " + 1".repeat(1_001)), "1,000 chained operators other");
        exhausted(format!("SELECT {}true", "NOT ".repeat(100_000)), "50 levels");
        exhausted(format!("SELECT {}1", "- ".repeat(100_000)), "50 levels");
        exhausted(format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000)), "50 levels");
        exhausted(format!("SELECT {}", "(".repeat(100_000)), "50 levels");
        exhausted(format!("SELECT {}", "[".repeat(100_000)), "50 levels");
        exhausted(
            format!("SELECT {}1{}", "CASE WHEN true THEN ".repeat(30_000), " END".repeat(30_000)),
            "50 levels",
        );
        exhausted(
            format!("SELECT {}1{}", "(SELECT ".repeat(1_000), ")".repeat(1_000)),
            "50 levels",
        );
        exhausted(format!("SELECT 1::{}INT", "ARRAY<".repeat(10_000)), "50 levels");
        exhausted(format!("SELECT 1::{}INT", "STRUCT<a INT, b ".repeat(10_000)), "50 levels");
        exhausted(format!("SELECT 1 FROM t{}", ", t".repeat(10_000)), "300 joins");
        exhausted(format!("SELECT 1{}", " UNION SELECT 1".repeat(10_000)), "300 joins");
        exhausted(format!("SELECT 1 FROM t{}", " CROSS JOIN t".repeat(10_000)), "300 joins");
        exhausted(format!("SELECT 1{}", "::int".repeat(10_000)), "5,000 chained");
        exhausted(format!("SELECT x{}", "[1]".repeat(10_000)), "5,000 chained");
        exhausted(format!("SELECT {}1", "INTERVAL ".repeat(10_000)), "50 levels");
        exhausted(format!("SELECT {} 1", "1 + when +".repeat(10_000)), "5,000 chained");
        exhausted(format!("SELECT CASE {} 1 END", "1 + when +".repeat(10_000)), "5,000 chained");
        exhausted(
            format!("SELECT id FROM t WHERE id IN ({}1)", "2,".repeat(100_000)),
            "100,000 values",
        );
        exhausted(
            format!("SELECT id FROM t WHERE id NOT IN ({}1)", "2,".repeat(100_000)),
            "100,000 values",
        );
        let ctes = (1..=6_000)
            .map(|i| format!(", c{i} AS (SELECT * FROM c{})", i - 1))
            .collect::<String>();
        exhausted(format!("WITH c0 AS (SELECT 1){ctes} SELECT * FROM c6000"), "300 joins");
        let doubling = (1..=40)
            .map(|i| format!(", c{i} AS (SELECT 1 AS x FROM c{0} a, c{0} b)", i - 1))
            .collect::<String>();
        exhausted(
            format!("WITH c0 AS (SELECT 1 AS x){doubling} SELECT count(*) FROM c40"),
            "operators",
        );
    }
}

/// Clones of one client ask at once: what one of them sets is no reason to lose what the other does.
#[test]
fn settings_that_are_made_at_once_are_all_kept() {
    let session = session();
    let both = std::sync::Barrier::new(2);
    let kept = |name: &str, values: [&str; 2]| {
        let setting = Setting::Engine(name.to_owned());
        let kept = values.into_iter().cycle().take(500).filter(|value| {
            both.wait();
            session.set(&setting, value).unwrap();
            both.wait();
            session.settings().contains(&(setting.clone(), (*value).to_owned()))
        });
        kept.count()
    };
    let kept = std::thread::scope(|threads| {
        let memory = threads.spawn(|| kept("query_memory", ["1MB", "2MB"]));
        let timeout = threads.spawn(|| kept("statement_timeout", ["1s", "2s"]));
        [memory.join().unwrap(), timeout.join().unwrap()]
    });
    assert_eq!(kept, [500, 500]);
}
