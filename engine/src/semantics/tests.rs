//! What differs from DataFusion, and that nothing else does.

use datafusion::{
    arrow::{
        array::RecordBatch,
        datatypes::{DataType, SchemaRef},
    },
    prelude::{SessionConfig, SessionContext},
};
use futures::TryStreamExt;

use crate::{
    ErrorKind,
    session::tests::{ask, catalog, rows, session},
};

/// DataFusion as it comes, with decimals for numbers with a point.
fn stock() -> SessionContext {
    let mut config = SessionConfig::new().with_default_catalog_and_schema("intarsia", "public");
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    config.options_mut().execution.time_zone = Some("+00:00".to_owned());
    let context = SessionContext::new_with_config(config);
    context.register_catalog("intarsia", catalog());
    context
}

async fn by_stock(sql: &str) -> datafusion::common::Result<(SchemaRef, Vec<RecordBatch>)> {
    let stream = stock().sql(sql).await?.execute_stream().await?;
    Ok((stream.schema(), stream.try_collect().await?))
}

/// What is wrong with the answer to `sql`, which must be an overflow.
async fn no_overflow(sql: &str) -> Option<String> {
    match ask(sql).await {
        Ok(rows) => Some(format!("{sql} answered {rows:?}")),
        Err(error) if error.kind() != ErrorKind::Invalid => Some(format!("{sql}: {error:?}")),
        Err(error) if !error.to_string().contains("overflow") => Some(format!("{sql}: {error}")),
        Err(_) => None,
    }
}

const QUERIES: &[&str] = &[
    "SELECT 1 + 1, 1 - 2, 2 * 3, -(1), - small, id + small * 2 - 1 FROM t",
    "SELECT (id + 1) * 2, id * (2 + small), -(id + 1) FROM t",
    "SELECT id + 1 AS x, (id + 1) / 2, (id + 1) % 2, 1 + id / 2 FROM t",
    "SELECT sum(id), sum(small), sum(id + 1), sum(id) + 1, sum(d), sum(r) FROM t",
    "SELECT sum(DISTINCT small), sum(id) FILTER (WHERE id > 5), count(*) + 1 FROM t",
    "SELECT id % 3, sum(id), sum(id * 2) AS s FROM t GROUP BY id % 3 ORDER BY 1",
    "SELECT id + 1, count(*) FROM t GROUP BY id + 1 ORDER BY id + 1",
    "SELECT id % 2 + 1, sum(small) FROM t GROUP BY 1 HAVING sum(small) > 1 + 1 ORDER BY 1",
    "SELECT id % 2, id % 3, sum(id) FROM t GROUP BY GROUPING SETS ((id % 2), (id % 3), ()) ORDER BY 1, 2",
    "SELECT id % 2, grouping(id % 2), sum(id) FROM t GROUP BY ROLLUP (id % 2) ORDER BY 1",
    "SELECT sum(id) OVER (ORDER BY id), sum(id) OVER (PARTITION BY id % 2) FROM t ORDER BY id",
    "SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t",
    "SELECT sum(DISTINCT id % 2) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
    "SELECT lag(id + 1, 1 + 1) OVER (ORDER BY id + 1), row_number() OVER (ORDER BY -id) FROM t",
    "SELECT * FROM t ORDER BY id * -1 LIMIT 1 + 1 OFFSET 2 * 1",
    "SELECT a.id + b.id FROM t a JOIN t b ON a.id + 1 = b.id ORDER BY 1",
    "SELECT a.id FROM t a LEFT JOIN t b ON a.id = b.id + 1 AND a.small + 1 > b.small ORDER BY 1",
    "SELECT id FROM t WHERE id + 1 IN (SELECT small * 2 FROM t) ORDER BY id",
    "SELECT id, (SELECT max(u.id + 1) FROM t u WHERE u.small = t.id) + id FROM t ORDER BY id",
    "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.id = t.id + 1) ORDER BY id",
    "SELECT CASE WHEN id > 5 THEN id + 1 ELSE -id END FROM t ORDER BY id",
    "SELECT abs(id - 5), round(d * 10), power(id, 2), id::smallint + 1::smallint FROM t ORDER BY id",
    "SELECT cast(id AS int unsigned) + 1, cast(id AS bigint unsigned) * 2 FROM t ORDER BY id",
    "SELECT cast(id AS bigint unsigned) + id, cast(id AS tinyint) - 1::tinyint FROM t ORDER BY id",
    "SELECT DATE '2024-01-01' + 1, DATE '2024-01-31' + INTERVAL '1 month', DATE '2024-01-02' - DATE '2024-01-01'",
    "SELECT now() - now() = INTERVAL '0', TIMESTAMP '2024-01-01' - INTERVAL '1 day'",
    "SELECT 1.5, 1.50 + 1, 0.001 * 2, -1.5, .5, 99999999999999999999",
    "SELECT avg(id), avg(small + 1), min(id * 2), max(-id), stddev(id), median(id) FROM t",
    "SELECT approx_percentile_cont(0.5) WITHIN GROUP (ORDER BY id), percentile_cont(0.5) WITHIN GROUP (ORDER BY d) FROM t",
    "SELECT array_agg(id + 1 ORDER BY id), string_agg(name, ',' ORDER BY id) FROM t",
    "SELECT unnest([1, 2]) + 1",
    "SELECT value + 1 FROM generate_series(1, 2 + 1)",
    "SELECT * FROM range(1, 10, 1 + 2)",
    "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 5) SELECT sum(x) FROM n",
    "SELECT id + 1 FROM t UNION SELECT small FROM t ORDER BY 1",
    "SELECT * FROM (VALUES (1 + 1, 2), (3, 4 * 5)) AS v (a, b)",
    "SELECT small + NULL, NULL + 1, sum(NULL::int) FROM t GROUP BY small ORDER BY small",
    "SELECT DISTINCT id % 3 + 1 FROM t ORDER BY 1",
    "SELECT sum(0.1), sum(0.1 * id) FROM t",
    "SELECT sum(x) FROM (SELECT id AS x FROM t WHERE false)",
    "SELECT small + 0, 0 + small, small * 1, 1 * small, small - 0, 0 - small FROM t ORDER BY id",
    "SELECT name || (1 + 1) FROM t WHERE id = 1",
    "SELECT DISTINCT ON (id % 2) id % 2, id + 1 FROM t ORDER BY id % 2, id",
];

#[tokio::test]
async fn names_types_and_answers_are_datafusions() {
    let mut differences = Vec::new();
    for sql in QUERIES {
        let (schema, batches) = match by_stock(sql).await {
            Ok(answer) => answer,
            Err(error) => {
                differences.push(format!("{sql}\n{error}"));
                continue;
            }
        };
        let query = session().sql(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        if query.schema().fields() != schema.fields() {
            differences.push(format!(
                "{sql}\n{:?}\n{:?}",
                query.schema().fields(),
                schema.fields()
            ));
        }
        let answer = ask(sql).await.unwrap_or_else(|error| vec![error.to_string()]);
        if answer != rows(&batches) {
            differences.push(format!("{sql}\n{answer:?}\n{:?}", rows(&batches)));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

const MAX: &str = "9223372036854775807";

#[tokio::test]
async fn overflow_is_an_error() {
    let mut wrong = Vec::new();
    let big = "(SELECT 9223372036854775807 AS x, 1 AS one UNION ALL SELECT 1, 1)";
    for sql in [
        format!("SELECT {MAX} + 1"),
        format!("SELECT -{MAX} - 2"),
        format!("SELECT {MAX} * 2"),
        "SELECT -(-9223372036854775808)".to_owned(),
        "SELECT 2147483647::int + 1::int".to_owned(),
        "SELECT 32767::smallint * 2::smallint".to_owned(),
        "SELECT 127::tinyint + 1::tinyint".to_owned(),
        "SELECT 1::bigint unsigned - 2::bigint unsigned".to_owned(),
        "SELECT 4294967295::int unsigned + 1::int unsigned".to_owned(),
        format!("SELECT x + one FROM {big}"),
        format!("SELECT x FROM {big} WHERE x + one > 0"),
        format!("SELECT x FROM {big} ORDER BY x + one"),
        format!("SELECT count(*) FROM {big} GROUP BY x + one"),
        format!("SELECT max(x + one) FROM {big}"),
        format!("SELECT a.x FROM {big} a JOIN {big} b ON a.x + a.one = b.x"),
        format!("SELECT one FROM {big} WHERE one IN (SELECT x + one FROM {big})"),
        format!("SELECT (SELECT max(x + one) FROM {big})"),
        format!("SELECT lag(x + one) OVER (ORDER BY x) FROM {big}"),
        format!("SELECT row_number() OVER (ORDER BY x + one) FROM {big}"),
        format!("SELECT CASE WHEN x > 1 THEN x + one ELSE 0 END FROM {big}"),
        format!("VALUES ({MAX} + 1)"),
        format!("SELECT 1 LIMIT {MAX} + 1"),
        format!("SELECT sum(x) FROM {big}"),
        format!("SELECT sum(DISTINCT x) FROM {big}"),
        format!("SELECT sum(DISTINCT x), count(DISTINCT one) FROM {big}"),
        format!("SELECT sum(x) FILTER (WHERE one = 1) FROM {big}"),
        format!("SELECT one, sum(x) FROM {big} GROUP BY one"),
        format!("SELECT one, sum(x) FROM {big} GROUP BY ROLLUP (one)"),
        format!("SELECT sum(x) OVER () FROM {big}"),
        format!("SELECT sum(x) OVER (ORDER BY x) FROM {big}"),
        format!("SELECT sum(x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM {big}"),
        format!("SELECT sum(DISTINCT x) OVER (ORDER BY x ROWS 1 PRECEDING) FROM {big}"),
        "SELECT sum(x::bigint unsigned) FROM (VALUES (18446744073709551615), (1)) AS v (x)"
            .to_owned(),
        "SELECT sum(x) FROM (VALUES (99999999999999999999999999999999999999), (1)) AS v (x)"
            .to_owned(),
    ] {
        wrong.extend(no_overflow(&sql).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn overflow_in_the_arguments_of_a_table_function_is_an_error() {
    let error = ask(&format!("SELECT * FROM generate_series(1, {MAX} + 1)")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
}

#[tokio::test]
async fn what_is_not_evaluated_does_not_overflow() {
    let sql = format!("SELECT CASE WHEN 1 = 2 THEN {MAX} + 1 ELSE 7 END");
    assert_eq!(ask(&sql).await.unwrap(), ["7"]);
    let sql =
        format!("SELECT CASE WHEN id = 1 THEN {MAX} + id - 2 ELSE id END FROM t WHERE id > 9");
    assert_eq!(ask(&sql).await.unwrap(), ["10"]);
    assert_eq!(ask(&format!("SELECT 1 WHERE false AND {MAX} + 1 > 0")).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_sum_that_fits_is_not_lost_on_its_way() {
    let values =
        "(VALUES (9223372036854775807, 1), (5, 2), (-9223372036854775807, 3), (-4, 4)) AS v (x, i)";
    for (sql, expected) in [
        (format!("SELECT sum(x) FROM {values}"), vec!["1"]),
        (format!("SELECT sum(DISTINCT x) FROM {values}"), vec!["1"]),
        (format!("SELECT i * 0, sum(x) FROM {values} GROUP BY i * 0"), vec!["0|1"]),
        (
            format!(
                "SELECT sum(x) OVER (ORDER BY i ROWS BETWEEN CURRENT ROW AND CURRENT ROW) FROM {values}"
            ),
            vec!["9223372036854775807", "5", "-9223372036854775807", "-4"],
        ),
    ] {
        assert_eq!(ask(&sql).await.unwrap(), expected, "{sql}");
    }
}

#[tokio::test]
async fn numbers_have_the_types_of_the_contract() {
    let sql = "SELECT 1.5 AS a, 1e3 AS b, -1.5e-3 AS c, 1E3 AS d, 12345678901234567890123 AS e, 1.10 AS f";
    let schema = session().sql(sql).await.unwrap().schema();
    let types = schema.fields().iter().map(|field| field.data_type().clone()).collect::<Vec<_>>();
    let expected = [
        DataType::Decimal128(2, 1),
        DataType::Float64,
        DataType::Float64,
        DataType::Float64,
        DataType::Decimal128(23, 0),
        DataType::Decimal128(3, 2),
    ];
    assert_eq!(types, expected);
    assert_eq!(ask(sql).await.unwrap(), ["1.5|1000.0|-0.0015|1000.0|12345678901234567890123|1.10"]);
}

#[tokio::test]
async fn a_double_is_named_as_datafusion_names_it() {
    let plain = SessionContext::new();
    for sql in [
        "SELECT 1e3",
        "SELECT -1e3",
        "SELECT 1e3 + 1",
        "SELECT - (1e3), abs(-1.5e300)",
        "VALUES (1e0)",
    ] {
        let theirs = plain.sql(sql).await.unwrap().create_physical_plan().await.unwrap().schema();
        let ours = session().sql(sql).await.unwrap().schema();
        assert_eq!(ours.fields(), theirs.fields(), "{sql}");
    }
}

#[tokio::test]
async fn a_decimal_literal_beside_a_double_is_a_double() {
    for (sql, expected) in [
        ("SELECT id FROM t WHERE d = 0.3", vec!["3"]),
        ("SELECT id FROM t WHERE 0.3 = d", vec!["3"]),
        ("SELECT id FROM t WHERE d + 0.1 = 0.4", vec!["3"]),
        ("SELECT id FROM t WHERE d BETWEEN 0.2 AND 0.3 ORDER BY id", vec!["2", "3"]),
        ("SELECT id FROM t WHERE 0.3 BETWEEN d AND 0.35", vec!["1", "2", "3"]),
        ("SELECT id FROM t WHERE d IN (0.3, 0.7) ORDER BY id", vec!["3", "7"]),
        ("SELECT id FROM t WHERE 0.3 IN (d, 0.31)", vec!["3"]),
        ("SELECT id FROM t WHERE r = 1.5", vec!["3"]),
        ("SELECT CASE d WHEN 0.3 THEN 'x' ELSE 'y' END FROM t WHERE id = 3", vec!["x"]),
        ("SELECT id FROM t WHERE d IS NOT DISTINCT FROM 0.3", vec!["3"]),
        ("SELECT count(*) FROM t WHERE d * 1e300 > 1.0", vec!["10"]),
        ("SELECT count(*) FROM t WHERE d < 99999999999999999999.5", vec!["10"]),
        ("SELECT 1 WHERE 0.3 IN (SELECT d FROM t)", vec!["1"]),
        ("SELECT 1 WHERE 0.3 = (SELECT d FROM t WHERE id = 3)", vec!["1"]),
        ("SELECT a.id FROM t a JOIN t b ON a.id = b.id AND b.d = 0.3", vec!["3"]),
        ("SELECT count(*) FILTER (WHERE d > 0.35) FROM t", vec!["7"]),
        ("SELECT id FROM t GROUP BY id, d HAVING max(d) = 0.3", vec!["3"]),
    ] {
        let mut rows = ask(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.sort();
        assert_eq!(rows, expected, "{sql}");
    }
}
