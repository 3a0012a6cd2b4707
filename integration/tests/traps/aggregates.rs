//! G: aggregates, limits and the shape of plans.

use intarsia_engine::ErrorKind;

use super::support::{Kept, Shared, Trap, World, mariadb, mysql, postgres, sqlite};

const KEPT: [Kept<'_>; 4] = [
    postgres(
        "id bigint NOT NULL, g text, i integer, b bigint, f double precision, m numeric(12,2)",
    ),
    mariadb(
        "id bigint NOT NULL, g varchar(9) CHARACTER SET utf8mb4, i int, b bigint, f double, m decimal(12,2)",
    ),
    mysql(
        "id bigint NOT NULL, g varchar(9) CHARACTER SET utf8mb4, i int, b bigint, f double, m decimal(12,2)",
    ),
    sqlite("id INTEGER NOT NULL, g TEXT, i INTEGER, b INTEGER, f REAL, m NUMERIC"),
];

const ROWS: &str = "(1, 'a', 1, 10, 0.5, 1.10), (2, 'a', 2, 20, 1.5, 2.20), (3, 'b', 2, 30, 2.5, 3.30), \
                    (4, NULL, NULL, NULL, NULL, NULL), (5, 'A', 5, 9223372036854775000, '1e300', 4.40), \
                    (6, 'b', NULL, -5, -2.5, 0.01), (7, 'c', 7, 1000, 7.0, 9.99)";

/// On one node whole.
static WHOLE: Shared = Shared::new(|| {
    Trap {
        columns: "id bigint not null, g text, i integer, b bigint, f double, m decimal(12,2)",
        rows: ROWS,
        kept: &KEPT,
    }
    .open()
});

/// In four parts, so that groups lie across nodes.
static SPLIT: Shared = Shared::new(|| {
    let world = World::new(
        "  t:
    columns: { id: bigint not null, g: text, i: integer, b: bigint, f: double, m: 'decimal(12,2)' }
    primary_key: [id]
    layout:
      horizontal:
        - { where: id % 4 = 0, stored: pg.t }
        - { where: 'id % 4 IN (1, -1)', stored: maria.t }
        - { where: 'id % 4 IN (2, -2)', stored: my.t }
        - { where: 'id % 4 IN (3, -3)', stored: lite.t }",
    );
    let rows: Vec<_> = ROWS.split("), (").map(|row| row.trim_matches(['(', ')'])).collect();
    let part = |rest: usize| {
        let own = rows.iter().enumerate().filter(|(at, _)| (at + 1) % 4 == rest);
        own.map(|(_, row)| format!("({row})")).collect::<Vec<_>>().join(", ")
    };
    let create = "CREATE TABLE t (id bigint, g varchar(9), i int, b bigint, f double precision, m decimal(12,2))";
    let nodes = ["pg", "maria", "my", "lite"].into_iter().enumerate();
    let world = nodes.fold(world, |world, (rest, node)| {
        world.local(node, &[create, &format!("INSERT INTO t VALUES {}", part(rest))])
    });
    world.rows("t", ROWS).open()
});

fn both(queries: &[(&str, &str)]) {
    WHOLE.get().answer(queries);
    SPLIT.get().answer(queries);
}

fn both_agree(queries: &[&str]) {
    WHOLE.get().agree(queries);
    SPLIT.get().agree(queries);
}

#[test]
fn g1_an_average_is_of_rows_not_of_averages() {
    both(&[
        ("SELECT avg(i) FROM t WHERE id < 4", "1.6666666666666667"),
        (
            "SELECT g, avg(i), avg(m) FROM t WHERE g < 'c' GROUP BY g",
            "A|5.0|4.400000, a|1.5|1.650000, b|2.0|1.655000",
        ),
        ("SELECT avg(f) FROM t WHERE id < 4", "1.5"),
    ]);
}

#[test]
fn g2_sums_keep_their_types_and_do_not_wrap() {
    both(&[("SELECT sum(i), sum(m), sum(f) FROM t WHERE id <> 5", "12|16.60|9.0")]);
    for places in [WHOLE.get(), SPLIT.get()] {
        places.refuse(
            &["SELECT sum(b) FROM t", "SELECT g, sum(b * 2) FROM t GROUP BY g"],
            ErrorKind::Invalid,
            &["overflow"],
        );
    }
}

#[test]
fn g3_deviations_are_of_samples_unless_said() {
    both_agree(&[
        "SELECT stddev(i), stddev_samp(i), stddev_pop(i), var_samp(f), var_pop(i) FROM t WHERE id < 5",
        "SELECT g, var_pop(m), corr(i, b) FROM t WHERE id <> 5 GROUP BY g",
    ]);
}

/// A sum of floats depends on its order: 1e16 + 1 - 1e16 is 0 or 1. Answers agree but for rounding.
#[test]
fn g4_sums_of_floats_agree_but_for_rounding() {
    both_agree(&["SELECT sum(f), avg(f) FROM t", "SELECT g, sum(f) FROM t GROUP BY g"]);
}

/// SQLite keeps a text in an INTEGER column, where max and avg would take it.
#[test]
fn g5_a_text_among_numbers_is_an_error_and_no_number() {
    let trap = Trap {
        columns: "id bigint not null, i integer",
        rows: "(1, 1), (2, 2), (3, 10)",
        kept: &[sqlite("id INTEGER, i INTEGER").rows("(1, 1), (2, 2), (3, 10), (4, 'abc')")],
    };
    trap.open().fail(
        &[
            "SELECT max(i) FROM t",
            "SELECT avg(i) FROM t",
            "SELECT count(i), sum(i) FROM t",
            "SELECT DISTINCT i FROM t",
            "SELECT id FROM t ORDER BY i DESC LIMIT 1",
        ],
        ErrorKind::Mismatch,
        &["node `lite`", "`i`", "abc"],
    );
}

#[test]
fn g6_an_aggregate_of_nothing_is_one_row() {
    both(&[
        (
            "SELECT count(*), count(i), sum(i), max(g), avg(f), bit_and(i) FROM t WHERE id > 100",
            "0|0|NULL|NULL|NULL|NULL",
        ),
        ("SELECT count(*), sum(m) FROM t WHERE id IS NULL", "0|NULL"),
        ("SELECT count(*) FROM t WHERE id < 0 AND id > 0", "0"),
        ("SELECT g, count(*) FROM t WHERE id > 100 GROUP BY g", ""),
        ("SELECT count(*) FROM t WHERE FALSE", "0"),
        ("SELECT sum(i) FROM t WHERE id = 4", "NULL"),
    ]);
}

#[test]
fn g7_groups_across_parts_are_one_group() {
    both(&[
        ("SELECT g, count(*) FROM t GROUP BY g HAVING count(*) > 1", "a|2, b|2"),
        ("SELECT g, sum(i) s FROM t GROUP BY g ORDER BY s DESC, g LIMIT 3", "NULL|NULL, c|7, A|5"),
        ("SELECT DISTINCT g FROM t ORDER BY g LIMIT 3", "A, a, b"),
        ("SELECT i, count(*) FROM t GROUP BY i ORDER BY i", "1|1, 2|2, 5|1, 7|1, NULL|2"),
        ("SELECT max(n) FROM (SELECT count(*) n FROM t GROUP BY i)", "2"),
        ("SELECT DISTINCT i FROM t WHERE i < 3 ORDER BY i DESC LIMIT 5", "2, 1"),
    ]);
}

#[test]
fn g8_distinct_counts_and_medians_are_of_all_rows() {
    both(&[
        ("SELECT count(DISTINCT i), count(DISTINCT g), sum(DISTINCT i) FROM t", "4|4|15"),
        ("SELECT median(i) FROM t WHERE id <> 5", "2.0"),
        ("SELECT string_agg(g, ',' ORDER BY id) FROM t", "a,a,b,A,b,c"),
        ("SELECT count(DISTINCT i) FILTER (WHERE id > 2) FROM t", "3"),
    ]);
    both_agree(&[
        "SELECT approx_distinct(i), approx_percentile_cont(0.5) WITHIN GROUP (ORDER BY m) FROM t",
    ]);
}

#[test]
fn g9_a_limit_comes_after_the_filter_and_the_join() {
    both(&[
        ("SELECT id FROM t WHERE upper(g) = 'A' ORDER BY id LIMIT 3", "1, 2, 5"),
        ("SELECT count(*) FROM (SELECT id FROM t WHERE upper(g) = 'A' LIMIT 2)", "2"),
        ("SELECT count(*) FROM (SELECT id FROM t WHERE g = 'a' LIMIT 5)", "2"),
        (
            "SELECT count(*) FROM (SELECT a.id FROM t a JOIN t b ON a.i = b.i AND a.id > b.id LIMIT 5)",
            "1",
        ),
        ("SELECT id FROM (SELECT id, g FROM t ORDER BY id LIMIT 3) WHERE g = 'b'", "3"),
        ("SELECT count(*) FROM t WHERE id IN (SELECT id FROM t WHERE g LIKE 'b%' LIMIT 1)", "1"),
        ("SELECT count(*) FROM t WHERE id IN (SELECT b FROM t LIMIT 1)", "0"),
        ("SELECT count(*) FROM (SELECT * FROM t LIMIT 0)", "0"),
    ]);
    WHOLE.get().send("SELECT id FROM t WHERE i > 1 LIMIT 2", &["LIMIT 2"]);
}

#[test]
fn g10_an_offset_is_applied_once() {
    both(&[
        ("SELECT id FROM t ORDER BY id LIMIT 2 OFFSET 3", "4, 5"),
        ("SELECT id FROM t ORDER BY id OFFSET 5", "6, 7"),
        ("SELECT id FROM t ORDER BY b DESC, id LIMIT 2 OFFSET 1", "5, 7"),
        ("SELECT count(*) FROM (SELECT id FROM t OFFSET 4)", "3"),
        ("SELECT count(*) FROM (SELECT id FROM t LIMIT 10 OFFSET 4)", "3"),
        ("SELECT count(*) FROM (SELECT id FROM t LIMIT 3 OFFSET 100)", "0"),
        (
            "SELECT id FROM (SELECT id FROM t ORDER BY id LIMIT 5 OFFSET 1) ORDER BY id DESC LIMIT 2 OFFSET 1",
            "5, 4",
        ),
    ]);
}

#[test]
fn g11_group_by_means_the_column_before_the_alias() {
    both_agree(&[
        "SELECT id / 10 AS id, count(*) FROM t GROUP BY id",
        "SELECT i % 2 AS i, count(*) FROM t GROUP BY 1",
        "SELECT -id AS id FROM t ORDER BY id",
        "SELECT g AS i, count(*) FROM t GROUP BY g HAVING max(t.i) > 1",
    ]);
}

#[test]
fn g12_a_column_outside_of_the_groups_is_an_error() {
    for places in [WHOLE.get(), SPLIT.get()] {
        places.refuse(
            &["SELECT id, max(i) FROM t", "SELECT g, i FROM t GROUP BY g"],
            ErrorKind::Invalid,
            &["GROUP BY"],
        );
    }
}

#[test]
fn g13_outer_joins_keep_their_rows() {
    let joins = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"];
    let ends = [
        "ON a.i = b.id",
        "ON a.i = b.id AND b.g = 'a'",
        "ON a.i = b.id AND a.g = 'a'",
        "ON a.i = b.id WHERE b.g = 'a'",
        "ON a.i = b.id WHERE b.g IS NULL",
        "ON a.i = b.id WHERE a.g IS NULL OR a.id > 3",
        "ON a.i = b.i AND a.id < b.id WHERE b.id IS NULL",
        "ON a.g = b.g WHERE coalesce(b.i, 0) = 0",
        "ON a.i = b.id AND FALSE",
    ];
    let queries: Vec<_> = joins
        .iter()
        .flat_map(|join| ends.map(|end| format!("SELECT a.id, b.id FROM t a {join} t b {end}")))
        .collect();
    let queries: Vec<_> = queries.iter().map(String::as_str).collect();
    both_agree(&queries);
}

#[test]
fn g14_windows_see_all_parts() {
    both(&[
        (
            "SELECT id, row_number() OVER (PARTITION BY g ORDER BY id) n FROM t WHERE g = 'a' ORDER BY id",
            "1|1, 2|2",
        ),
        (
            "SELECT id, rank() OVER (ORDER BY i) r FROM t ORDER BY r, id",
            "1|1, 2|2, 3|2, 5|4, 7|5, 4|6, 6|6",
        ),
        (
            "SELECT id, lag(id) OVER (ORDER BY g, id) l FROM t ORDER BY g, id",
            "5|NULL, 1|5, 2|1, 3|2, 6|3, 7|6, 4|7",
        ),
        (
            "SELECT id, sum(i) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) s FROM t ORDER BY id",
            "1|1, 2|3, 3|4, 4|2, 5|5, 6|5, 7|7",
        ),
        (
            "SELECT id, first_value(id) OVER (PARTITION BY i ORDER BY id DESC) f FROM t ORDER BY id",
            "1|1, 2|3, 3|3, 4|6, 5|5, 6|6, 7|7",
        ),
        (
            "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY g ORDER BY m DESC) n FROM t) WHERE n = 1 ORDER BY id",
            "2, 3, 4, 5, 7",
        ),
    ]);
}

#[test]
fn g15_sets_semi_and_anti_joins_see_all_parts() {
    both(&[
        ("SELECT g FROM t UNION SELECT g FROM t WHERE id > 3", "A, a, b, c, NULL"),
        ("SELECT count(*) FROM (SELECT g FROM t UNION ALL SELECT g FROM t)", "14"),
        ("SELECT i FROM t EXCEPT SELECT i FROM t WHERE id = 3", "1, 5, 7, NULL"),
        ("SELECT i FROM t INTERSECT SELECT id FROM t", "1, 2, 5, 7"),
        ("SELECT i FROM t INTERSECT SELECT i FROM t WHERE id IN (4, 6)", "NULL"),
        ("SELECT id FROM t a WHERE EXISTS (SELECT 1 FROM t b WHERE b.i = a.id)", "1, 2, 5, 7"),
        ("SELECT id FROM t a WHERE NOT EXISTS (SELECT 1 FROM t b WHERE b.i = a.id)", "3, 4, 6"),
        ("SELECT count(*) FROM t a CROSS JOIN t b", "49"),
        ("SELECT count(*) FROM t a, t b WHERE a.i < b.i", "9"),
        ("SELECT count(*) FROM t a JOIN t b ON a.id > b.id OR a.g = b.g", "29"),
    ]);
}

#[test]
fn g16_a_guard_keeps_an_error_away() {
    both(&[
        ("SELECT id FROM t WHERE CASE WHEN i <> 2 THEN 10 / (i - 2) > 1 ELSE FALSE END", "5, 7"),
        (
            "SELECT id FROM t WHERE i IS NOT NULL AND CASE WHEN g = 'a' THEN CAST(id AS varchar) = '1' ELSE FALSE END",
            "1",
        ),
        ("SELECT coalesce(10 / nullif(i - 2, 0), 0) FROM t WHERE id < 4", "-10, 0, 0"),
        ("SELECT id FROM (SELECT id, i FROM t WHERE i <> 2) WHERE 10 / nullif(i - 2, 0) = 2", "7"),
    ]);
}

#[test]
fn g17_clocks_and_random_numbers_are_of_one_query() {
    both(&[
        ("SELECT count(DISTINCT now()) FROM t", "1"),
        ("SELECT count(DISTINCT random()) > 1, count(DISTINCT uuid()) FROM t", "true|7"),
        ("SELECT count(*) FROM t WHERE now() > TIMESTAMP '2020-01-01 00:00:00'", "7"),
        ("SELECT count(*) FROM t WHERE random() >= 0", "7"),
        ("SELECT count(*) FROM (SELECT random() r FROM t) WHERE r <> r", "0"),
        ("SELECT count(*) FROM (SELECT uuid() u FROM t) WHERE u = u AND u < u || 'x'", "7"),
        ("SELECT count(*) FROM (SELECT id, random() r FROM t ORDER BY r LIMIT 3)", "3"),
        ("SELECT count(*) FROM t WHERE current_date > DATE '2020-01-01' AND id > 3", "4"),
    ]);
}

#[test]
fn g18_a_table_may_stand_in_a_query_many_times() {
    both(&[
        ("SELECT id FROM t a WHERE i = (SELECT max(i) FROM t b WHERE b.g = a.g)", "2, 3, 5, 7"),
        ("SELECT id FROM t a WHERE m > (SELECT avg(m) FROM t) AND id IN (SELECT i FROM t)", "5, 7"),
        (
            "SELECT a.id, b.id, c.id FROM t a JOIN t b ON b.id = a.i JOIN t c ON c.id = b.i WHERE a.id > 1",
            "2|2|2, 3|2|2, 5|5|5, 7|7|7",
        ),
        (
            "WITH x AS (SELECT g, sum(i) s FROM t GROUP BY g) SELECT a.g FROM x a JOIN x b ON a.s = b.s + 2",
            "A, c",
        ),
        ("SELECT (SELECT count(*) FROM t b WHERE b.g = a.g) FROM t a WHERE a.g = 'b'", "2, 2"),
        ("SELECT a.id FROM t a, t b, t c WHERE a.id = b.id AND b.id = c.id AND c.g = 'c'", "7"),
    ]);
}

/// Constant columns tell the parts apart, and DataFusion's own top-n over a union must not lose them.
#[test]
fn g19_rows_are_ordered_by_a_constant_of_their_part() {
    let world = World::new(
        "  t:
    columns: { id: bigint not null, part: text not null }
    layout:
      horizontal:
        - { where: part = 'l', stored: { at: lite1.l, columns: { part: \"'l'\" } } }
        - { where: part <> 'l', stored: { at: lite2.r, columns: { part: \"'r'\" } } }",
    )
    .local("lite1", &["CREATE TABLE l (id INTEGER)", "INSERT INTO l VALUES (1), (2), (3), (4)"])
    .local("lite2", &["CREATE TABLE r (id INTEGER)", "INSERT INTO r VALUES (5), (6), (7), (8)"])
    .rows("t", "(1, 'l'), (2, 'l'), (3, 'l'), (4, 'l'), (5, 'r'), (6, 'r'), (7, 'r'), (8, 'r')");
    world.open().answer(&[
        ("SELECT id FROM t ORDER BY part DESC, id LIMIT 5", "5, 6, 7, 8, 1"),
        ("SELECT part, id FROM t ORDER BY part, id DESC LIMIT 5", "l|4, l|3, l|2, l|1, r|8"),
        (
            "SELECT id, part FROM t WHERE id > 2 ORDER BY part DESC, id LIMIT 5",
            "5|r, 6|r, 7|r, 8|r, 3|l",
        ),
        ("SELECT part, count(*), min(id) FROM t GROUP BY part", "l|4|1, r|4|5"),
        ("SELECT id FROM t WHERE part = 'r' ORDER BY id DESC LIMIT 1", "8"),
        ("SELECT DISTINCT part FROM t ORDER BY part DESC LIMIT 1", "r"),
    ]);
}

/// The same where the one value is that of an expression, and the column that the other condition needs is left out.
#[test]
fn g19_rows_are_ordered_by_an_expression_of_one_value() {
    let world = World::new(
        "  t:
    columns: { id: bigint not null, day: bigint not null, kind: text not null }
    layout: { stored: { at: lite1.l, columns: { id: CAST(code AS BIGINT) } } }",
    )
    .local(
        "lite1",
        &[
            "CREATE TABLE l (code TEXT, day INTEGER, kind TEXT)",
            "INSERT INTO l VALUES ('1', 7, 'a'), ('2', 1, 'a'), ('1', 3, 'b'), ('1', 5, 'cc')",
        ],
    )
    .rows("t", "(1, 7, 'a'), (2, 1, 'a'), (1, 3, 'b'), (1, 5, 'cc')");
    world.open().answer(&[
        (
            "SELECT id, day FROM t WHERE id = 1 AND length(kind) < 2 ORDER BY id DESC, day LIMIT 3",
            "1|3, 1|7",
        ),
        (
            "SELECT id, day, row_number() OVER (PARTITION BY id ORDER BY day) FROM t WHERE id = 1 AND length(kind) < 2",
            "1|3|1, 1|7|2",
        ),
    ]);
}

/// The same with a query's own constants, one for each branch of a union.
#[test]
fn g19_rows_are_ordered_by_a_constant_of_their_branch() {
    both(&[
        (
            "SELECT id, 'l' AS side FROM t WHERE id < 5 UNION ALL SELECT id, 'r' FROM t WHERE id >= 5 ORDER BY side DESC, id LIMIT 4",
            "5|r, 6|r, 7|r, 1|l",
        ),
        (
            "SELECT side, max(id) FROM (SELECT id, 1 AS side FROM t UNION ALL SELECT -id, 2 FROM t) GROUP BY side ORDER BY side DESC LIMIT 2",
            "2|-1, 1|7",
        ),
        (
            "SELECT side, id FROM (SELECT id, 1 AS side FROM t WHERE id < 3 UNION ALL SELECT id, 2 FROM t WHERE id < 3) ORDER BY side DESC, id DESC LIMIT 3",
            "2|2, 2|1, 1|2",
        ),
    ]);
}
