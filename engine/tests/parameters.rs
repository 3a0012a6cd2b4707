//! Statements before they have values: what is known of them, and that what is known is right.

#![cfg(test)]

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::RecordBatch,
        datatypes::{DataType, Field, IntervalUnit, Schema, TimeUnit},
        util::pretty::pretty_format_batches,
    },
    catalog::{
        CatalogProvider, MemTable, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider,
    },
};
use futures::TryStreamExt;
use intarsia_engine::{Context, ErrorKind, Prepared, ScalarValue, Session};

const MICROS: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);
const PRICE: DataType = DataType::Decimal128(12, 2);

/// `t`, one row: 1, 'one', 1.50, 1.5, 1970-01-01, one second after it, true.
fn session() -> Session {
    let columns = [
        ("id", DataType::Int64, ScalarValue::Int64(Some(1))),
        ("name", DataType::Utf8, ScalarValue::Utf8(Some("one".to_owned()))),
        ("price", PRICE, ScalarValue::Decimal128(Some(150), 12, 2)),
        ("share", DataType::Float64, ScalarValue::Float64(Some(1.5))),
        ("day", DataType::Date32, ScalarValue::Date32(Some(0))),
        ("at", MICROS, ScalarValue::TimestampMicrosecond(Some(1_000_000), None)),
        ("ok", DataType::Boolean, ScalarValue::Boolean(Some(true))),
    ];
    let fields: Vec<_> =
        columns.iter().map(|(name, ty, _)| Field::new(*name, ty.clone(), true)).collect();
    let values = columns.iter().map(|(.., value)| value.to_array().unwrap()).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), values).unwrap();
    let tables = MemorySchemaProvider::new();
    let table = MemTable::try_new(schema, vec![vec![batch]]).unwrap();
    tables.register_table("t".to_owned(), Arc::new(table)).unwrap();
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema("public", Arc::new(tables)).unwrap();
    Session::over(Context::over(Arc::new(catalog)).unwrap())
}

async fn prepare(sql: &str) -> Prepared {
    session().prepare(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The rows of a statement with values, as a table of one column would be read: its cells, row by row.
async fn cells(sql: &str, values: &[ScalarValue]) -> Vec<String> {
    let session = session();
    let values = session.prepare(sql).await.unwrap().values(values.to_vec()).unwrap();
    let query = session.sql_with(sql, values).await;
    let query = query.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let batches: Vec<_> = query.stream().unwrap().try_collect().await.unwrap();
    let table = pretty_format_batches(&batches).unwrap().to_string();
    let lines = table.lines().filter(|line| line.starts_with('|')).skip(1);
    lines.flat_map(|line| line.trim_matches('|').split('|')).map(|c| c.trim().to_owned()).collect()
}

fn text(text: &str) -> ScalarValue {
    ScalarValue::Utf8(Some(text.to_owned()))
}

fn whole(number: i64) -> ScalarValue {
    ScalarValue::Int64(Some(number))
}

#[tokio::test]
async fn parameters_have_the_types_that_their_surroundings_tell() {
    use DataType as T;
    let nanos = T::Timestamp(TimeUnit::Nanosecond, None);
    for (sql, types) in [
        ("SELECT * FROM t WHERE id = ?", vec![Some(T::Int64)]),
        ("SELECT * FROM t WHERE ? < price", vec![Some(PRICE)]),
        ("SELECT * FROM t WHERE id IS DISTINCT FROM ?", vec![Some(T::Int64)]),
        ("SELECT * FROM t WHERE id IN (?, 2, ?)", vec![Some(T::Int64); 2]),
        ("SELECT * FROM t WHERE ? IN (day)", vec![Some(T::Date32)]),
        ("SELECT * FROM t WHERE at BETWEEN ? AND ?", vec![Some(MICROS); 2]),
        ("SELECT * FROM t WHERE ? BETWEEN price AND 5", vec![Some(T::Decimal128(22, 2))]),
        ("SELECT * FROM t ORDER BY id LIMIT ? OFFSET ?", vec![Some(T::Int64); 2]),
        ("SELECT CAST(? AS date), ?::double", vec![Some(T::Date32), Some(T::Float64)]),
        ("SELECT * FROM t WHERE name LIKE ? AND ? ILIKE 'x'", vec![Some(T::Utf8); 2]),
        ("SELECT id * ?, ? - share FROM t", vec![Some(T::Int64), Some(T::Float64)]),
        ("SELECT name || ? FROM t", vec![Some(T::Utf8)]),
        ("SELECT upper(?), length(?)", vec![Some(T::Utf8); 2]),
        ("SELECT coalesce(price, ?), nullif(id, ?) FROM t", vec![Some(PRICE), Some(T::Int64)]),
        ("SELECT date_trunc('day', ?)", vec![Some(nanos)]),
        ("SELECT sum(id + ?) FROM t", vec![Some(T::Int64)]),
        ("SELECT count(*) FILTER (WHERE id > ?) FROM t", vec![Some(T::Int64)]),
        ("SELECT * FROM t WHERE ok AND ? OR NOT ?", vec![Some(T::Boolean); 2]),
        ("SELECT * FROM t WHERE ?", vec![Some(T::Boolean)]),
        ("SELECT CASE WHEN ? THEN price ELSE ? END FROM t", vec![Some(T::Boolean), Some(PRICE)]),
        ("SELECT CASE day WHEN ? THEN 1 END FROM t", vec![Some(T::Date32)]),
        ("SELECT * FROM t WHERE ? IN (SELECT name FROM t)", vec![Some(T::Utf8)]),
        ("SELECT * FROM t WHERE ? > (SELECT max(at) FROM t)", vec![Some(MICROS)]),
        ("SELECT * FROM t WHERE id IN (SELECT id FROM t WHERE day = ?)", vec![Some(T::Date32)]),
        ("SELECT * FROM t a JOIN t b ON a.id = b.id AND b.name = ?", vec![Some(T::Utf8)]),
        ("SELECT name FROM t GROUP BY name HAVING count(*) > ?", vec![Some(T::Int64)]),
        ("VALUES (1, 'a'), (?, ?)", vec![Some(T::Int64), Some(T::Utf8)]),
        ("SELECT id, day FROM t UNION ALL SELECT ?, ?", vec![Some(T::Int64), Some(T::Date32)]),
        ("SELECT * FROM t WHERE id = $2 AND name = $1", vec![Some(T::Utf8), Some(T::Int64)]),
        ("SELECT * FROM t WHERE $1 IS NULL OR id = $1", vec![Some(T::Int64)]),
        ("SELECT * FROM t WHERE (? + 1) * 2 = id", vec![Some(T::Int64)]),
        ("EXPLAIN SELECT * FROM t WHERE id = ?", vec![Some(T::Int64)]),
        // Nothing tells what these are, or too much does.
        ("SELECT ?", vec![None]),
        ("SELECT * FROM t WHERE ? = ?", vec![None, None]),
        ("SELECT * FROM t WHERE at > now() - ?", vec![None]),
        ("SELECT day + ? FROM t", vec![None]),
        ("SELECT * FROM t WHERE ok = $1 OR day = $1", vec![None]),
        ("SELECT 1", vec![]),
    ] {
        assert_eq!(prepare(sql).await.parameters(), types, "{sql}");
    }
}

#[tokio::test]
async fn columns_are_known_before_there_are_values() {
    use DataType as T;
    for (sql, columns) in [
        ("SELECT id, price FROM t WHERE id = ?", vec![("id", T::Int64), ("price", PRICE)]),
        ("SELECT ? AS x, id + ? AS y FROM t", vec![("x", T::Utf8), ("y", T::Int64)]),
        ("SELECT ? + ? AS x", vec![("x", T::Int64)]),
        ("EXPLAIN SELECT ?", vec![("plan", T::Utf8)]),
        ("SELECT day FROM t", vec![("day", T::Date32)]),
    ] {
        let schema = prepare(sql).await.schema();
        let told: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| (field.name().as_str(), field.data_type().clone()))
            .collect();
        assert_eq!(told, columns, "{sql}");
    }
}

#[tokio::test]
async fn a_statement_without_parameters_is_planned_once() {
    let prepared = prepare("SELECT id FROM t").await;
    let rows: Vec<_> =
        prepared.take_query().unwrap().stream().unwrap().try_collect().await.unwrap();
    assert_eq!(rows[0].num_rows(), 1);
    assert!(prepared.take_query().is_none());
}

#[tokio::test]
async fn a_setting_takes_effect_when_it_is_run() {
    let session = session();
    let prepared = session.prepare("SET intarsia.statement_timeout = '60s'").await.unwrap();
    assert!(prepared.is_setting() && prepared.schema().fields().is_empty());
    let query = session.sql("SELECT 1").await.unwrap();
    assert_eq!(query.timeout(), None);
    let error = session.prepare("SET intarsia.statement_timeout = 'soon'").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn what_is_wrong_whatever_the_values_are_is_told() {
    for (sql, expected) in [
        ("SELECT nothing FROM t WHERE id = ?", "nothing"),
        ("SELECT * FROM nowhere WHERE id = ?", "nowhere"),
        ("SELECT $1, ?", "not both"),
        ("SELECT $0", "$0"),
        ("SELECT ? FROM", "Expected"),
        ("DELETE FROM t WHERE id = ?", "DELETE"),
    ] {
        let error = session().prepare(sql).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{sql}: {error}");
        assert_ne!(error.kind(), ErrorKind::Internal, "{sql}: {error}");
    }
}

#[tokio::test]
async fn values_of_other_types_find_what_they_are_equal_to() {
    for (sql, value, found) in [
        ("SELECT id FROM t WHERE id = ?", text("1"), true),
        ("SELECT id FROM t WHERE id = ?", ScalarValue::Float64(Some(1.0)), true),
        ("SELECT id FROM t WHERE id = ?", ScalarValue::Float64(Some(1.5)), false),
        ("SELECT id FROM t WHERE id < ?", ScalarValue::Float64(Some(1.5)), true),
        ("SELECT id FROM t WHERE price = ?", text("1.500"), true),
        ("SELECT id FROM t WHERE price = ?", text("1.501"), false),
        ("SELECT id FROM t WHERE price < ?", text("1.501"), true),
        ("SELECT id FROM t WHERE price = ?", ScalarValue::Float64(Some(1.5)), true),
        ("SELECT id FROM t WHERE day = ?", text("1970-01-01"), true),
        ("SELECT id FROM t WHERE day = ?", ScalarValue::TimestampSecond(Some(1), None), false),
        ("SELECT id FROM t WHERE at = ?", ScalarValue::TimestampSecond(Some(1), None), true),
        ("SELECT id FROM t WHERE at = ?", text("1970-01-01T00:00:01"), true),
        ("SELECT id FROM t WHERE name = ?", ScalarValue::Utf8View(Some("one".into())), true),
        ("SELECT id FROM t WHERE name = ?", ScalarValue::Null, false),
    ] {
        assert_eq!(
            !cells(sql, std::slice::from_ref(&value)).await.is_empty(),
            found,
            "{sql} {value:?}"
        );
    }
}

#[tokio::test]
async fn parameters_stand_wherever_a_value_does() {
    let hour = ScalarValue::new_interval_mdn(0, 0, 3_600_000_000_000);
    assert_eq!(hour.data_type(), DataType::Interval(IntervalUnit::MonthDayNano));
    for (sql, values, expected) in [
        ("VALUES (1), (2), (3) ORDER BY 1 LIMIT ? OFFSET ?", vec![whole(1), whole(1)], vec!["2"]),
        ("SELECT value FROM generate_series(1, ?)", vec![whole(2)], vec!["1", "2"]),
        ("SELECT id FROM t WHERE at > TIMESTAMP '1970-01-01T01:00:00' - ?", vec![hour], vec!["1"]),
        ("SELECT substr(name, ?) FROM t", vec![whole(2)], vec!["ne"]),
        ("SELECT ? + ?", vec![whole(1), whole(2)], vec!["3"]),
        ("SELECT count(*) FILTER (WHERE id > ?) FROM t", vec![whole(0)], vec!["1"]),
        ("SELECT name, ? FROM t GROUP BY name, 2", vec![whole(7)], vec!["one", "7"]),
        ("SELECT CASE ? WHEN 1 THEN 'a' ELSE ? END", vec![whole(2), text("b")], vec!["b"]),
        ("SELECT x + ? FROM (SELECT ? AS x)", vec![whole(1), whole(2)], vec!["3"]),
    ] {
        assert_eq!(cells(sql, &values).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn a_value_of_another_kind_is_told_with_its_parameter() {
    let prepared = prepare("SELECT id FROM t WHERE name = ? AND id = ?").await;
    let error = prepared.values(vec![text("x"), text("seven")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.to_string(), "parameter `$2` is of type Int64, and Utf8 `seven` is none");
    assert!(prepared.values(vec![text("x")]).unwrap_err().to_string().contains("2 parameters"));
}

/// A table function's arguments are evaluated while the statement is planned.
#[tokio::test]
async fn integers_in_a_table_functions_arguments_do_not_wrap() {
    let session = session();
    for sql in
        ["SELECT * FROM generate_series(1, ? + 1)", "SELECT * FROM generate_series(1, 2 * $1)"]
    {
        let error = session.sql_with(sql, vec![whole(i64::MAX)]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_parameter_that_is_cast_may_be_what_a_literal_there_may_be() {
    for (sql, value, cell) in [
        ("SELECT TRY_CAST($1 AS int)", text("abc"), ""),
        ("SELECT CAST($1 AS int)", text("12"), "12"),
        ("SELECT CAST($1 AS boolean)", whole(1), "true"),
        ("SELECT CAST($1 AS timestamp)", whole(0), "1970-01-01T00:00:00"),
        ("SELECT CAST($1 AS int)", ScalarValue::Float64(Some(2.5)), "2"),
    ] {
        assert_eq!(cells(sql, &[value]).await, [cell], "{sql}");
    }
}

/// Else a statement that is prepared before midnight would ask for yesterday after it.
#[tokio::test]
async fn the_plan_of_a_statement_that_asks_for_the_time_is_not_kept() {
    for sql in [
        "SELECT now()",
        "SELECT * FROM t WHERE day <= current_date",
        "SELECT count(*) FROM t WHERE day IN (SELECT current_date - INTERVAL '1 day')",
    ] {
        assert!(prepare(sql).await.take_query().is_none(), "{sql}");
    }
    assert!(prepare("SELECT * FROM t WHERE day <= '2024-01-02'").await.take_query().is_some());
}

#[tokio::test]
async fn a_parameter_without_a_number_is_refused() {
    for sql in ["SELECT $a", "SELECT :a", "SELECT :1", "SELECT id FROM t LIMIT :n", "SELECT ?1"] {
        let error = session().prepare(sql).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{sql}");
        assert!(
            error.to_string().contains("parameters are `$1`, `$2`, … or `?`"),
            "{sql}: {error}"
        );
    }
}

/// In arithmetic, functions, CASE, VALUES and unions what comes out depends on the types of what goes in.
#[tokio::test]
async fn where_something_is_made_of_a_value_it_is_what_a_literal_would_be() {
    let double = |number: f64| ScalarValue::Float64(Some(number));
    for (sql, values, expected) in [
        ("SELECT CAST(id AS int) / ? FROM t", vec![double(2.0)], "0.5"),
        ("SELECT ? / CAST(id + 1 AS int) FROM t", vec![double(1.0)], "0.5"),
        ("SELECT coalesce(CAST(NULL AS int), ?) / 2", vec![double(3.0)], "1.5"),
        (
            "SELECT CASE WHEN id > 1 THEN CAST(id AS int) ELSE ? END / 2 FROM t",
            vec![double(3.0)],
            "1.5",
        ),
        ("SELECT CAST(id + 99 AS int) * ? FROM t", vec![whole(100_000_000)], "10000000000"),
        ("SELECT CAST(id AS int) * ? FROM t", vec![ScalarValue::Int32(Some(7))], "7"),
        ("SELECT max(a) FROM (VALUES (?), (?)) v(a)", vec![whole(9), whole(10)], "10"),
        (
            "SELECT max(a) FROM (SELECT ? AS a UNION ALL SELECT ?) x",
            vec![whole(9), whole(10)],
            "10",
        ),
        ("SELECT nullif(?, ?) + 1", vec![whole(1), whole(2)], "2"),
        ("SELECT arrow_typeof(abs(?))", vec![whole(-5)], "Int64"),
        ("SELECT CAST(id AS int) + ? FROM t", vec![text("7")], "8"),
    ] {
        assert_eq!(cells(sql, &values).await, [expected], "{sql}");
    }
}

#[tokio::test]
async fn an_instant_is_the_same_whatever_zone_it_is_sent_in() {
    let at =
        |hour: i64, zone: &str| ScalarValue::TimestampSecond(Some(hour * 3600), Some(zone.into()));
    let between = "SELECT count(*) FROM t WHERE at BETWEEN ? AND ?";
    assert_eq!(cells(between, &[at(-1, "+00:00"), at(0, "+02:00")]).await, ["0"]);
    assert_eq!(cells(between, &[at(-1, "+02:00"), at(1, "-09:00")]).await, ["1"]);
    assert_eq!(cells("SELECT CAST(? AS date)", &[at(-1, "+02:00")]).await, ["1969-12-31"]);
    assert_eq!(
        cells("SELECT coalesce(at, ?) < ? FROM t", &[at(0, "+02:00"), at(1, "+02:00")]).await,
        ["true"]
    );
}
