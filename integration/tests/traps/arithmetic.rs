//! A: arithmetic and casts. Numbers count as one DataFusion with checked arithmetic counts them.

use intarsia_engine::ErrorKind;

use super::support::{Kept, Shared, Trap, World, mariadb, mysql, postgres, sqlite};

/// Numbers of each kind, as each database keeps them.
static NUMBERS: Shared = Shared::new(|| {
    Trap {
        columns: "id bigint not null, i integer, b bigint, f double, m decimal(12,2)",
        rows: "(1, 5, 9007199254740993, 2.5, 2.50), (2, -5, -1, -2.5, -2.50), (3, 0, 0, 0.1, 0.10), \
               (4, NULL, NULL, NULL, NULL), (5, 100000, 9223372036854775807, '1e20', 19.99), (6, 2, 3, 3.5, 3.50)",
        kept: &KEPT,
    }
    .open()
});

const KEPT: [Kept<'_>; 4] = [
    postgres("id bigint NOT NULL, i integer, b bigint, f double precision, m numeric(12,2)"),
    mariadb("id bigint NOT NULL, i int, b bigint, f double, m decimal(12,2)"),
    mysql("id bigint NOT NULL, i int, b bigint, f double, m decimal(12,2)"),
    sqlite("id INTEGER NOT NULL, i INTEGER, b INTEGER, f REAL, m DECIMAL(12,2)"),
];

#[test]
fn a1_whole_numbers_divide_to_whole_numbers() {
    NUMBERS.get().answer(&[
        ("SELECT i / 2 FROM t WHERE id < 3", "2, -2"),
        ("SELECT id FROM t WHERE i / 2 = 2", "1"),
        ("SELECT id FROM t WHERE i / 2 * 2 = i", "3, 5, 6"),
        ("SELECT sum(i / 2) FROM t WHERE id <> 5", "1"),
    ]);
}

#[test]
fn a2_division_by_zero_is_an_error() {
    let places = NUMBERS.get();
    places.refuse(
        &[
            "SELECT id FROM t WHERE 1 / i > 0",
            "SELECT id FROM t WHERE i % 0 = 1",
            "SELECT m / 0 FROM t",
        ],
        ErrorKind::Invalid,
        &["division by zero"],
    );
    places.answer(&[
        ("SELECT id FROM t WHERE 10 / nullif(i, 0) = 5", "6"),
        ("SELECT id FROM t WHERE CASE WHEN i <> 0 THEN 10 / i = 2 ELSE FALSE END", "1"),
        ("SELECT id FROM t WHERE CASE WHEN i = 0 THEN TRUE WHEN 10 / i = 5 THEN TRUE END", "3, 6"),
        ("SELECT id FROM t WHERE coalesce(nullif(i = 0, FALSE), 10 / nullif(i, 0) = 5)", "3, 6"),
        ("SELECT id FROM t WHERE coalesce(i <> 0 AND id = 1, 10 / i = 5, TRUE)", "1"),
    ]);
}

#[test]
fn a3_overflow_is_an_error() {
    NUMBERS.get().refuse(
        &[
            "SELECT b + 1 FROM t",
            "SELECT id FROM t WHERE b * 2 > 0",
            "SELECT sum(b) FROM t",
            "SELECT id FROM t WHERE b - -1 > 5",
            "SELECT sum(b) OVER (ORDER BY id) FROM t",
            "SELECT max(b + id) FROM t",
        ],
        ErrorKind::Invalid,
        &["overflow"],
    );
}

/// PostgreSQL computes in the columns' own width, here a literal makes it wider.
#[test]
fn a4_arithmetic_with_a_literal_is_as_wide_as_the_literal() {
    NUMBERS.get().answer(&[
        ("SELECT id FROM t WHERE i * 100000 = 10000000000", "5"),
        ("SELECT i * 100000 FROM t WHERE id = 5", "10000000000"),
    ]);
    NUMBERS.get().refuse(&["SELECT i * i FROM t"], ErrorKind::Invalid, &["overflow"]);
}

#[test]
fn a5_unsigned_numbers_subtract_below_zero() {
    let trap = Trap {
        columns: "id bigint not null, u integer unsigned, w bigint unsigned",
        rows: "(1, 5, 5), (2, 4294967295, 18446744073709551615), (3, 0, 0)",
        kept: &[
            mariadb("id bigint NOT NULL, u int unsigned, w bigint unsigned"),
            mysql("id bigint NOT NULL, u int unsigned, w bigint unsigned"),
            postgres("id bigint NOT NULL, u bigint, w numeric(20,0)"),
        ],
    };
    let places = trap.open();
    places.answer(&[
        ("SELECT id FROM t WHERE u - 6 < 0", "1, 3"),
        ("SELECT u - 6 FROM t WHERE id = 1", "-1"),
        ("SELECT id FROM t WHERE w = 18446744073709551615", "2"),
        ("SELECT id FROM t WHERE w > 5", "2"),
        ("SELECT id FROM t WHERE w > -1 AND u >= -5", "1, 2, 3"),
        ("SELECT id FROM t WHERE u IN (-1, 5)", "1"),
        ("SELECT id FROM t WHERE u = -1", ""),
        ("SELECT id FROM t ORDER BY w DESC LIMIT 1", "2"),
        ("SELECT id FROM t WHERE w < 9223372036854775808", "1, 3"),
    ]);
    places.refuse(&["SELECT sum(w), sum(w + 1) FROM t"], ErrorKind::Invalid, &["overflow"]);
}

#[test]
fn a6_a_caret_is_exclusive_or() {
    NUMBERS.get().answer(&[
        ("SELECT i ^ 2 FROM t WHERE id = 1", "7"),
        ("SELECT id FROM t WHERE i ^ 2 = 7", "1"),
        ("SELECT power(i, 2) FROM t WHERE id = 1", "25.0"),
    ]);
}

#[test]
fn a7_bits_have_a_sign() {
    NUMBERS.get().answer(&[
        ("SELECT id FROM t WHERE (i & 1) = 1", "1, 2"),
        ("SELECT i | -1, i << 1, b >> 1 FROM t WHERE id = 2", "-1|-10|-1"),
        ("SELECT id FROM t WHERE (b | 1) < 0", "2"),
    ]);
}

#[test]
fn a8_a_remainder_keeps_its_fraction_and_the_left_sign() {
    NUMBERS.get().answer(&[
        ("SELECT i % 3, m % 2, f % 2 FROM t WHERE id IN (1, 2)", "2|0.50|0.5, -2|-0.50|-0.5"),
        ("SELECT id FROM t WHERE i % 3 = -2", "2"),
        ("SELECT id FROM t WHERE f % 2 = 0.5", "1"),
    ]);
}

#[test]
fn a9_halves_round_away_from_zero() {
    NUMBERS.get().answer(&[
        ("SELECT round(f), round(m) FROM t WHERE id IN (1, 2, 6)", "3.0|3, -3.0|-3, 4.0|4"),
        ("SELECT id FROM t WHERE round(f) = 3", "1"),
        (
            "SELECT round(m, 1), trunc(f), ceil(f), floor(f) FROM t WHERE id = 2",
            "-2.5|-2.0|-2.0|-3.0",
        ),
    ]);
}

#[test]
fn a10_a_cast_to_a_whole_number_drops_the_fraction() {
    NUMBERS.get().agree(&["SELECT id, CAST(m AS bigint) FROM t"]).answer(&[
        ("SELECT CAST(f AS bigint) FROM t WHERE id IN (1, 2, 6)", "2, -2, 3"),
        ("SELECT id FROM t WHERE try_cast(f AS integer) = 3", "6"),
    ]);
}

#[test]
fn a11_a_text_that_is_no_number_is_an_error() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, '12'), (2, '12abc'), (3, '-7')",
        kept: &TEXTS,
    };
    let places = trap.open();
    places.refuse(
        &["SELECT CAST(v AS bigint) FROM t", "SELECT id FROM t WHERE CAST(v AS integer) = 12"],
        ErrorKind::Invalid,
        &["12abc"],
    );
    places.answer(&[
        ("SELECT try_cast(v AS bigint) FROM t", "12, NULL, -7"),
        ("SELECT id FROM t WHERE try_cast(v AS integer) < 20", "1, 3"),
    ]);
}

const TEXTS: [Kept<'_>; 4] = [
    postgres("id bigint NOT NULL, v text"),
    mariadb("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4"),
    mysql("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4"),
    sqlite("id INTEGER NOT NULL, v TEXT"),
];

/// MySQL makes a number of a text, SQLite a text of a number, and PostgreSQL refuses: here a text meets a
/// number as the number that it is, and it is an error where it is none.
#[test]
fn a12_a13_texts_and_numbers_meet_in_one_way() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, '1'), (2, '01'), (3, ' 1'), (4, '1.0'), (5, 'abc'), (6, '0'), (7, '1abc'), (8, '')",
        kept: &TEXTS,
    };
    trap.open()
        .answer(&[
            ("SELECT id FROM t WHERE v = '1'", "1"),
            ("SELECT id FROM t WHERE v IN ('0', '1.0')", "4, 6"),
            ("SELECT id FROM t WHERE v < '1'", "2, 3, 6, 8"),
            ("SELECT id FROM t WHERE v = CAST(1 AS varchar)", "1"),
        ])
        .refuse(
            &["SELECT id FROM t WHERE v = 1", "SELECT id FROM t WHERE v > 0 AND v IN (1, 5)"],
            ErrorKind::Invalid,
            &["Cannot cast string"],
        );
    NUMBERS.get().answer(&[
        ("SELECT id FROM t WHERE i = '5'", "1"),
        ("SELECT id FROM t WHERE b IN ('3', '-1')", "2, 6"),
        ("SELECT id FROM t WHERE m = '2.50'", "1"),
    ]);
    NUMBERS.get().refuse(&["SELECT id FROM t WHERE i = 'abc'"], ErrorKind::Invalid, &["abc"]);
}

/// SQLite reads CAST(… AS DATE) as a number, `1 AS BOOLEAN` too, and cuts no text.
#[test]
fn a14_a15_a16_casts_are_not_left_to_the_nodes() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, '2024-01-05'), (2, 'true'), (3, '2023-12-31')",
        kept: &TEXTS,
    };
    let places = trap.open();
    places.answer(&[
        ("SELECT id FROM t WHERE try_cast(v AS date) = DATE '2024-01-05'", "1"),
        ("SELECT id FROM t WHERE try_cast(v AS date) < DATE '2024-01-05'", "3"),
        ("SELECT id FROM t WHERE id = 2 AND try_cast(v AS boolean)", "2"),
        ("SELECT id FROM t WHERE CAST(v AS varchar) = 'true'", "2"),
        ("SELECT CAST(id AS varchar) || v FROM t WHERE CAST(id AS text) = '2'", "2true"),
        ("SELECT id FROM t WHERE try_cast(v AS timestamp) > TIMESTAMP '2024-01-01 00:00:00'", "1"),
    ]);
    places.refuse(&["SELECT CAST(v AS date) FROM t"], ErrorKind::Invalid, &["true"]);
}

#[test]
fn a17_numbers_become_texts_in_one_way() {
    NUMBERS.get().answer(&[
        ("SELECT CAST(f AS varchar), CAST(m AS varchar), CAST(i = 5 AS varchar) FROM t WHERE id IN (1, 5)", "2.5|2.50|true, 1e20|19.99|false"),
        ("SELECT id FROM t WHERE CAST(m AS varchar) = '2.50'", "1"),
        ("SELECT id FROM t WHERE CAST(f AS varchar) = '1e20'", "5"),
        ("SELECT m || '' FROM t WHERE id = 3", "0.10"),
    ]);
}

#[test]
fn a18_real_numbers_compare_in_their_own_width() {
    let trap = Trap {
        columns: "id bigint not null, r real",
        rows: "(1, 0.1), (2, 16777216), (3, 0.5), (4, -0.1), (5, NULL), (6, '3.4e38')",
        kept: &REALS,
    };
    trap.open()
        .answer(&[
            ("SELECT id FROM t WHERE r = CAST(0.1 AS real)", "1"),
            ("SELECT id FROM t WHERE r = 0.5", "3"),
            ("SELECT id FROM t WHERE r < CAST(0.1 AS real)", "4"),
            ("SELECT id FROM t WHERE r >= 16777216", "2, 6"),
            ("SELECT id FROM t WHERE r IN (CAST(0.1 AS real), 0.5)", "1, 3"),
            ("SELECT id FROM t WHERE r <> CAST(0.1 AS real)", "2, 3, 4, 6"),
            ("SELECT id FROM t ORDER BY r LIMIT 2", "4, 1"),
        ])
        .agree(&[
            "SELECT id FROM t WHERE r = 0.1",
            "SELECT id FROM t WHERE r < 0.1",
            "SELECT id FROM t WHERE r = 1e-1",
        ])
        .agree(&[
            "SELECT id FROM t WHERE r IN (0.1, 0.5)",
            "SELECT id FROM t WHERE r BETWEEN -0.1 AND 0.1",
        ]);
}

const REALS: [Kept<'_>; 4] = [
    postgres("id bigint NOT NULL, r real"),
    mariadb("id bigint NOT NULL, r float"),
    mysql("id bigint NOT NULL, r float"),
    sqlite("id INTEGER NOT NULL, r REAL").rows(
        "(1, 0.10000000149011612), (2, 16777216), (3, 0.5), (4, -0.10000000149011612), (5, NULL), (6, 3.3999999521443642e38)",
    ),
];

/// MySQL's text protocol shows 16777216 as 16777200.
#[test]
fn a19_real_numbers_arrive_whole() {
    let trap = Trap {
        columns: "id bigint not null, r real",
        rows: "(1, 16777216), (2, 16777215), (3, '1.1754944e-38'), (4, '0.33333334'), (5, 8388608.5)",
        kept: &[REALS[0], REALS[1], REALS[2]],
    };
    trap.open()
        .agree(&["SELECT id, r FROM t", "SELECT id, CAST(r AS double) FROM t"])
        .answer(&[("SELECT CAST(r AS bigint) FROM t WHERE id < 3", "16777216, 16777215")]);
}

#[test]
fn a20_whole_numbers_beyond_two_to_the_53_meet_doubles_in_one_way() {
    NUMBERS.get().answer(&[
        ("SELECT id FROM t WHERE b = 9007199254740993", "1"),
        ("SELECT id FROM t WHERE b = 9007199254740992", ""),
        ("SELECT id FROM t WHERE b > 9007199254740992 AND b < 9007199254740994", "1"),
    ]);
    NUMBERS.get().agree(&[
        "SELECT id FROM t WHERE b = 9007199254740992e0",
        "SELECT id FROM t WHERE b < 9007199254740993e0",
        "SELECT id FROM t WHERE b >= 9223372036854775807e0",
        "SELECT id FROM t WHERE f = b",
        "SELECT id FROM t WHERE b > f",
        "SELECT id FROM t WHERE i = f * 2",
    ]);
}

/// NaN is equal to itself and greater than all; MySQL and SQLite hold none.
#[test]
fn a21_nan_and_infinities_have_a_place() {
    let trap = Trap {
        columns: "id bigint not null, f double, r real",
        rows: "(1, 'NaN', 'NaN'), (2, 'Infinity', 'Infinity'), (3, '-Infinity', '-Infinity'), (4, '1.5', '1.5'), (5, NULL, NULL)",
        kept: &[postgres("id bigint NOT NULL, f double precision, r real")],
    };
    let queries = [
        ("SELECT id FROM t WHERE f = 'NaN'::double", "1"),
        ("SELECT id FROM t WHERE f > 1", "1, 2, 4"),
        ("SELECT id FROM t WHERE f < 'Infinity'::double", "3, 4"),
        ("SELECT id FROM t WHERE f <= 'Infinity'::double", "2, 3, 4"),
        ("SELECT id FROM t WHERE f <> 1.5", "1, 2, 3"),
        ("SELECT id FROM t WHERE r >= 'Infinity'::real", "1, 2"),
        ("SELECT id FROM t ORDER BY f LIMIT 4", "3, 4, 2, 1"),
        ("SELECT id FROM t ORDER BY r DESC LIMIT 3", "5, 1, 2"),
        ("SELECT id FROM t WHERE f IN (1.5, 'NaN'::double)", "1, 4"),
        ("SELECT count(DISTINCT f), max(f) FROM t", "4|NaN"),
    ];
    trap.open().answer(&queries);
    let infinite = Trap {
        rows: "(2, 'Infinity', 'Infinity'), (3, '-Infinity', '-Infinity'), (4, '1.5', '1.5')",
        kept: &[sqlite("id INTEGER, f REAL, r REAL")
            .rows("(2, 9e999, 9e999), (3, -9e999, -9e999), (4, 1.5, 1.5)")],
        ..trap
    };
    infinite.open().answer(&[
        ("SELECT id FROM t WHERE f > 1", "2, 4"),
        ("SELECT id FROM t WHERE f < 'NaN'::double", "2, 3, 4"),
        ("SELECT id, f FROM t ORDER BY f LIMIT 1", "3|-inf"),
        ("SELECT id FROM t WHERE r = 'Infinity'::real", "2"),
    ]);
}

/// Arrow tells -0.0 from 0.0. MariaDB and SQLite keep no -0.0.
#[test]
fn a21_negative_zero_is_below_zero() {
    let trap = Trap {
        columns: "id bigint not null, f double",
        rows: "(1, '-0.0'), (2, '0.0'), (3, '-1.0'), (4, '1.0')",
        kept: &[
            postgres("id bigint NOT NULL, f double precision"),
            mysql("id bigint NOT NULL, f double").rows("(1, '-0.0'), (2, 0), (3, -1), (4, 1)"),
        ],
    };
    let places = trap.open();
    places.agree(&[
        "SELECT id, CAST(f AS varchar) FROM t",
        "SELECT id FROM t WHERE f = 0",
        "SELECT id FROM t WHERE f = 0.0",
        "SELECT id FROM t WHERE f = -0e0",
        "SELECT id FROM t WHERE f < 0",
        "SELECT id FROM t WHERE f >= 0e0",
        "SELECT id FROM t WHERE f > -0e0",
        "SELECT id FROM t WHERE f <> 0e0",
        "SELECT id FROM t WHERE f IN (0e0, 1)",
        "SELECT id FROM t WHERE f NOT IN (0e0, 1)",
        "SELECT id FROM t WHERE f BETWEEN -0e0 AND 0e0",
        "SELECT id FROM t WHERE f BETWEEN 0e0 AND 1",
        "SELECT id FROM t ORDER BY f, id LIMIT 2",
        "SELECT id FROM t ORDER BY f DESC, id LIMIT 2",
        "SELECT f, count(*) FROM t GROUP BY f",
        "SELECT count(DISTINCT f) FROM t",
        "SELECT a.id, b.id FROM t a JOIN t b ON a.f = b.f",
        "SELECT min(f), max(f) FROM t WHERE id < 3",
    ]);
}

#[test]
fn a22_logarithms_are_of_one_base() {
    NUMBERS.get().answer(&[
        ("SELECT log(i), log10(i), log2(i) FROM t WHERE id = 5", "5.0|5.0|16.609640474436812"),
        ("SELECT id FROM t WHERE ln(m) > 1", "5, 6"),
        ("SELECT id FROM t WHERE log(i) = 5", "5"),
    ]);
    NUMBERS.get().agree(&["SELECT ln(f), log(2, i), sqrt(abs(f)), exp(i) FROM t WHERE id < 4"]);
}

#[test]
fn a23_division_keeps_its_digits() {
    NUMBERS.get().agree(&["SELECT m / 3, m / 3 * 3, f / 3, m / m FROM t WHERE id <> 3"]).agree(&[
        "SELECT id FROM t WHERE m / 3 * 3 = m",
        "SELECT id FROM t WHERE m / 7 > 0.35714",
        "SELECT avg(m), sum(m) / count(m) FROM t",
    ]);
}

#[test]
fn a24_a_literal_may_be_larger_than_the_column() {
    let small = Trap {
        columns: "id bigint not null, s smallint, i integer, m decimal(5,2)",
        rows: "(1, 32767, 2147483647, 999.99), (2, -32768, -2147483648, -999.99), (3, 1, 1, 1.00), (4, NULL, NULL, NULL)",
        kept: &[
            postgres("id bigint NOT NULL, s smallint, i integer, m numeric(5,2)"),
            mariadb("id bigint NOT NULL, s smallint, i int, m decimal(5,2)"),
            mysql("id bigint NOT NULL, s smallint, i int, m decimal(5,2)"),
            sqlite("id INTEGER NOT NULL, s SMALLINT, i INTEGER, m NUMERIC"),
        ],
    };
    let queries = [
        ("SELECT id FROM t WHERE i = 3000000000", ""),
        ("SELECT id FROM t WHERE i < 3000000000", "1, 2, 3"),
        ("SELECT id FROM t WHERE s > -40000", "1, 2, 3"),
        ("SELECT id FROM t WHERE s IN (1, 100000)", "3"),
        ("SELECT id FROM t WHERE s NOT IN (1, 100000)", "1, 2"),
        ("SELECT id FROM t WHERE i = 1.5", ""),
        ("SELECT id FROM t WHERE i < 1.5", "2, 3"),
        ("SELECT id FROM t WHERE i > 0.5 AND s <= 1.0", "3"),
        ("SELECT id FROM t WHERE m = 1.001", ""),
        ("SELECT id FROM t WHERE m < 1.001", "2, 3"),
        ("SELECT id FROM t WHERE m > 99999999.99", ""),
        ("SELECT id FROM t WHERE m <= 1e10", "1, 2, 3"),
        ("SELECT id FROM t WHERE m BETWEEN 1 AND 1.0", "3"),
        ("SELECT id FROM t WHERE i <> 99999999999999999999", "1, 2, 3"),
    ];
    small.open().answer(&queries);
}

/// A number is kept in another width or kind than the catalog says, on each node otherwise.
#[test]
fn numbers_kept_otherwise_compare_as_the_catalog_says() {
    let world = World::new(
        "  t:
    columns: { id: bigint not null, n: bigint, m: 'decimal(12,2)' }
    primary_key: [id]
    layout:
      horizontal:
        - { where: id < 10, stored: pg.t }
        - { where: id >= 10 AND id < 20, stored: maria.t }
        - { where: id >= 20 AND id < 30, stored: my.t }
        - { where: id >= 30, stored: lite.t }",
    )
    .local("pg", &["CREATE TABLE t (id numeric, n numeric(20,3), m integer)", "INSERT INTO t VALUES (1, 5, 2), (2, -7.000, 3)"])
    .local("maria", &["CREATE TABLE t (id decimal(10,0), n tinyint, m decimal(20,5))", "INSERT INTO t VALUES (10, 5, 2), (11, -7, 2.5)"])
    .local("my", &["CREATE TABLE t (id bigint unsigned, n bigint unsigned, m int)", "INSERT INTO t VALUES (20, 5, 2), (21, 9223372036854775807, 3)"])
    .local("lite", &["CREATE TABLE t (id NUMERIC, n REAL, m TEXT)", "INSERT INTO t VALUES (30, 5, '2'), (31, -7.0, '2.5'), (32, 1, '02.00')"])
    .rows(
        "t",
        "(1, 5, 2), (2, -7, 3), (10, 5, 2), (11, -7, 2.5), (20, 5, 2), (21, 9223372036854775807, 3), (30, 5, 2), (31, -7, 2.5), (32, 1, 2)",
    );
    world.open().answer(&[
        ("SELECT id FROM t WHERE n = 5", "1, 10, 20, 30"),
        ("SELECT id FROM t WHERE n < 0", "2, 11, 31"),
        ("SELECT id FROM t WHERE n IN (-7, 9223372036854775807)", "2, 11, 21, 31"),
        ("SELECT id FROM t WHERE m = 2", "1, 10, 20, 30, 32"),
        ("SELECT id FROM t WHERE m > 2.00 AND n <> 5", "2, 11, 21, 31"),
        ("SELECT id FROM t WHERE m = 2.5", "11, 31"),
        ("SELECT id FROM t ORDER BY n DESC, id LIMIT 3", "21, 1, 10"),
        ("SELECT id FROM t ORDER BY m DESC, id LIMIT 3", "2, 21, 11"),
        (
            "SELECT m, count(*), sum(n) FROM t WHERE n < 100 GROUP BY m",
            "2.00|5|21, 2.50|2|-14, 3.00|1|-7",
        ),
        ("SELECT id FROM t WHERE id = 11 OR id = 30.0", "11, 30"),
    ]);
}

/// A view of SQLite may show a decimal as a text, which sorts above all numbers there.
#[test]
fn decimals_that_a_view_shows_as_texts_are_numbers() {
    let view = World::new(
        "  t:
    columns: { id: bigint not null, m: 'decimal(12,2)' }
    layout: { stored: lite.v }",
    )
    .local(
        "lite",
        &[
            "CREATE TABLE a (id INTEGER, m NUMERIC)",
            "CREATE TABLE b (id INTEGER, m TEXT)",
            "INSERT INTO a VALUES (1, 100), (2, 3.5)",
            "INSERT INTO b VALUES (3, '-7.00'), (4, '20.25')",
            "CREATE VIEW v AS SELECT id, m FROM a UNION ALL SELECT id, m FROM b \
             UNION ALL SELECT 5, '7.5'",
        ],
    )
    .rows("t", "(1, 100), (2, 3.50), (3, -7), (4, 20.25), (5, 7.5)");
    view.open().answer(&[
        ("SELECT id FROM t WHERE m < 10", "2, 3, 5"),
        ("SELECT id FROM t WHERE m = -7", "3"),
        ("SELECT id FROM t WHERE m IN (20.25, 100)", "1, 4"),
        ("SELECT id FROM t WHERE m <> 3.5", "1, 3, 4, 5"),
        ("SELECT id FROM t ORDER BY m LIMIT 1", "3"),
        ("SELECT id FROM t ORDER BY m DESC LIMIT 1", "1"),
    ]);
}
