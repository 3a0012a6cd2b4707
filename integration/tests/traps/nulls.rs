//! N: NULLs and order. NULLs are last ascending and first descending, unknown in comparisons, and lost nowhere.

use intarsia_engine::ErrorKind;

use super::support::{Kept, Shared, Trap, World, mariadb, mysql, postgres, sqlite};

const NUMBERS: [Kept<'_>; 4] = [
    postgres("id bigint NOT NULL, x integer, v text"),
    mariadb("id bigint NOT NULL, x int, v varchar(9) CHARACTER SET utf8mb4"),
    mysql("id bigint NOT NULL, x int, v varchar(9) CHARACTER SET utf8mb4"),
    sqlite("id INTEGER NOT NULL, x INTEGER, v TEXT"),
];

/// Numbers and texts with NULLs among them.
static SOME: Shared = Shared::new(|| {
    Trap {
        columns: "id bigint not null, x integer, v text",
        rows: "(1, 3, 'c'), (2, NULL, 'a'), (3, 1, NULL), (4, 2, 'b'), (5, NULL, NULL), (6, 2, 'B')",
        kept: &NUMBERS,
    }
    .open()
});

/// The same table in two parts on each two nodes; a NULL has a home too.
static SPLIT: Shared = Shared::new(|| {
    let world = World::new(
        "  t:
    columns: { id: bigint not null, x: integer, v: text }
    primary_key: [id]
    layout:
      horizontal:
        - { where: x < 2, stored: pg.t }
        - { where: x = 2, stored: maria.t }
        - { where: x > 2, stored: my.t }
        - { where: x IS NULL, stored: lite.t }",
    );
    let create = "CREATE TABLE t (id bigint, x int, v varchar(9))";
    world
        .local("pg", &[create, "INSERT INTO t VALUES (3, 1, NULL)"])
        .local("maria", &[create, "INSERT INTO t VALUES (4, 2, 'b'), (6, 2, 'B')"])
        .local("my", &[create, "INSERT INTO t VALUES (1, 3, 'c')"])
        .local("lite", &[create, "INSERT INTO t VALUES (2, NULL, 'a'), (5, NULL, NULL)"])
        .rows(
            "t",
            "(1, 3, 'c'), (2, NULL, 'a'), (3, 1, NULL), (4, 2, 'b'), (5, NULL, NULL), (6, 2, 'B')",
        )
        .open()
});

#[test]
fn n1_nulls_are_last_ascending_and_first_descending() {
    let queries = [
        ("SELECT id FROM t ORDER BY x, id LIMIT 4", "3, 4, 6, 1"),
        ("SELECT id FROM t ORDER BY x DESC, id LIMIT 3", "2, 5, 1"),
        ("SELECT id FROM t ORDER BY v, x, id LIMIT 5", "6, 2, 4, 1, 3"),
        ("SELECT id FROM t ORDER BY v DESC, x DESC LIMIT 3", "5, 3, 1"),
        ("SELECT id FROM t ORDER BY x DESC NULLS LAST, v NULLS FIRST", "1, 6, 4, 3, 5, 2"),
        (
            "SELECT id, row_number() OVER (ORDER BY x, id) n FROM t ORDER BY n",
            "3|1, 4|2, 6|3, 1|4, 2|5, 5|6",
        ),
    ];
    SOME.get().answer(&queries).send(queries[0].0, &[" ORDER BY ", "LIMIT 4"]);
    SPLIT.get().answer(&queries);
}

#[test]
fn n2_the_first_rows_of_all_parts_may_be_nulls() {
    let queries = [
        ("SELECT id FROM t ORDER BY x NULLS FIRST, id LIMIT 3", "2, 5, 3"),
        ("SELECT id FROM t ORDER BY v NULLS FIRST, id DESC LIMIT 3", "5, 3, 6"),
        ("SELECT id FROM t ORDER BY x DESC NULLS LAST, id LIMIT 3", "1, 4, 6"),
        ("SELECT id FROM t ORDER BY x NULLS FIRST, id LIMIT 2 OFFSET 1", "5, 3"),
    ];
    SOME.get().answer(&queries);
    SPLIT.get().answer(&queries).send(queries[0].0, &["LIMIT 3"]);
}

#[test]
fn n3_not_in_with_a_null_is_never_true() {
    let queries = [
        ("SELECT id FROM t WHERE x NOT IN (2, NULL)", ""),
        ("SELECT id FROM t WHERE x IN (2, NULL)", "4, 6"),
        ("SELECT id FROM t WHERE x NOT IN (1, 2)", "1"),
        ("SELECT id FROM t WHERE (x IN (2, NULL)) IS NULL", "1, 2, 3, 5"),
        ("SELECT id FROM t WHERE v NOT IN ('a', NULL)", ""),
        ("SELECT id FROM t WHERE id NOT IN (SELECT x FROM t)", ""),
        ("SELECT id FROM t WHERE id NOT IN (SELECT x FROM t WHERE x IS NOT NULL)", "4, 5, 6"),
        ("SELECT id FROM t WHERE id IN (SELECT x FROM t)", "1, 2, 3"),
        ("SELECT id FROM t a WHERE NOT EXISTS (SELECT 1 FROM t b WHERE b.x = a.id)", "4, 5, 6"),
        ("SELECT id FROM t WHERE NOT (x = 2)", "1, 3"),
        ("SELECT id FROM t WHERE (x = 2) IS NOT TRUE", "1, 2, 3, 5"),
        ("SELECT id FROM t WHERE x <> 2 OR x IS NULL", "1, 2, 3, 5"),
    ];
    SOME.get().answer(&queries);
    SPLIT.get().answer(&queries);
}

#[test]
fn n4_is_distinct_from_compares_nulls() {
    let queries = [
        ("SELECT id FROM t WHERE x IS DISTINCT FROM 2", "1, 2, 3, 5"),
        ("SELECT id FROM t WHERE x IS NOT DISTINCT FROM 2", "4, 6"),
        ("SELECT id FROM t WHERE v IS NOT DISTINCT FROM NULL", "3, 5"),
        ("SELECT id FROM t WHERE v IS NOT DISTINCT FROM 'b'", "4"),
        (
            "SELECT a.id, b.id FROM t a JOIN t b ON a.x IS NOT DISTINCT FROM b.x WHERE a.id < b.id",
            "2|5, 4|6",
        ),
    ];
    SOME.get().answer(&queries);
    SPLIT.get().answer(&queries);
}

#[test]
fn n5_greatest_and_least_pass_over_nulls() {
    let queries = [
        ("SELECT id FROM t WHERE greatest(x, 2) = 2", "2, 3, 4, 5, 6"),
        ("SELECT id, least(x, id) FROM t WHERE id IN (1, 2)", "1|1, 2|2"),
        ("SELECT id FROM t WHERE coalesce(x, 0) = 0", "2, 5"),
    ];
    SOME.get().answer(&queries);
    SPLIT.get().answer(&queries);
}

#[test]
fn n6_null_keys_meet_nothing_and_no_keys_are_no_query() {
    let queries = [
        ("SELECT a.id, b.id FROM t a JOIN t b ON a.x = b.x WHERE a.id < b.id", "4|6"),
        ("SELECT count(*) FROM t a JOIN t b ON a.x = b.x", "6"),
        ("SELECT id FROM t WHERE x IN (SELECT x FROM t WHERE id > 100)", ""),
        ("SELECT a.id FROM t a JOIN t b ON a.x = b.x WHERE b.v = 'none'", ""),
        ("SELECT a.id, b.id FROM t a LEFT JOIN t b ON a.x = b.id WHERE a.v IS NULL", "3|1, 5|NULL"),
        (
            "SELECT a.id, b.id FROM t a FULL JOIN t b ON a.x = b.x AND a.v = b.v WHERE a.x IS NULL AND b.id > 4",
            "NULL|5, NULL|6",
        ),
    ];
    SOME.get().answer(&queries[..5]);
    SPLIT.get().answer(&queries[..5]);
    SOME.get().agree(&[queries[5].0]);
    SPLIT.get().agree(&[queries[5].0]);
}

/// `region = 'EU'` beside `region <> 'EU'` leaves NULL without a home, and the catalog is told so.
#[test]
fn n7_a_null_has_a_home_or_the_catalog_is_refused() {
    let parts = |rest: &str| {
        World::new(&format!(
            "  t:
    columns: {{ id: bigint not null, region: text }}
    layout:
      horizontal:
        - {{ where: region = 'EU', stored: lite1.t }}
        - {{ where: {rest}, stored: lite2.t }}"
        ))
        .local(
            "lite1",
            &["CREATE TABLE t (id INTEGER, region TEXT)", "INSERT INTO t VALUES (1, 'EU')"],
        )
        .local(
            "lite2",
            &[
                "CREATE TABLE t (id INTEGER, region TEXT)",
                "INSERT INTO t VALUES (2, 'US'), (3, NULL)",
            ],
        )
        .rows("t", "(1, 'EU'), (2, 'US'), (3, NULL)")
    };
    let refused = parts("region <> 'EU'").refused();
    assert!(refused.contains("null"), "{refused}");
    parts("region <> 'EU' OR region IS NULL").open().answer(&[
        ("SELECT id FROM t", "1, 2, 3"),
        ("SELECT id FROM t WHERE region IS NULL", "3"),
        ("SELECT id FROM t WHERE region <> 'EU'", "2"),
        ("SELECT count(*), count(region) FROM t", "3|2"),
    ]);
}

/// In MySQL a zero date of a NOT NULL column IS NULL, and IS NOT NULL too.
#[test]
fn n8_a_zero_date_is_neither_null_nor_a_date() {
    let trap = Trap {
        columns: "id bigint not null, d date not null",
        rows: "(1, '2024-01-01')",
        kept: &[
            mariadb("id bigint NOT NULL, d date NOT NULL")
                .before(&["SET sql_mode = ''"])
                .rows("(1, '2024-01-01'), (2, '0000-00-00')"),
            mysql("id bigint NOT NULL, d date NOT NULL")
                .before(&["SET sql_mode = ''"])
                .rows("(1, '2024-01-01'), (2, '0000-00-00')"),
        ],
    };
    let places = trap.open();
    places.answer(&[("SELECT id FROM t WHERE d IS NULL", "")]);
    places.fail(
        &["SELECT id, d FROM t", "SELECT max(d) FROM t"],
        ErrorKind::Mismatch,
        &["`d`", "0000-00-00"],
    );
    places.fail(
        &["SELECT id FROM t WHERE d < '2000-01-01'"],
        ErrorKind::Mismatch,
        &["`d`", "0000-00-00"],
    );
}

/// With `sql_auto_is_null` a condition IS NULL on a counter finds the row that was inserted last.
#[test]
fn n9_is_null_means_null_on_a_counter_too() {
    let trap = Trap {
        columns: "id bigint, v text",
        rows: "(1, 'a'), (2, NULL)",
        kept: &[
            mariadb("id bigint AUTO_INCREMENT PRIMARY KEY, v varchar(9)"),
            mysql("id bigint AUTO_INCREMENT PRIMARY KEY, v varchar(9)"),
            postgres("id bigserial PRIMARY KEY, v text"),
            sqlite("id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT"),
        ],
    };
    trap.open().answer(&[
        ("SELECT v FROM t WHERE id IS NULL", ""),
        ("SELECT id FROM t WHERE v IS NULL", "2"),
        ("SELECT count(*) FROM t WHERE id IS NOT NULL", "2"),
    ]);
}

#[test]
fn null_tests_and_empty_texts_go_to_the_nodes() {
    SOME.get()
        .answer(&[
            ("SELECT id FROM t WHERE x IS NULL", "2, 5"),
            ("SELECT id FROM t WHERE v IS NOT NULL AND x IS NOT NULL", "1, 4, 6"),
            ("SELECT id FROM t WHERE v = NULL OR x = 1", "3"),
        ])
        .send("SELECT id FROM t WHERE x IS NULL", &["IS NULL"])
        .send("SELECT id FROM t WHERE x > 1 AND v IS NOT NULL", &[" > 1", "IS NOT NULL"])
        .send("SELECT id FROM t WHERE x IN (1, 2)", &[" WHERE "])
        .send("SELECT id FROM t WHERE x = 2", &[" = 2"]);
}
