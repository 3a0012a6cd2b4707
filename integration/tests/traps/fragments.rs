//! F: fragments and mappings. An answer does not depend on which part a row is in, nor on how a node spells its values.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray},
    compute::cast,
};
use datafusion::scalar::ScalarValue;
use intarsia_catalog::Catalog;
use intarsia_engine::ErrorKind::{Invalid, Mismatch};
use intarsia_integration::{
    Result,
    cluster::Cluster,
    data::{Rows, schema},
    deployment::Deployment,
    oracle::{ask, oracle},
};

use super::support::{Places, Shared, Trap, World, mariadb, mysql, postgres, run, sqlite};

/// What `check --data` finds in each place.
fn findings(places: &Places) -> Vec<Vec<String>> {
    let found = places.iter().map(|place| {
        let report = run(place.engine().check_data()).unwrap();
        report.findings.iter().map(|finding| finding.message.clone()).collect()
    });
    found.collect()
}

#[test]
fn f1_parts_that_overlap_or_leave_values_out_are_no_catalog() {
    let parts = |first: &str, second: &str| {
        let table = format!(
            "  t:\n    columns: {{ id: bigint not null }}\n    layout:\n      horizontal:\n        \
             - {{ name: a, where: \"{first}\", stored: lite.a }}\n        - {{ name: b, where: \"{second}\", stored: lite.b }}"
        );
        World::new(&table).local("lite", &[]).refused()
    };
    let overlap = parts("id <= 10", "id >= 10");
    assert!(overlap.contains("parts `a` and `b` overlap: both hold id = 10"), "{overlap}");
    let gap = parts("id < 10", "id > 10");
    assert!(gap.contains("no part holds id = 10"), "{gap}");
}

#[test]
fn f2_a_part_of_a_case_insensitive_column_is_that_of_its_bytes() {
    let kept = [
        ("maria", "region varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
        ("my", "region varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"),
        ("pg", "region citext"),
        ("lite", "region TEXT COLLATE NOCASE"),
    ];
    for (node, column) in kept {
        let extension = if node == "pg" { "CREATE EXTENSION citext" } else { "SELECT 1" };
        let create = format!("CREATE TABLE t (id bigint NOT NULL, {column} NOT NULL)");
        let eu = [extension, &create, "INSERT INTO t VALUES (1, 'EU'), (2, 'eu')"];
        let others = [
            "CREATE TABLE t (id INTEGER NOT NULL, region TEXT NOT NULL)",
            "INSERT INTO t VALUES (3, 'us')",
        ];
        let world = |stored: &str| {
            World::new(&format!(
                "  t:\n    columns: {{ id: bigint not null, region: text not null }}\n    layout:\n      horizontal:\n        \
                 - {{ name: eu, where: region = 'EU', stored: {stored} }}\n        - {{ name: rest, where: region <> 'EU', stored: lite2.t }}"
            ))
            .local(node, &eu)
            .local("lite2", &others)
            .called(column)
        };
        // The row of 'eu' breaks the promise: it never counts as 'EU', and the check finds it.
        let broken = world(&format!("{node}.t")).rows("t", "(1, 'EU'), (3, 'us')").open();
        broken.agree(&["SELECT id FROM t WHERE region = 'EU'"]);
        for found in findings(&broken) {
            assert!(
                found.len() == 1 && found[0].contains("rows outside `region = 'EU'`: 1"),
                "{node}: {found:?}"
            );
        }
        // Under `rows` it does not belong to the part.
        world(&format!("{{ at: {node}.t, rows: \"region = 'EU'\" }}"))
            .rows("t", "(1, 'EU'), (3, 'us')")
            .open()
            .agree(&[
                "SELECT * FROM t",
                "SELECT count(*) FROM t",
                "SELECT id FROM t WHERE region = 'eu'",
                "SELECT id FROM t WHERE region <> 'EU'",
                "SELECT id FROM t WHERE region IN ('eu', 'EU')",
                "SELECT id FROM t WHERE lower(region) = 'eu'",
            ]);
    }
}

/// Prices in four parts on four databases.
static PRICES: Shared = Shared::new(|| {
    let local = "id bigint NOT NULL, price decimal(10,2), at";
    let table = |time: &str| format!("CREATE TABLE t ({local} {time})");
    World::new(
        "  t:\n    columns: { id: bigint not null, price: \"decimal(10,2)\", at: timestamptz }\n    layout:\n      horizontal:\n        \
         - { name: low, where: price < 10, stored: pg.t }\n        \
         - { name: middle, where: price >= 10 AND price < 100.5, stored: maria.t }\n        \
         - { name: high, where: price >= 100.50, stored: my.t }\n        \
         - { name: none, where: price IS NULL, stored: lite.t }\n  \
         u:\n    columns: { p: \"decimal(10,2)\", at: timestamptz }\n    layout:\n      horizontal:\n        \
         - { name: old, where: at < TIMESTAMP '2024-01-01 00:00:00' OR at IS NULL, stored: pg.u }\n        \
         - { name: new, where: at >= TIMESTAMP '2024-01-01 00:00:00', stored: lite.u }",
    )
    .local(
        "pg",
        &[
            &table("timestamptz"),
            "INSERT INTO t VALUES (1, 9.99, '2023-12-31 23:30:00'), (2, -3, NULL)",
            "CREATE TABLE u (p numeric(10,2), at timestamptz)",
            "INSERT INTO u VALUES (9.99, '2023-12-31 23:59:59'), (10, NULL)",
        ],
    )
    .local("maria", &[&table("datetime(6)"), "INSERT INTO t VALUES (3, 10, '2024-01-01'), (4, 100.49, NULL)"])
    .local("my", &[&table("datetime(6)"), "INSERT INTO t VALUES (5, 100.5, '2024-01-01'), (6, 200, NULL)"])
    .local(
        "lite",
        &[
            "CREATE TABLE t (id INTEGER NOT NULL, price NUMERIC, at TEXT)",
            "INSERT INTO t VALUES (7, NULL, '2024-01-01 00:00:00')",
            "CREATE TABLE u (p NUMERIC, at TEXT)",
            "INSERT INTO u VALUES (100.5, '2024-01-01 00:00:00'), (NULL, '2024-06-01T00:00:00Z')",
        ],
    )
    .rows(
        "t",
        "(1, 9.99, '2023-12-31 23:30:00'), (2, -3, NULL), (3, 10, '2024-01-01'), (4, 100.49, NULL), \
         (5, 100.5, '2024-01-01'), (6, 200, NULL), (7, NULL, '2024-01-01')",
    )
    .rows(
        "u",
        "(9.99, '2023-12-31 23:59:59'), (10, NULL), (100.5, '2024-01-01'), (NULL, '2024-06-01')",
    )
    .open()
});

#[test]
fn f3_pruning_follows_the_meaning_of_values_and_not_their_spelling() {
    let parts = ["low", "middle", "high", "none"];
    let cases: [(&str, &[&str]); 16] = [
        ("price = 10", &["middle"]),
        ("price = 10.00", &["middle"]),
        ("100.50 = price", &["high"]),
        ("price = 1e1", &["middle"]),
        ("price IN (1, 200.0)", &["low", "high"]),
        ("price IN (1, NULL)", &["low"]),
        ("price BETWEEN 5 AND 10", &["low", "middle"]),
        ("price NOT BETWEEN 5 AND 10", &["low", "middle", "high"]),
        ("NOT (price < 100.5)", &["high"]),
        ("price <> 10", &["low", "middle", "high"]),
        ("price IS NULL", &["none"]),
        ("price IS NOT NULL AND price >= 10", &["middle", "high"]),
        ("price < 10 OR price IS NULL", &["low", "none"]),
        ("price > 100.49 AND price < 100.5", &[]),
        ("price > 5 AND price < 3", &[]),
        ("price NOT IN (1, NULL)", &[]),
    ];
    let places = PRICES.get();
    for (condition, read) in cases {
        let sql = format!("SELECT id FROM t WHERE {condition}");
        let expected: Vec<String> = parts
            .iter()
            .map(|part| {
                let fate = if read.contains(part) { "read   " } else { "pruned " };
                format!("{fate}t/{part}")
            })
            .collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        places.agree(&[&sql, &format!("SELECT count(*), sum(id) FROM t WHERE {condition}")]);
        places.send(&sql, &expected);
        if read.is_empty() {
            places.keep(&sql, &["RemoteQuery"]);
        }
    }
    places.agree(&[
        "SELECT id FROM t WHERE price > 10.001 AND price < 10.009",
        "SELECT id FROM t WHERE price >= 9.9900001 AND price < 100.491",
        "SELECT id FROM t WHERE CAST(price AS BIGINT) = 10",
        "SELECT id FROM t WHERE CAST(price AS VARCHAR) = '10.00'",
        "SELECT id FROM t WHERE price = (SELECT max(p) FROM u)",
        "SELECT t.id FROM t JOIN u ON t.price = u.p",
        "SELECT t.id, u.p FROM t LEFT JOIN u ON t.price = u.p",
        "SELECT id FROM t WHERE price > ANY (SELECT p FROM u)",
        "SELECT id FROM t WHERE coalesce(price, 0) = 0",
        "SELECT id FROM t WHERE price IS DISTINCT FROM 10",
        "SELECT id FROM t WHERE CASE WHEN price < 10 THEN TRUE ELSE price IS NULL END",
        "SELECT p FROM u WHERE at < TIMESTAMPTZ '2024-01-01T01:00:00+05:00'",
        "SELECT p FROM u WHERE at >= TIMESTAMP '2024-01-01 00:00:00'",
        "SELECT p FROM u WHERE at = TIMESTAMPTZ '2023-12-31T19:00:00-05:00'",
        "SELECT p FROM u WHERE CAST(at AS DATE) = DATE '2024-01-01'",
    ]);
    places.send(
        "SELECT p FROM u WHERE at = TIMESTAMPTZ '2023-12-31T19:00:00-05:00'",
        &["pruned u/old", "read   u/new"],
    );
}

#[test]
fn f3_parameters_prune_like_literals() {
    for place in PRICES.get().iter() {
        let session = place.engine().session();
        let ten = ScalarValue::Decimal128(Some(1000), 10, 2);
        let query = run(session.sql_with("SELECT id FROM t WHERE price = $1", vec![ten])).unwrap();
        let plan = query.explain();
        assert!(plan.contains("read   t/middle") && plan.contains("pruned t/low"), "{plan}");
        let none = ScalarValue::Decimal128(None, 10, 2);
        let query = run(session.sql_with("SELECT id FROM t WHERE price = $1", vec![none])).unwrap();
        assert!(!query.explain().contains("RemoteQuery"), "{}", query.explain());
    }
}

/// Numbers and texts whose spelling or sign might lead a hash astray, and NULL.
fn hashed(catalog: &Catalog) -> Result<Rows> {
    let texts = [Some("1"), Some("01"), Some("1.0"), Some(""), Some("É"), Some("E\u{301}"), None];
    let mut rows = Rows::new();
    for table in catalog.tables.values() {
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..7));
        let key: ArrayRef = match table.name.name.as_str() {
            "numbers" => Arc::new(Int64Array::from(vec![
                Some(1),
                Some(-1),
                Some(0),
                Some(i64::MAX),
                Some(i64::MIN),
                Some(10),
                None,
            ])),
            "texts" => Arc::new(StringArray::from(texts.to_vec())),
            "uuids" => {
                Arc::new(StringArray::from(vec![Some("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"); 7]))
            }
            _ => {
                let days = StringArray::from(vec![
                    Some("1969-12-31"),
                    Some("2024-02-29"),
                    None,
                    Some("0001-01-01"),
                    None,
                    None,
                    None,
                ]);
                cast(&days, &arrow::datatypes::DataType::Date32)?
            }
        };
        let batch = RecordBatch::try_new(schema(&table.columns), vec![ids, key])?;
        rows.insert(table.name.clone(), batch);
    }
    Ok(rows)
}

#[test]
fn f4_a_hash_is_the_same_on_every_node_for_every_spelling_sign_and_null() {
    let mut yaml = "version: 1\nnodes:\n".to_owned();
    for node in ["pg", "maria", "my", "lite"] {
        yaml.push_str(&format!("  {node}: {{ url: \"${{env:{}}}\" }}\n", node.to_uppercase()));
    }
    yaml.push_str("tables:\n");
    for (table, ty) in
        [("numbers", "bigint"), ("texts", "text"), ("uuids", "uuid"), ("days", "date")]
    {
        yaml.push_str(&format!("  {table}:\n    columns: {{ id: bigint not null, k: {ty} }}\n    layout:\n      horizontal:\n"));
        for (part, node) in ["pg", "maria", "my", "lite"].iter().enumerate() {
            let null = if part == 3 { " OR k IS NULL" } else { "" };
            yaml.push_str(&format!("        - {{ name: p{part}, where: \"hash(k) % 4 = {part}{null}\", stored: {node}.{table} }}\n"));
        }
    }
    for variety in 0..3 {
        run(async {
            let place = Deployment::new(Cluster::shared(), &yaml, &hashed, variety).await.unwrap();
            let oracle = oracle(place.catalog(), &hashed(place.catalog()).unwrap()).unwrap();
            let engine = place.engine().unwrap();
            let report = engine.check_data().await.unwrap();
            assert!(report.findings.is_empty(), "{:?}", report.findings);
            let session = engine.session();
            for (sql, reads) in [
                ("SELECT id FROM numbers WHERE k = 1", 1),
                ("SELECT id FROM numbers WHERE k = 1.0", 1),
                ("SELECT id FROM numbers WHERE k = CAST(1 AS SMALLINT)", 1),
                ("SELECT id FROM numbers WHERE k = -9223372036854775808", 1),
                ("SELECT id FROM numbers WHERE k IN (0, -1)", 2),
                ("SELECT id FROM numbers WHERE k IS NULL", 1),
                ("SELECT id FROM numbers WHERE k > 0", 4),
                ("SELECT id FROM texts WHERE k = '1'", 1),
                ("SELECT id FROM texts WHERE k = '01'", 1),
                ("SELECT id FROM texts WHERE k = ''", 1),
                ("SELECT id FROM texts WHERE k = 'É'", 1),
                ("SELECT id FROM uuids WHERE k = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 1),
                ("SELECT id FROM uuids WHERE k = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 1),
                ("SELECT id FROM days WHERE k = DATE '1969-12-31'", 1),
                ("SELECT n.id, t.id FROM numbers n JOIN texts t ON CAST(n.k AS VARCHAR) = t.k", 8),
            ] {
                let expected = ask(&oracle, sql).await.unwrap();
                let answer = ask(&session, sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
                assert_eq!(answer.difference(&expected, &[]), None, "{sql}");
                let plan = session.sql(sql).await.unwrap().explain();
                let read = plan.matches("RemoteQuery").count();
                assert!(read <= reads, "{sql}: {read} parts are read\n{plan}");
            }
        });
    }
}

/// Columns spread over three databases, `b` and `c` not for every key, with `first` among those that lack some.
fn vertical(first: &str, second: &str, third: &str) -> Places {
    let create = |column: &str| format!("CREATE TABLE t (id bigint NOT NULL, {column})");
    World::new(&format!(
        "  t:\n    columns: {{ id: bigint not null, a: text, b: text, c: integer }}\n    primary_key: [id]\n    layout:\n      vertical:\n        \
         - {{ columns: [a], stored: {first}.t }}\n        - {{ columns: [b], stored: {second}.t, keys: optional }}\n        \
         - {{ columns: [c], stored: {third}.t, keys: optional }}"
    ))
    .local(first, &[&create("a varchar(9)"), "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL), (4, 'z')"])
    .local(second, &[&create("b varchar(9)"), "INSERT INTO t VALUES (1, 'p'), (2, NULL)"])
    .local(third, &[&create("c int"), "INSERT INTO t VALUES (2, 20), (3, NULL), (4, 40)"])
    .rows("t", "(1, 'x', 'p', NULL), (2, 'y', NULL, 20), (3, NULL, NULL, NULL), (4, 'z', NULL, 40)")
    .open()
}

#[test]
fn f5_a_row_is_put_together_again_whatever_parts_lack_its_key() {
    for (first, second, third) in
        [("pg", "maria", "lite"), ("my", "lite", "pg"), ("lite", "pg", "maria")]
    {
        let places = vertical(first, second, third);
        places.agree(&[
            "SELECT * FROM t",
            "SELECT a, b FROM t WHERE id > 1",
            "SELECT b, c FROM t",
            "SELECT t.a, u.b FROM t JOIN t u ON t.id = u.id",
            "SELECT id FROM t WHERE a = 'y' AND c = 20",
            "SELECT count(*), count(a), count(b), count(c) FROM t",
        ]);
        let unused = format!("RemoteQuery {second} ");
        places.keep("SELECT a FROM t", &[&unused]);
        places.keep("SELECT a, c FROM t WHERE id = 1", &[&unused]);
        assert!(findings(&places).iter().all(Vec::is_empty), "{:?}", findings(&places));
    }
    // Keys that folding, padding or numbers would take for equal are other keys.
    for (node, text) in [
        ("maria", "varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
        ("my", "varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
        ("lite", "TEXT COLLATE NOCASE"),
    ] {
        World::new(&format!(
            "  t:\n    columns: {{ k: text not null, a: integer, b: integer }}\n    primary_key: [k]\n    layout:\n      vertical:\n        \
             - {{ columns: [a], stored: pg.t }}\n        - {{ columns: [b], stored: {node}.t, keys: optional }}"
        ))
        .local("pg", &["CREATE TABLE t (k text, a int)", "INSERT INTO t VALUES ('a', 1), ('A', 2), ('a ', 3), ('007', 4), ('7', 5)"])
        .local(node, &[&format!("CREATE TABLE t (k {text}, b int)"), "INSERT INTO t VALUES ('A', 20), ('a ', 30), ('7', 50)"])
        .rows("t", "('a', 1, NULL), ('A', 2, 20), ('a ', 3, 30), ('007', 4, NULL), ('7', 5, 50)")
        .called(text)
        .open()
        .agree(&["SELECT * FROM t", "SELECT a, b FROM t WHERE k = 'a'", "SELECT a FROM t WHERE b IS NULL", "SELECT b FROM t WHERE k >= '7'"]);
        World::new(&format!(
            "  t:\n    columns: {{ id: bigint not null, a: integer, b: integer }}\n    primary_key: [id]\n    layout:\n      vertical:\n        \
             - {{ columns: [a], stored: pg.t }}\n        \
             - {{ columns: [b], stored: {{ at: {node}.t, columns: {{ id: \"CAST(code AS BIGINT)\" }} }} }}"
        ))
        .local("pg", &["CREATE TABLE t (id int, a int)", "INSERT INTO t VALUES (7, 1), (8, 2)"])
        .local(node, &[&format!("CREATE TABLE t (code {text}, b int)"), "INSERT INTO t VALUES ('007', 70), ('8', 80)"])
        .rows("t", "(7, 1, 70), (8, 2, 80)")
        .called(text)
        .open()
        .agree(&["SELECT * FROM t", "SELECT b FROM t WHERE id = 7", "SELECT a FROM t WHERE b > 70"]);
    }
}

#[test]
fn f5_broken_promises_of_keys_are_found_by_the_check() {
    let world = |b_rows: &str| {
        World::new(
            "  t:\n    columns: { id: bigint not null, a: integer, b: integer }\n    primary_key: [id]\n    layout:\n      vertical:\n        \
             - { name: left, columns: [a], stored: pg.t }\n        - { name: right, columns: [b], stored: lite.t }",
        )
        .local("pg", &["CREATE TABLE t (id int, a int)", "INSERT INTO t VALUES (1, 1), (2, 2)"])
        .local("lite", &["CREATE TABLE t (id INTEGER, b INTEGER)", &format!("INSERT INTO t VALUES {b_rows}")])
        .open()
    };
    for (rows, expected) in [
        ("(1, 10)", "keys that"),
        ("(1, 10), (2, 20), (3, 30)", "keys that"),
        ("(1, 10), (2, 20), (2, 21)", "key"),
    ] {
        for found in findings(&world(rows)) {
            assert!(!found.is_empty(), "{rows}");
            assert!(found.iter().any(|text| text.contains(expected)), "{rows}: {found:?}");
        }
    }
}

#[test]
fn f6_a_missing_row_of_an_optional_part_counts_as_null() {
    for (first, second, third) in
        [("pg", "maria", "lite"), ("maria", "lite", "my"), ("lite", "my", "pg")]
    {
        vertical(first, second, third).agree(&[
            "SELECT id FROM t WHERE b IS NULL",
            "SELECT id FROM t WHERE b IS NOT NULL",
            "SELECT id FROM t WHERE b IS NULL AND c IS NULL",
            "SELECT id FROM t WHERE b IS NULL OR c > 20",
            "SELECT id FROM t WHERE b <> 'q'",
            "SELECT id FROM t WHERE NOT (b = 'p')",
            "SELECT id FROM t WHERE (b = 'p') IS NOT TRUE",
            "SELECT id FROM t WHERE b IS DISTINCT FROM 'p'",
            "SELECT id FROM t WHERE coalesce(b, 'none') = 'none'",
            "SELECT id FROM t WHERE b NOT IN ('p', 'q')",
            "SELECT id FROM t ORDER BY b NULLS FIRST, id LIMIT 2",
            "SELECT id FROM t ORDER BY c DESC, id LIMIT 3",
            "SELECT count(*) FROM t WHERE c IS NULL",
            "SELECT b, count(*) FROM t GROUP BY b",
            "SELECT t.id FROM t LEFT JOIN t u ON t.b = u.b WHERE u.id IS NULL",
            "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM t u WHERE u.c = t.c)",
        ]);
    }
}

#[test]
fn f7_a_mapping_that_divides_is_inverted_exactly_or_not_at_all() {
    let rows = "(1, 19.99), (2, 0.01), (3, -5.10), (4, NULL), (5, 1234567.89), (6, 0.07)";
    let local =
        "INSERT INTO t VALUES (1, 1999), (2, 1), (3, -510), (4, NULL), (5, 123456789), (6, 7)";
    for node in ["pg", "maria", "my", "lite"] {
        for (ty, expression) in [
            ("decimal(12,2)", "cents / 100.0"),
            ("decimal(12,2)", "cents * 0.01"),
            ("double", "CAST(cents AS DOUBLE) / 100"),
        ] {
            World::new(&format!(
                "  t:\n    columns: {{ id: bigint not null, price: \"{ty}\" }}\n    layout: {{ stored: {{ at: {node}.t, columns: {{ price: \"{expression}\" }} }} }}"
            ))
            .local(node, &["CREATE TABLE t (id bigint NOT NULL, cents bigint)", local])
            .rows("t", rows)
            .called(expression)
            .open()
            .agree(&[
                "SELECT * FROM t",
                "SELECT id FROM t WHERE price = 19.99",
                "SELECT id FROM t WHERE price IN (0.07, 0.01, 7)",
                "SELECT id FROM t WHERE price > 19.985",
                "SELECT id FROM t WHERE price <= -5.1",
                "SELECT id FROM t WHERE price = 1234567.89",
                "SELECT id FROM t WHERE price BETWEEN 0.01 AND 0.07",
                "SELECT id FROM t ORDER BY price DESC NULLS LAST LIMIT 2",
                "SELECT sum(price), min(price) FROM t",
                "SELECT price, count(*) FROM t GROUP BY price",
            ]);
        }
    }
}

#[test]
fn f8_mappings_that_turn_around_or_fold_together_keep_their_order_and_groups() {
    for node in ["pg", "maria", "my", "lite"] {
        let mapped = |columns: &str, local: &str, fill: &str| {
            World::new(&format!(
                "  t:\n    columns: {{ id: bigint not null, {} }}\n    layout: {{ stored: {{ at: {node}.t, columns: {{ {local} }} }} }}",
                columns
            ))
            .local(node, &["CREATE TABLE t (id bigint NOT NULL, y bigint)", &format!("INSERT INTO t VALUES {fill}")])
            .called(local)
        };
        let queries = [
            "SELECT * FROM t",
            "SELECT id FROM t WHERE x < 0",
            "SELECT id FROM t WHERE x >= -3",
            "SELECT id FROM t WHERE NOT (x > 5)",
            "SELECT id FROM t WHERE x IN (-3, 5)",
            "SELECT id FROM t WHERE x BETWEEN -3 AND 0",
            "SELECT id FROM t ORDER BY x NULLS LAST LIMIT 2",
            "SELECT min(x), max(x) FROM t",
        ];
        mapped("x: bigint", "x: \"-y\"", "(1, 3), (2, -5), (3, 0), (4, NULL)")
            .rows("t", "(1, -3), (2, 5), (3, 0), (4, NULL)")
            .open()
            .agree(&queries);
        mapped("x: bigint", "x: \"100 - y\"", "(1, 103), (2, 95), (3, 100), (4, NULL)")
            .rows("t", "(1, -3), (2, 5), (3, 0), (4, NULL)")
            .open()
            .agree(&queries);
        mapped("x: bigint", "x: \"-y\"", "(1, 1), (2, -9223372036854775808)")
            .rows("t", "(1, -1)")
            .open()
            .fail(&["SELECT x FROM t", "SELECT id FROM t WHERE x < 5"], Invalid, &["verflow"]);
        let state = "CASE y WHEN 1 THEN 'open' WHEN 2 THEN 'open' WHEN 3 THEN 'done' END";
        let folded = format!("s: \"{state}\"");
        mapped("s: text", &folded, "(1, 1), (2, 2), (3, 3), (4, 9), (5, NULL)")
            .rows("t", "(1, 'open'), (2, 'open'), (3, 'done'), (4, NULL), (5, NULL)")
            .open()
            .agree(&[
                "SELECT * FROM t",
                "SELECT id FROM t WHERE s = 'open'",
                "SELECT id FROM t WHERE s <> 'open'",
                "SELECT id FROM t WHERE s NOT IN ('done', 'lost')",
                "SELECT id FROM t WHERE s IS NULL",
                "SELECT s, count(*) FROM t GROUP BY s",
                "SELECT id FROM t ORDER BY s DESC NULLS LAST, id LIMIT 2",
            ]);
        mapped("s: text not null", &folded, "(1, 1), (2, 9)").rows("t", "(1, 'open')").open().fail(
            &["SELECT s FROM t", "SELECT s, count(*) FROM t GROUP BY s"],
            Mismatch,
            &[&format!("node `{node}`"), "column `s`", "NULL"],
        );
    }
}

#[test]
fn f9_a_constant_column_prunes_groups_and_is_null_where_a_join_finds_nothing() {
    let create = "CREATE TABLE t (id bigint NOT NULL)";
    let places = World::new(
        "  t:\n    columns: { id: bigint not null, region: text, rank: integer, since: date }\n    layout:\n      horizontal:\n        \
         - { name: eu, where: region = 'EU', stored: { at: pg.t, columns: { region: \"'EU'\", rank: 1, since: NULL } } }\n        \
         - { name: us, where: region = 'US', stored: { at: maria.t, columns: { region: \"'US'\", rank: 2, since: \"DATE '2024-01-01'\" } } }\n        \
         - { name: else, where: \"region NOT IN ('EU', 'US') OR region IS NULL\", stored: { at: lite.t, columns: { region: NULL, rank: \"CAST(NULL AS INT)\", since: NULL } } }\n  \
         u:\n    columns: { id: bigint not null }\n    layout: { stored: my.u }",
    )
    .local("pg", &[create, "INSERT INTO t VALUES (1), (2)"])
    .local("maria", &[create, "INSERT INTO t VALUES (3)"])
    .local("lite", &[create, "INSERT INTO t VALUES (4)"])
    .local("my", &["CREATE TABLE u (id bigint)", "INSERT INTO u VALUES (1), (3), (9)"])
    .rows("t", "(1, 'EU', 1, NULL), (2, 'EU', 1, NULL), (3, 'US', 2, '2024-01-01'), (4, NULL, NULL, NULL)")
    .rows("u", "(1), (3), (9)")
    .open();
    places.agree(&[
        "SELECT * FROM t",
        "SELECT id FROM t WHERE region = 'EU'",
        "SELECT id FROM t WHERE region <> 'EU'",
        "SELECT id FROM t WHERE rank > 1 AND since IS NOT NULL",
        "SELECT id FROM t WHERE since IS NULL",
        "SELECT region, count(*), max(since) FROM t GROUP BY region",
        "SELECT DISTINCT rank FROM t",
        "SELECT u.id, t.region, t.rank FROM u LEFT JOIN t ON t.id = u.id",
        "SELECT u.id FROM u LEFT JOIN t ON t.id = u.id WHERE t.region IS NULL",
        "SELECT u.id, t.region FROM u FULL JOIN t ON t.id = u.id AND t.region = 'EU'",
        "SELECT id FROM t ORDER BY region DESC NULLS LAST, id LIMIT 2",
        "SELECT id FROM t ORDER BY rank NULLS FIRST, id DESC LIMIT 3",
        "SELECT region, id FROM t ORDER BY region, id DESC",
        "SELECT sum(rank), count(region) FROM t",
        "SELECT id FROM t WHERE region || '!' = 'US!'",
    ]);
    places.send("SELECT id FROM t WHERE region = 'EU'", &["read   t/eu", "pruned t/us"]);
    places.send("SELECT id FROM t WHERE rank = 2", &["RemoteQuery maria"]);
    places.keep("SELECT id FROM t WHERE rank = 2", &["RemoteQuery pg", "RemoteQuery lite"]);
}

#[test]
fn f10_one_column_may_be_of_three_local_types() {
    let places = World::new(
        "  t:\n    columns: { id: bigint not null, v: bigint }\n    layout:\n      horizontal:\n        \
         - { name: a, where: id < 10, stored: pg.t }\n        - { name: b, where: id >= 10 AND id < 20, stored: my.t }\n        \
         - { name: c, where: id >= 20 AND id < 30, stored: { at: lite.t, columns: { v: \"CAST(w AS BIGINT)\" } } }\n        \
         - { name: d, where: id >= 30, stored: maria.t }",
    )
    .local("pg", &["CREATE TABLE t (id int, v int)", "INSERT INTO t VALUES (1, 1), (2, -1), (3, 2147483647), (4, NULL)"])
    .local("my", &["CREATE TABLE t (id bigint, v bigint unsigned)", "INSERT INTO t VALUES (11, 1), (12, 3000000000), (13, 0)"])
    .local("lite", &["CREATE TABLE t (id INTEGER, w TEXT)", "INSERT INTO t VALUES (21, '1'), (22, '01'), (23, '-1'), (24, '3000000000')"])
    .local("maria", &["CREATE TABLE t (id smallint, v decimal(20,0))", "INSERT INTO t VALUES (31, 1), (32, -9223372036854775808)"])
    .rows(
        "t",
        "(1, 1), (2, -1), (3, 2147483647), (4, NULL), (11, 1), (12, 3000000000), (13, 0), (21, 1), (22, 1), (23, -1), \
         (24, 3000000000), (31, 1), (32, -9223372036854775808)",
    )
    .open();
    places.agree(&[
        "SELECT * FROM t",
        "SELECT id FROM t WHERE v = 1",
        "SELECT id FROM t WHERE v = -1",
        "SELECT id FROM t WHERE v = 3000000000",
        "SELECT id FROM t WHERE v < 0",
        "SELECT id FROM t WHERE v > 2147483647",
        "SELECT id FROM t WHERE v <> 3000000000",
        "SELECT id FROM t WHERE v IN (-1, 3000000000)",
        "SELECT id FROM t WHERE v = 1.0",
        "SELECT id FROM t WHERE v = 1.5",
        "SELECT id FROM t WHERE v = -9223372036854775808",
        "SELECT id FROM t WHERE CAST(v AS VARCHAR) = '1'",
        "SELECT v, count(*) FROM t GROUP BY v",
        "SELECT id FROM t ORDER BY v DESC NULLS LAST, id LIMIT 3",
    ]);
    Trap {
        columns: "id bigint not null, v bigint",
        rows: "(1, 1)",
        kept: &[
            mysql("id bigint, v bigint unsigned").rows("(1, 1), (2, 18446744073709551615)"),
            postgres("id bigint, v numeric").rows("(1, 1), (2, 1.5)"),
            mariadb("id bigint, v decimal(30,0)").rows("(1, 1), (2, 99999999999999999999)"),
            sqlite("id INTEGER, v").rows("(1, 1), (2, '2')"),
        ],
    }
    .open()
    .fail(&["SELECT v FROM t", "SELECT sum(v) FROM t"], Mismatch, &["column `v`", "bigint"])
    .agree_or_fail(
        &[
            "SELECT id FROM t WHERE v > 0",
            "SELECT id FROM t WHERE v = 1",
            "SELECT id FROM t WHERE v <> 1",
        ],
        Mismatch,
        &["`v`"],
    );
}

/// Two tables split alike by a text, with NULLs in the joined columns.
fn alike() -> Places {
    let part = |name: &str, nodes: [&str; 2]| {
        format!(
            "  {name}:\n    columns: {{ id: bigint not null, region: text, other: bigint }}\n    primary_key: [id]\n    layout:\n      horizontal:\n        \
             - {{ name: eu, where: region = 'EU', stored: {}.{name} }}\n        \
             - {{ name: rest, where: region <> 'EU' OR region IS NULL, stored: {}.{name} }}\n",
            nodes[0], nodes[1]
        )
    };
    let create = |name: &str| {
        format!("CREATE TABLE {name} (id bigint NOT NULL, region varchar(9), other bigint)")
    };
    let (t, u) = (create("t"), create("u"));
    World::new(&format!("{}{}", part("t", ["pg", "maria"]), part("u", ["pg", "lite"])))
        .local(
            "pg",
            &[
                &t,
                "INSERT INTO t VALUES (1, 'EU', 1), (2, 'EU', NULL)",
                &u,
                "INSERT INTO u VALUES (1, 'EU', 2), (5, 'EU', NULL)",
            ],
        )
        .local("maria", &[&t, "INSERT INTO t VALUES (3, 'US', 1), (4, NULL, 4), (5, 'eu', 2)"])
        .local("lite", &[&u, "INSERT INTO u VALUES (3, 'US', NULL), (6, NULL, 4), (7, 'eu', 3)"])
        .rows("t", "(1, 'EU', 1), (2, 'EU', NULL), (3, 'US', 1), (4, NULL, 4), (5, 'eu', 2)")
        .rows("u", "(1, 'EU', 2), (5, 'EU', NULL), (3, 'US', NULL), (6, NULL, 4), (7, 'eu', 3)")
        .open()
}

#[test]
fn f11_joins_of_tables_that_are_split_alike_lose_and_invent_no_pair() {
    let mut queries = Vec::new();
    for join in ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"] {
        for on in [
            "t.region = u.region",
            "t.id = u.id",
            "t.region = u.region AND t.id = u.id",
            "t.other = u.other",
        ] {
            queries.push(format!("SELECT t.id, u.id FROM t {join} u ON {on}"));
            queries
                .push(format!("SELECT t.id, u.id FROM t {join} u ON {on} WHERE t.region = 'EU'"));
            queries.push(format!("SELECT t.id, u.id FROM t {join} u ON {on} AND u.region <> 'EU'"));
        }
    }
    queries.push(
        "SELECT t.id, u.id FROM t JOIN u ON t.region IS NOT DISTINCT FROM u.region".to_owned(),
    );
    queries.push("SELECT count(*) FROM t CROSS JOIN u".to_owned());
    let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
    alike().agree(&queries);
}

#[test]
fn f12_a_semi_join_keeps_what_it_should_and_an_anti_join_what_it_should_not() {
    alike().agree(&[
        "SELECT id FROM t WHERE region IN (SELECT region FROM u)",
        "SELECT id FROM t WHERE region NOT IN (SELECT region FROM u)",
        "SELECT id FROM t WHERE region NOT IN (SELECT region FROM u WHERE region IS NOT NULL)",
        "SELECT id FROM t WHERE other NOT IN (SELECT other FROM u WHERE other > 2)",
        "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.region = t.region)",
        "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.region = t.region)",
        "SELECT t.id FROM t LEFT SEMI JOIN u ON t.other = u.other",
        "SELECT t.id FROM t LEFT ANTI JOIN u ON t.other = u.other",
        "SELECT id FROM t WHERE region NOT IN (SELECT region FROM u WHERE id > 100)",
        "SELECT id FROM t WHERE (SELECT max(other) FROM u WHERE u.region = t.region) = 2",
    ]);
}

#[test]
fn f13_a_row_that_moves_between_parts_of_one_postgres_is_seen_once_and_else_it_is_told() {
    let places = World::new(
        "  t:\n    columns: { id: bigint not null, side: text not null }\n    layout:\n      horizontal:\n        \
         - { name: l, where: side = 'l', stored: pg.l }\n        - { name: r, where: side <> 'l', stored: pg.r }\n  \
         u:\n    columns: { id: bigint not null, side: text not null }\n    layout:\n      horizontal:\n        \
         - { name: l, where: side = 'l', stored: maria.l }\n        - { name: r, where: side <> 'l', stored: maria.r }",
    )
    .local(
        "pg",
        &[
            "CREATE TABLE l AS SELECT i::bigint AS id, 'l' AS side FROM generate_series(1, 500) i",
            "CREATE TABLE r (id bigint, side text)",
        ],
    )
    .local("maria", &["CREATE TABLE l (id bigint, side varchar(1))", "CREATE TABLE r (id bigint, side varchar(1))"])
    .open();
    let move_all = [
        "BEGIN; INSERT INTO r SELECT id, 'r' FROM l; DELETE FROM l; COMMIT",
        "BEGIN; INSERT INTO l SELECT id, 'l' FROM r; DELETE FROM r; COMMIT",
    ]
    .map(str::to_owned);
    for place in places.iter() {
        let session = place.engine().session();
        let database = place.databases()["pg"].database();
        run(async {
            let moving = async {
                for _ in 0..15 {
                    database.run(&move_all).await.unwrap();
                }
            };
            let counting = async {
                for _ in 0..25 {
                    let answer = ask(&session, "SELECT count(*), count(DISTINCT id) FROM t").await;
                    assert_eq!(
                        format!("{:?}", answer.unwrap().rows),
                        r#"[[Text("500"), Text("500")]]"#
                    );
                }
            };
            tokio::join!(moving, counting);
        });
        let told = |sql: &str| {
            let answer = run(ask(&session, &format!("EXPLAIN ANALYZE {sql}"))).unwrap();
            answer.rows.iter().map(|row| row[0].to_string()).collect::<Vec<_>>().join("\n")
        };
        let shared = told("SELECT * FROM t");
        assert!(shared.contains("pg: one snapshot for all reads"), "{shared}");
        let separate = told("SELECT * FROM u");
        assert!(separate.contains("maria: each read has a state of its own"), "{separate}");
    }
}
