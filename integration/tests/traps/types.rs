//! T: types. A value is what the catalog declares, or an error that names it; what a database can store beside that
//! satisfies no comparison and is never read as another value.

use intarsia_engine::ErrorKind::Mismatch;

use super::support::{Trap, World, mariadb, mysql, postgres, sqlite};

const SIZES: &str = "(1, 'small'), (2, 'medium'), (3, 'large'), (4, NULL), (5, 'medium')";

#[test]
fn t1_an_enum_of_postgres_is_its_text() {
    let sizes = "CREATE TYPE size AS ENUM ('small', 'medium', 'large')";
    let places = Trap {
        columns: "id bigint not null, z text",
        rows: SIZES,
        kept: &[postgres("id bigint, z size").before(&[sizes])],
    }
    .open();
    places
        .answer(&[
            ("SELECT id FROM t WHERE z = 'huge'", ""),
            ("SELECT id FROM t WHERE z <> 'huge'", "1, 2, 3, 5"),
            ("SELECT id FROM t WHERE z < 'medium'", "3"),
            ("SELECT id FROM t WHERE z IN ('small', 'tiny')", "1"),
            ("SELECT id FROM t WHERE z NOT IN ('small', 'tiny')", "2, 3, 5"),
            ("SELECT id FROM t WHERE z LIKE '%l%'", "1, 3"),
            ("SELECT z, id FROM t ORDER BY z, id LIMIT 2", "large|3, medium|2"),
            ("SELECT min(z), max(z) FROM t", "large|small"),
            ("SELECT z, count(*) FROM t GROUP BY z", "small|1, medium|2, large|1, NULL|1"),
        ])
        .send("SELECT id FROM t WHERE z = 'large'", &["WHERE", "::text"]);
}

#[test]
fn t2_an_enum_or_set_of_mysql_is_its_text() {
    let kept = "id bigint, z enum('small', 'medium', 'large')";
    let places = Trap {
        columns: "id bigint not null, z text",
        rows: SIZES,
        kept: &[mariadb(kept), mysql(kept)],
    }
    .open();
    places
        .answer(&[
            ("SELECT id FROM t WHERE z = 'huge'", ""),
            ("SELECT id FROM t WHERE z = '1'", ""),
            ("SELECT id FROM t WHERE z = 'LARGE'", ""),
            ("SELECT id FROM t WHERE z < 'medium'", "3"),
            ("SELECT id FROM t WHERE z NOT IN ('small', 'tiny')", "2, 3, 5"),
            ("SELECT z, id FROM t ORDER BY z, id LIMIT 2", "large|3, medium|2"),
            ("SELECT z, id FROM t ORDER BY z DESC NULLS LAST, id LIMIT 2", "small|1, medium|2"),
            ("SELECT min(z), max(z) FROM t", "large|small"),
            ("SELECT z, count(*) FROM t GROUP BY z", "small|1, medium|2, large|1, NULL|1"),
        ])
        .send("SELECT id FROM t WHERE z = 'large'", &["WHERE", "CAST("]);
    let loose = ["SET SESSION sql_mode = ''"];
    let rows = "(1, 'small'), (2, 'no such size'), (3, NULL)";
    Trap {
        columns: "id bigint not null, z text",
        rows: "(1, 'small'), (2, ''), (3, NULL)",
        kept: &[mariadb(kept).rows(rows).before(&loose), mysql(kept).rows(rows).before(&loose)],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE z = ''", "2"),
        ("SELECT id FROM t WHERE z IS NULL", "3"),
        ("SELECT id FROM t WHERE z < 'a'", "2"),
    ]);
    let kept = "id bigint, z set('b', 'a', 'c')";
    Trap {
        columns: "id bigint not null, z text",
        rows: "(1, 'b,a'), (2, 'a,c'), (3, ''), (4, 'c')",
        kept: &[
            mariadb(kept).rows("(1, 'a,b'), (2, 'c,a'), (3, ''), (4, 'c')"),
            mysql(kept).rows("(1, 'a,b'), (2, 'c,a'), (3, ''), (4, 'c')"),
        ],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE z = 'b,a'", "1"),
        ("SELECT id FROM t WHERE z = 'a,b'", ""),
        ("SELECT id FROM t WHERE z > 'a' ORDER BY z", "2, 1, 4"),
        ("SELECT id FROM t WHERE z = '4'", ""),
    ]);
}

/// Queries that a two could satisfy under some reading.
const TRUTHS: [&str; 8] = [
    "SELECT id FROM t WHERE b",
    "SELECT id FROM t WHERE NOT b",
    "SELECT id FROM t WHERE b = TRUE",
    "SELECT id FROM t WHERE b <> TRUE",
    "SELECT id FROM t WHERE b = FALSE",
    "SELECT id FROM t WHERE b IS TRUE",
    "SELECT id FROM t WHERE b IS NOT TRUE AND id < 4",
    "SELECT id FROM t WHERE b IN (TRUE, FALSE)",
];

#[test]
fn t3_a_two_in_a_boolean_of_mysql_is_neither_true_nor_false() {
    let kept = "id bigint, b tinyint(1)";
    let good = "(1, TRUE), (2, FALSE), (3, NULL)";
    Trap {
        columns: "id bigint not null, b boolean",
        rows: good,
        kept: &[
            mariadb(kept),
            mysql(kept),
            mysql("id bigint, b bit(1)"),
            mariadb("id bigint, b bit(1)"),
        ],
    }
    .open()
    .agree(&TRUTHS)
    .agree(&["SELECT * FROM t", "SELECT id FROM t ORDER BY b DESC NULLS LAST LIMIT 1"]);
    let rows = "(1, 1), (2, 0), (3, NULL), (4, 2), (5, -1)";
    Trap {
        columns: "id bigint not null, b boolean",
        rows: good,
        kept: &[mariadb(kept).rows(rows), mysql(kept).rows(rows)],
    }
    .open()
    .agree_or_fail(&TRUTHS, Mismatch, &["`b`", "`2`"])
    .fail(&["SELECT b FROM t", "SELECT bool_or(b) FROM t"], Mismatch, &["`b`", "`2`"]);
}

#[test]
fn t4_only_0_and_1_are_booleans_in_sqlite() {
    for odd in ["2", "'true'", "'1'", "-1", "0.5", "x'01'"] {
        for declared in ["id INTEGER, b BOOLEAN", "id INTEGER, b INTEGER", "id INTEGER, b"] {
            // An INTEGER column turns the text into the number.
            if odd == "'1'" && declared != "id INTEGER, b" {
                continue;
            }
            let rows = format!("(1, 1), (2, 0), (3, NULL), (4, {odd})");
            Trap {
                columns: "id bigint not null, b boolean",
                rows: "(1, TRUE), (2, FALSE), (3, NULL)",
                kept: &[sqlite(declared).rows(&rows)],
            }
            .open()
            .agree_or_fail(&TRUTHS, Mismatch, &["node `lite`", "`b`"])
            .fail(&["SELECT b FROM t"], Mismatch, &["node `lite`", "`b`", "boolean"]);
        }
    }
}

#[test]
fn t5_bits_are_no_number_and_no_text() {
    for kept in [mariadb("id bigint, b bit(8)"), mysql("id bigint, b bit(8)")] {
        for ty in ["bigint", "text", "boolean"] {
            let columns = format!("id bigint not null, b {ty}");
            Trap { columns: &columns, rows: "(1, NULL)", kept: &[kept.rows("(1, 65)")] }
                .open()
                .answer(&[("SELECT id FROM t", "1")])
                .fail(
                    &["SELECT b FROM t", "SELECT id FROM t WHERE b IS NOT NULL"],
                    Mismatch,
                    &["column `b` is bit(8)", &format!("the catalog says {ty}")],
                );
        }
    }
    Trap {
        columns: "id bigint not null, b boolean",
        rows: "(1, TRUE), (2, FALSE)",
        kept: &[postgres("id bigint, b bit(1)").rows("(1, B'1'), (2, B'0')")],
    }
    .open()
    .answer(&[("SELECT id FROM t WHERE b", "1"), ("SELECT b FROM t", "true, false")]);
}

#[test]
fn t6_a_whole_number_without_sign_keeps_its_64_bits() {
    let rows = "(1, 18446744073709551615), (2, 9223372036854775807), (3, 9223372036854775808), (4, 0), (5, NULL)";
    Trap {
        columns: "id bigint not null, u bigint unsigned",
        rows,
        kept: &[
            postgres("id bigint, u numeric(20,0)"),
            postgres("id bigint, u numeric"),
            mariadb("id bigint, u bigint unsigned, KEY (u)"),
            mysql("id bigint, u bigint unsigned"),
            mysql("id bigint, u decimal(20,0)"),
        ],
    }
    .open()
    .answer(&[
        ("SELECT u FROM t WHERE id = 1", "18446744073709551615"),
        ("SELECT id FROM t WHERE u = 18446744073709551615", "1"),
        ("SELECT id FROM t WHERE u > 9223372036854775807", "1, 3"),
        ("SELECT id FROM t WHERE u >= 18446744073709551615", "1"),
        ("SELECT id FROM t WHERE u < 9223372036854775808", "2, 4"),
        ("SELECT id FROM t ORDER BY u DESC NULLS LAST LIMIT 2", "1, 3"),
        ("SELECT max(u) FROM t", "18446744073709551615"),
    ])
    .agree(&[
        "SELECT id FROM t WHERE u > -1",
        "SELECT id FROM t WHERE u <> 0",
        "SELECT id FROM t WHERE u = -1",
    ]);
    Trap {
        columns: "id bigint not null, u bigint unsigned",
        rows: "(1, 5)",
        kept: &[sqlite("id INTEGER, u INTEGER").rows("(1, 5), (2, 18446744073709551615)")],
    }
    .open()
    .fail(
        &["SELECT u FROM t", "SELECT sum(u) FROM t"],
        Mismatch,
        &["node `lite`", "`u`", "bigint unsigned"],
    )
    .agree_or_fail(
        &["SELECT id FROM t WHERE u = 18446744073709551615", "SELECT id FROM t WHERE u > 3"],
        Mismatch,
        &["node `lite`", "`u`"],
    );
}

#[test]
fn t7_decimals_are_exact_or_an_error() {
    let rows = "(1, 12345678901234567890.123456789), (2, 0.1), (3, -0.000000001), (4, NULL)";
    Trap {
        columns: "id bigint not null, n decimal(38,9)",
        rows,
        kept: &[
            postgres("id bigint, n numeric(38,9)"),
            postgres("id bigint, n numeric"),
            mariadb("id bigint, n decimal(65,30)"),
            mysql("id bigint, n decimal(38,9), KEY (n)"),
            sqlite("id INTEGER, n TEXT").rows(
                "(1, '12345678901234567890.123456789'), (2, '0.1'), (3, '-0.000000001'), (4, NULL)",
            ),
        ],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE n = 12345678901234567890.123456789", "1"),
        ("SELECT id FROM t WHERE n > 12345678901234567890.123456788", "1"),
        ("SELECT id FROM t WHERE n = 0.10", "2"),
        ("SELECT id FROM t WHERE n < 0", "3"),
        ("SELECT n FROM t WHERE id = 1", "12345678901234567890.123456789"),
        ("SELECT id FROM t ORDER BY n LIMIT 1", "3"),
        ("SELECT sum(n) FROM t WHERE id > 1", "0.099999999"),
    ])
    .agree(&[
        "SELECT id FROM t WHERE n <> 0.1",
        "SELECT id FROM t WHERE n = 1e-1",
        "SELECT avg(n) FROM t WHERE id > 1",
    ]);
}

#[test]
fn t7_a_number_that_is_no_decimal_of_the_column_is_an_error() {
    let odd = [
        (postgres("id bigint, n numeric"), "NaN"),
        (postgres("id bigint, n numeric"), "Infinity"),
        (postgres("id bigint, n numeric"), "1.0000000001"),
        (postgres("id bigint, n numeric"), "123456789012345678901234567890"),
        (mariadb("id bigint, n decimal(65,30)"), "123456789012345678901234567890"),
        (mysql("id bigint, n decimal(65,30)"), "0.0000000001"),
        (sqlite("id INTEGER, n TEXT"), "1e-10"),
        (sqlite("id INTEGER, n TEXT"), "many"),
    ];
    for (kept, value) in odd {
        let rows = format!("(1, 1), (2, '{value}')");
        Trap {
            columns: "id bigint not null, n decimal(38,9)",
            rows: "(1, 1)",
            kept: &[kept.rows(&rows)],
        }
        .open()
        .fail(&["SELECT n FROM t", "SELECT max(n) FROM t"], Mismatch, &["`n`", "decimal(38,9)"])
        .agree_or_fail(
            &[
                "SELECT id FROM t WHERE n > 0",
                "SELECT id FROM t WHERE n <> 7",
                "SELECT id FROM t WHERE n <= 1",
                "SELECT id FROM t WHERE n = 1",
            ],
            Mismatch,
            &["`n`"],
        );
    }
}

#[test]
fn t7_a_decimal_that_sqlite_keeps_as_a_double_is_that_double() {
    // The number that SQLite has kept is another than the one that was written.
    Trap {
        columns: "id bigint not null, n decimal(20,2)",
        rows: "(1, 12345678901234568), (2, 0.25)",
        kept: &[sqlite("id INTEGER, n DECIMAL(20,2)").rows("(1, 12345678901234567.89), (2, 0.25)")],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE n = 12345678901234567.89", ""),
        ("SELECT id FROM t WHERE n = 0.25", "2"),
        ("SELECT id FROM t WHERE n > 12345678901234567.99", "1"),
    ]);
}

#[test]
fn t8_a_text_among_numbers_is_not_above_them() {
    for odd in ["'abc'", "x'ff'", "'12 '", "1e30"] {
        for declared in [
            "id INTEGER, i INTEGER",
            "id INTEGER, i NUMERIC",
            "id INTEGER, i",
            "id INTEGER, i TEXT",
        ] {
            // Such a text is turned into the number.
            if odd == "'12 '" && declared != "id INTEGER, i" && declared != "id INTEGER, i TEXT" {
                continue;
            }
            let rows = format!("(1, 3), (2, 12), (3, NULL), (4, {odd})");
            let places = Trap {
                columns: "id bigint not null, i bigint",
                rows: "(1, 3), (2, 12), (3, NULL)",
                kept: &[sqlite(declared).rows(&rows)],
            }
            .open();
            places
                .agree_or_fail(
                    &[
                        "SELECT id FROM t WHERE i > 5",
                        "SELECT id FROM t WHERE i < 5",
                        "SELECT id FROM t WHERE i <> 3",
                        "SELECT id FROM t WHERE i NOT IN (3, 4)",
                        "SELECT id FROM t WHERE i BETWEEN 0 AND 20",
                        "SELECT id FROM t WHERE NOT (i <= 3)",
                    ],
                    Mismatch,
                    &["node `lite`", "`i`"],
                )
                .fail(
                    &[
                        "SELECT i FROM t",
                        "SELECT max(i) FROM t",
                        "SELECT avg(i) FROM t",
                        "SELECT id FROM t ORDER BY i",
                    ],
                    Mismatch,
                    &["node `lite`", "`i`"],
                );
        }
    }
}

#[test]
fn t9_bytes_are_no_text_and_text_is_no_bytes() {
    Trap {
        columns: "id bigint not null, b binary",
        rows: "(1, X'61'), (2, X'6100'), (3, X''), (4, X'ff00'), (5, NULL)",
        kept: &[
            postgres("id bigint, b bytea").rows(
                "(1, decode('61', 'hex')), (2, decode('6100', 'hex')), (3, ''), (4, decode('ff00', 'hex')), (5, NULL)",
            ),
            mariadb("id bigint, b varbinary(10)"),
            mysql("id bigint, b blob"),
            sqlite("id INTEGER, b BLOB"),
        ],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE b = X'61'", "1"),
        ("SELECT id FROM t WHERE b > X'61'", "2, 4"),
        ("SELECT id FROM t ORDER BY b NULLS FIRST LIMIT 2", "5, 3"),
    ])
    .agree(&["SELECT * FROM t", "SELECT b, count(*) FROM t GROUP BY b", "SELECT id FROM t WHERE b IN (X'ff00', X'')"]);
    Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a')",
        kept: &[sqlite("id INTEGER, v TEXT").rows("(1, 'a'), (2, x'61'), (3, x'ff')")],
    }
    .open()
    .agree_or_fail(
        &[
            "SELECT id FROM t WHERE v = 'a'",
            "SELECT id FROM t WHERE v > ''",
            "SELECT id FROM t WHERE v <> 'b'",
            "SELECT id FROM t WHERE v LIKE 'a%'",
        ],
        Mismatch,
        &["node `lite`", "`v`"],
    )
    .fail(&["SELECT v FROM t", "SELECT max(v) FROM t"], Mismatch, &["node `lite`", "`v`"]);
    Trap {
        columns: "id bigint not null, b binary",
        rows: "(1, X'61')",
        kept: &[sqlite("id INTEGER, b BLOB").rows("(1, x'61'), (2, 'a')")],
    }
    .open()
    .fail(&["SELECT b FROM t"], Mismatch, &["node `lite`", "`b`", "binary"]);
}

#[test]
fn t10_a_columns_type_is_declared_and_not_that_of_its_first_value() {
    let declared = "id bigint, n numeric(10,2), v varchar(5)";
    let columns = "id bigint not null, n decimal(10,2), v text";
    let kept = [postgres(declared), mariadb(declared), mysql(declared), sqlite("id INTEGER, n, v")];
    Trap { columns, rows: "", kept: &kept }.open().agree(&[
        "SELECT * FROM t",
        "SELECT n + 1, v || 'x' FROM t",
        "SELECT sum(n), max(v), count(*) FROM t",
        "SELECT t.n, u.v FROM t FULL JOIN t u ON t.id = u.id",
    ]);
    Trap { columns, rows: "(1, NULL, NULL), (2, 3, '1'), (3, 2.5, 'a'), (4, 0, '')", kept: &kept }
        .open()
        .agree(&[
            "SELECT * FROM t ORDER BY id",
            "SELECT n FROM t WHERE n > 2",
            "SELECT v FROM t ORDER BY v",
        ]);
}

#[test]
fn t11_json_is_compared_as_the_text_that_the_node_gives() {
    let columns = "id bigint not null, j json";
    let rows = "(1, '{\"a\": 1}'), (2, '{\"a\": 1}'), (3, '[1, 2]'), (4, NULL)";
    Trap {
        columns,
        rows,
        kept: &[
            postgres("id bigint, j json"),
            postgres("id bigint, j jsonb"),
            mariadb("id bigint, j json"),
            mysql("id bigint, j json"),
            sqlite("id INTEGER, j TEXT"),
        ],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE j = '{\"a\": 1}'", "1, 2"),
        ("SELECT id FROM t WHERE j = '{\"a\":1}'", ""),
        ("SELECT id FROM t WHERE j <> '[1, 2]'", "1, 2"),
        ("SELECT id FROM t WHERE j IS NULL", "4"),
        ("SELECT id FROM t WHERE j LIKE '[%'", "3"),
        ("SELECT count(DISTINCT j) FROM t", "2"),
        ("SELECT j, count(*) FROM t GROUP BY j HAVING count(*) > 1", "{\"a\": 1}|2"),
        ("SELECT id FROM t ORDER BY j, id LIMIT 1", "3"),
    ]);
    // jsonb and MySQL's json bring keys into an order of their own and keep one of each.
    let normal = "(1, '{\"a\": 3, \"bb\": 1}')";
    let written = "(1, '{\"bb\":1, \"a\":2, \"a\":3}')";
    Trap {
        columns,
        rows: normal,
        kept: &[
            postgres("id bigint, j jsonb").rows(written),
            mysql("id bigint, j json").rows(written),
        ],
    }
    .open()
    .agree(&["SELECT j FROM t", "SELECT id FROM t WHERE j = '{\"a\": 3, \"bb\": 1}'"]);
    Trap {
        columns,
        rows: "(1, '{\"bb\":1, \"a\":2, \"a\":3}')",
        kept: &[
            postgres("id bigint, j json"),
            mariadb("id bigint, j json"),
            sqlite("id INTEGER, j TEXT"),
        ],
    }
    .open()
    .agree(&["SELECT j FROM t"]);
}

#[test]
fn t12_arrays_are_of_no_type_and_refuse_only_themselves() {
    Trap {
        columns: "id bigint not null, a text",
        rows: "(1, NULL), (2, NULL)",
        kept: &[postgres("id bigint, a int[]").rows("(1, ARRAY[1, NULL, 2]), (2, '[2:3]={1,2}')")],
    }
    .open()
    .answer(&[("SELECT id FROM t ORDER BY id", "1, 2"), ("SELECT count(*) FROM t", "2")])
    .fail(
        &["SELECT a FROM t", "SELECT id FROM t WHERE a = '{1,2}'"],
        Mismatch,
        &["node `pg`", "`pg.t`", "column `a` is integer[]", "the catalog says text"],
    );
}

#[test]
fn t13_a_column_of_no_known_type_leaves_the_others_alone() {
    let odd = [
        (postgres("id bigint, v text, p point").rows("(1, 'a', '(1,2)')"), "point"),
        (postgres("id bigint, v text, p tsvector").rows("(1, 'a', 'x')"), "tsvector"),
        (
            mariadb("id bigint, v varchar(9), p point")
                .rows("(1, 'a', ST_GeomFromText('POINT(1 2)'))"),
            "point",
        ),
        (
            mysql("id bigint, v varchar(9), p geometry")
                .rows("(1, 'a', ST_GeomFromText('POINT(1 2)'))"),
            "geometry",
        ),
    ];
    for (kept, declared) in odd {
        Trap {
            columns: "id bigint not null, v text, p text",
            rows: "(1, 'a', NULL)",
            kept: &[kept],
        }
        .open()
        .answer(&[("SELECT id, v FROM t WHERE v = 'a'", "1|a"), ("SELECT count(*) FROM t", "1")])
        .fail(
            &["SELECT * FROM t", "SELECT id FROM t WHERE p IS NULL"],
            Mismatch,
            &["`p` is", declared, "write an expression"],
        );
    }
}

/// A name of 70 bytes that begins as another does.
fn long(end: &str) -> String {
    format!("{}{end}", "long_".repeat(13))
}

#[test]
fn t14_names_of_any_length_and_spelling_are_told_apart() {
    let (first, second) = (long("first"), long("second"));
    for (node, quote) in [("pg", '"'), ("maria", '`'), ("my", '`'), ("lite", '"')] {
        let q = |name: &str| {
            format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
        };
        let odd = ["select", "Mixed Case", "a.b", "d\"q", "b`q", "it's", "ünï", "x;--"];
        let globals: String = odd.iter().map(|name| format!("      {name:?}: bigint\n")).collect();
        let relation = "Odd \"table\" `of` it's.own";
        let tables = format!(
            "  t:\n    columns:\n      {first}: bigint not null\n      {second}: bigint\n{globals}    layout:\n      stored:\n        \
             at: {{ node: {node}, relation: {relation:?} }}\n        columns: {{ {first}: a, {second}: b }}"
        );
        let locals: Vec<_> = odd.iter().map(|name| format!("{} bigint", q(name))).collect();
        let create =
            format!("CREATE TABLE {} (a bigint, b bigint, {})", q(relation), locals.join(", "));
        let values: Vec<_> = (3..3 + odd.len()).map(|value| value.to_string()).collect();
        let values = format!("(1, 2, {})", values.join(", "));
        let insert = format!("INSERT INTO {} VALUES {values}", q(relation));
        let select = format!(
            "SELECT {first}, {second} FROM t WHERE {second} > 1 ORDER BY {second}, {first} LIMIT 1"
        );
        World::new(&tables)
            .local(node, &[&create, &insert])
            .rows("t", &values)
            .open()
            .agree(&[
                "SELECT * FROM t",
                &select,
                &format!("SELECT x.{first}, y.{second} FROM t x JOIN t y ON x.{first} = y.{first}"),
                "SELECT \"Mixed Case\", \"a.b\", \"it's\" FROM t WHERE \"select\" = 3 AND \"d\"\"q\" > 0",
                "SELECT \"ünï\", \"x;--\", \"b`q\" FROM t WHERE \"x;--\" IN (1, 10) ORDER BY \"b`q\" LIMIT 5",
                &format!("SELECT {first} AS {}x, {second} AS {}y FROM t", long(""), long("")),
            ])
            .send(&select, &["WHERE", "LIMIT 1"]);
    }
}

/// A table of three rows.
const PLAIN: &str = "  t:\n    columns: { id: bigint not null, v: text }\n    layout: { stored: ";
const PLAIN_ROWS: &str = "(1, 'a'), (2, 'b'), (3, NULL)";
const PLAIN_QUERIES: [&str; 4] = [
    "SELECT * FROM t",
    "SELECT v FROM t WHERE id > 1 ORDER BY id DESC LIMIT 1",
    "SELECT count(*) FROM t",
    "SELECT id FROM t WHERE v = 'b'",
];

#[test]
fn t15_views_parents_and_partitions_of_postgres_are_relations_like_others() {
    let postgres = [
        (
            "parent",
            "CREATE TABLE parent (id bigint, v text)",
            "CREATE TABLE child (extra int) INHERITS (parent)",
        ),
        (
            "parts",
            "CREATE TABLE parts (id bigint, v text) PARTITION BY RANGE (id)",
            "CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (9)",
        ),
        ("v", "CREATE TABLE base (id bigint, v text)", "CREATE VIEW v AS SELECT * FROM base"),
        (
            "m",
            "CREATE TABLE kept (id bigint, v text)",
            "CREATE MATERIALIZED VIEW m AS SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, NULL)) AS x(id, v)",
        ),
    ];
    let fill = [
        "INSERT INTO child VALUES (1, 'a'), (2, 'b'), (3, NULL)",
        "INSERT INTO parts VALUES (1, 'a'), (2, 'b'), (3, NULL)",
        "INSERT INTO base VALUES (1, 'a'), (2, 'b'), (3, NULL)",
        "SELECT 1",
    ];
    for ((relation, first, second), fill) in postgres.into_iter().zip(fill) {
        World::new(&format!("{PLAIN}pg.{relation} }}"))
            .local("pg", &[first, second, fill])
            .rows("t", PLAIN_ROWS)
            .called(relation)
            .open()
            .agree(&PLAIN_QUERIES);
    }
}

#[test]
fn t15_views_and_invisible_columns_of_mysql_and_sqlite_are_relations_and_columns_like_others() {
    for node in ["maria", "my"] {
        World::new(&format!("{PLAIN}{node}.Mixed_Case }}"))
            .local(
                node,
                &[
                    "CREATE TABLE Mixed_Case (id bigint, v varchar(5) INVISIBLE, w int DEFAULT 7)",
                    "INSERT INTO Mixed_Case (id, v) VALUES (1, 'a'), (2, 'b'), (3, NULL)",
                ],
            )
            .rows("t", PLAIN_ROWS)
            .open()
            .agree(&PLAIN_QUERIES);
        World::new(&format!("{PLAIN}{node}.w }}"))
            .local(
                node,
                &[
                    "CREATE TABLE base (ID bigint, V varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci)",
                    "INSERT INTO base VALUES (1, 'a'), (2, 'b'), (3, NULL)",
                    "CREATE VIEW w AS SELECT * FROM base",
                ],
            )
            .rows("t", PLAIN_ROWS)
            .open()
            .agree(&PLAIN_QUERIES)
            .answer(&[("SELECT id FROM t WHERE v = 'B'", "")]);
    }
    World::new(&format!("{PLAIN}lite.w }}"))
        .local(
            "lite",
            &[
                "CREATE TABLE base (id INTEGER, v TEXT COLLATE NOCASE)",
                "INSERT INTO base VALUES (1, 'a'), (2, 'b'), (3, NULL)",
                "CREATE VIEW w AS SELECT * FROM base",
            ],
        )
        .rows("t", PLAIN_ROWS)
        .open()
        .agree(&PLAIN_QUERIES)
        .answer(&[("SELECT id FROM t WHERE v = 'B'", "")]);
}
