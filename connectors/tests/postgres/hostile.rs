//! Defaults of a server, database or user that would change answers do not.

use intarsia_catalog::Type;

use crate::support::{Database, query, texts};

const HOSTILE: &[(&str, &str)] = &[
    ("TimeZone", "'America/New_York'"),
    ("DateStyle", "'SQL, DMY'"),
    ("IntervalStyle", "'sql_standard'"),
    ("extra_float_digits", "-3"),
    ("bytea_output", "'escape'"),
    ("standard_conforming_strings", "off"),
    ("backslash_quote", "on"),
    ("array_nulls", "off"),
    ("transform_null_equals", "on"),
    ("search_path", "hostile, pg_catalog"),
    ("statement_timeout", "'300ms'"),
    ("lock_timeout", "'300ms'"),
    ("idle_in_transaction_session_timeout", "'300ms'"),
    ("default_transaction_isolation", "'serializable'"),
    ("default_transaction_deferrable", "on"),
    ("client_encoding", "'LATIN1'"),
    ("gin_fuzzy_search_limit", "1"),
    ("quote_all_identifiers", "on"),
];

async fn hostile() -> Database {
    let database = Database::new(&[
        "CREATE SCHEMA hostile",
        "CREATE FUNCTION hostile.never(int4, int4) RETURNS bool LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR hostile.= (LEFTARG = int4, RIGHTARG = int4, FUNCTION = hostile.never)",
        "CREATE TABLE t (at timestamptz, f double precision, b bytea)",
        "INSERT INTO t VALUES ('2024-01-01 02:00Z', 0.1, '\\x00ff')",
    ])
    .await;
    let name = database.number("SELECT replace(current_database(), 'test', '')::int8").await;
    for (setting, value) in HOSTILE {
        database.run(&[&format!("ALTER DATABASE test{name} SET {setting} = {value}")]).await;
    }
    database.with(|_| {})
}

#[tokio::test]
async fn no_default_changes_an_answer() {
    let database = hostile().await;
    let cases = [
        ("SELECT date_trunc('day', at)::date::text FROM public.t", "2024-01-01"),
        ("SELECT at::text FROM public.t", "2024-01-01 02:00:00+00"),
        ("SELECT f::text FROM public.t", "0.1"),
        ("SELECT b::text FROM public.t", "\\x00ff"),
        ("SELECT ('01/02/2024'::date)::text", "2024-01-02"),
        ("SELECT 'a\\nb'", "a\\nb"),
        ("SELECT (1 = 1)::text", "true"),
        ("SELECT (NULL = NULL)::text", "NULL"),
        ("SELECT ('{NULL}'::text[])[1]", "NULL"),
        ("SELECT interval '1 day 1 hour'::text", "1 day 01:00:00"),
        ("SELECT 'é漢'", "é漢"),
        ("SELECT current_setting('transaction_isolation')", "repeatable read"),
        ("SELECT current_setting('transaction_read_only')", "on"),
    ];
    for (sql, expected) in cases {
        let rows = database.rows(query(sql, &[("v", Type::Text)])).await;
        assert_eq!(texts(&rows.unwrap_or_else(|e| panic!("{sql}: {e}"))), [expected], "{sql}");
    }
}

#[tokio::test]
async fn no_default_ends_a_slow_statement() {
    let slow = "SELECT count(*) FROM (SELECT pg_sleep(0.6)) s";
    assert_eq!(hostile().await.number(slow).await, 1);
}

#[tokio::test]
async fn a_query_cannot_write() {
    let database = hostile().await;
    database.run(&["CREATE SEQUENCE public.s"]).await;
    let error = database.fails(query("SELECT nextval('public.s')", &[("v", Type::BigInt)])).await;
    assert_eq!(error.kind(), intarsia_connectors::ErrorKind::Refused);
    assert!(error.message().contains("read-only transaction"), "{error}");
}
