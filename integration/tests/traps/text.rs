//! S: text. A comparison is by UTF-8 bytes, whatever the collation, padding, character set or type of a column.

use intarsia_engine::ErrorKind;

use super::support::{Kept, Places, Shared, Trap, World, mariadb, mysql, postgres, sqlite};

/// Texts that some collation takes for equal or orders otherwise.
static WORDS: Shared = Shared::new(|| {
    Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a'), (2, 'A'), (3, 'a '), (4, 'á'), (5, 'b'), (6, 'B'), (7, '_x'), (8, 'Z'), (9, ''), \
               (10, ' '), (11, NULL), (12, 'ß'), (13, 'ss'), (14, 'é'), (15, 'ab'), (16, 'a_b')",
        kept: &WORDS_KEPT,
    }
    .open()
});

const WORDS_KEPT: [Kept<'_>; 10] = [
    postgres("id bigint NOT NULL, v text"),
    postgres("id bigint NOT NULL, v text COLLATE folding").before(&[FOLDING]),
    postgres("id bigint NOT NULL, v citext").before(&["CREATE EXTENSION citext"]),
    mariadb(
        "id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, KEY (v)",
    ),
    mariadb("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
    mariadb("id bigint NOT NULL, v text CHARACTER SET latin1 COLLATE latin1_swedish_ci"),
    mysql(
        "id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci, KEY (v)",
    ),
    mysql("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
    sqlite("id INTEGER NOT NULL, v TEXT COLLATE NOCASE"),
    sqlite("id INTEGER NOT NULL, v TEXT COLLATE RTRIM"),
];

/// A collation under which 'a' and 'A' are the same text.
const FOLDING: &str =
    "CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";

#[test]
fn s1_equality_is_case_and_accent_sensitive() {
    WORDS
        .get()
        .answer(&[
            ("SELECT id FROM t WHERE v = 'a'", "1"),
            ("SELECT id FROM t WHERE 'á' = v", "4"),
            ("SELECT id FROM t WHERE v IN ('A', 'ab', 'SS')", "2, 15"),
            ("SELECT count(*) FROM t WHERE v = 'a' OR v = 'É'", "1"),
        ])
        .send("SELECT id FROM t WHERE v = 'a'", &[" WHERE ", "'a'"])
        .send("SELECT id FROM t WHERE v IN ('A', 'ab')", &[" WHERE ", "'A'", "'ab'"]);
}

#[test]
fn s2_unequal_loses_no_other_spelling() {
    WORDS
        .get()
        .answer(&[
            ("SELECT id FROM t WHERE v <> 'a' AND id < 5", "2, 3, 4"),
            (
                "SELECT id FROM t WHERE v NOT IN ('a', 'ß') AND id NOT BETWEEN 5 AND 11",
                "2, 3, 4, 13, 14, 15, 16",
            ),
            ("SELECT id FROM t WHERE v NOT LIKE 'a%'", "2, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14"),
            ("SELECT id FROM t WHERE NOT (v = 'A' OR v IS NULL) AND id < 4", "1, 3"),
        ])
        .send("SELECT id FROM t WHERE v <> 'a'", &["<> "]);
}

#[test]
fn s3_trailing_spaces_count() {
    WORDS.get().answer(&[
        ("SELECT id FROM t WHERE v = 'a '", "3"),
        ("SELECT id FROM t WHERE v = 'b '", ""),
        ("SELECT id FROM t WHERE v = ''", "9"),
        ("SELECT id FROM t WHERE v IN (' ', 'a')", "1, 10"),
        ("SELECT id FROM t WHERE v <> '' AND v < 'A'", "10"),
    ]);
}

#[test]
fn s4_ranges_are_of_bytes() {
    WORDS
        .get()
        .answer(&[
            ("SELECT id FROM t WHERE v < 'B'", "2, 9, 10"),
            ("SELECT id FROM t WHERE v >= 'a' AND v < 'b'", "1, 3, 15, 16"),
            ("SELECT id FROM t WHERE v BETWEEN 'Z' AND 'a'", "1, 7, 8"),
            ("SELECT id FROM t WHERE v > 'b'", "4, 12, 13, 14"),
            ("SELECT id FROM t WHERE NOT v > 'Z'", "2, 6, 8, 9, 10"),
        ])
        .send("SELECT id FROM t WHERE v < 'B'", &[" < ", "'B'"]);
}

#[test]
fn s5_like_is_case_sensitive() {
    WORDS
        .get()
        .answer(&[
            ("SELECT id FROM t WHERE v LIKE 'a%'", "1, 3, 15, 16"),
            ("SELECT id FROM t WHERE v LIKE 'A'", "2"),
            ("SELECT id FROM t WHERE v LIKE 'a'", "1"),
            ("SELECT id FROM t WHERE v NOT LIKE 'a' AND id < 4", "2, 3"),
            ("SELECT id FROM t WHERE v LIKE '%B'", "6"),
            ("SELECT id FROM t WHERE v LIKE 'a_'", "3, 15"),
            ("SELECT id FROM t WHERE v ILIKE 'A%'", "1, 2, 3, 15, 16"),
            ("SELECT id FROM t WHERE starts_with(v, 'a')", "1, 3, 15, 16"),
        ])
        .send("SELECT id FROM t WHERE v LIKE 'a%'", &[" WHERE "]);
}

/// The backslash escapes in every database, although it is itself escaped or nothing special in some.
#[test]
fn s6_like_escapes_with_a_backslash() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: r"(1, 'a_b'), (2, 'axb'), (3, 'a\b'), (4, 'a\\b'), (5, '100%'), (6, '100x'), (7, 'a\_b'), (8, '[a]'),
               (9, 'a*b'), (10, '\'), (11, '%')",
        kept: &[
            postgres("id bigint NOT NULL, v text"),
            mariadb("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4"),
            mysql("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4"),
            sqlite("id INTEGER NOT NULL, v TEXT"),
        ],
    };
    trap.open().answer(&[
        (r"SELECT id FROM t WHERE v LIKE 'a\_b'", "1"),
        ("SELECT id FROM t WHERE v LIKE 'a_b'", "1, 2, 3, 9"),
        (r"SELECT id FROM t WHERE v LIKE '100\%'", "5"),
        (r"SELECT id FROM t WHERE v LIKE 'a\\b'", "3"),
        (r"SELECT id FROM t WHERE v LIKE 'a\\\\b'", "4"),
        (r"SELECT id FROM t WHERE v LIKE 'a\\\_b'", "7"),
        (r"SELECT id FROM t WHERE v NOT LIKE '%\\%'", "1, 2, 5, 6, 8, 9, 11"),
        ("SELECT id FROM t WHERE v LIKE '[a]'", "8"),
        ("SELECT id FROM t WHERE v LIKE 'a*b'", "9"),
        (r"SELECT id FROM t WHERE v = 'a\b'", "3"),
        (r"SELECT id FROM t WHERE v = 'a\\b'", "4"),
        (r"SELECT id FROM t WHERE v IN ('\', '%')", "10, 11"),
    ]);
}

/// PostgreSQL 15 refuses LIKE under a collation that is not deterministic.
#[test]
fn s7_like_works_under_a_folding_collation() {
    folding().answer(&[
        ("SELECT id FROM t WHERE v LIKE 'A%'", "2, 4"),
        ("SELECT id FROM t WHERE v NOT LIKE '%a%'", "2, 4, 5, 6"),
    ]);
}

#[test]
fn s8_a_folding_collation_merges_nothing() {
    folding().answer(&[
        ("SELECT id FROM t WHERE v = 'a'", "1"),
        ("SELECT v, count(*) FROM t GROUP BY v", "a|1, A|1, ab|1, AB|1, b|2"),
        ("SELECT count(DISTINCT v) FROM t", "5"),
        ("SELECT a.id, b.id FROM t a JOIN t b ON a.v = b.v WHERE a.id <> b.id", "5|6, 6|5"),
        ("SELECT id FROM t ORDER BY v, id LIMIT 2", "2, 4"),
    ]);
}

fn folding() -> Places {
    Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a'), (2, 'A'), (3, 'ab'), (4, 'AB'), (5, 'b'), (6, 'b')",
        kept: &[postgres("id bigint NOT NULL, v text COLLATE folding").before(&[FOLDING])],
    }
    .open()
}

#[test]
fn s9_citext_is_a_text_like_any_other() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a'), (2, 'A'), (3, 'b')",
        kept: &[postgres("id bigint NOT NULL, v citext").before(&["CREATE EXTENSION citext"])],
    };
    trap.open()
        .answer(&[
            ("SELECT id FROM t WHERE v = 'a'", "1"),
            ("SELECT id FROM t WHERE v <> 'a'", "2, 3"),
            ("SELECT id FROM t WHERE v LIKE 'A'", "2"),
            ("SELECT id FROM t WHERE v < 'a'", "2"),
            ("SELECT id FROM t ORDER BY v LIMIT 1", "2"),
            ("SELECT count(DISTINCT v) FROM t", "3"),
        ])
        .send("SELECT id FROM t WHERE v = 'a'", &["::text"]);
}

/// What `char(n)` is filled up with is no part of the text, in a comparison, under LIKE and in a length.
#[test]
fn s10_char_n_has_no_padding() {
    padded().answer(&[
        ("SELECT id, v, length(v) FROM t", "1|a|1, 2|A|1, 3||0, 4|a b|3, 5|NULL|NULL"),
        ("SELECT id FROM t WHERE v = 'a'", "1"),
        ("SELECT id FROM t WHERE v = 'a '", ""),
        ("SELECT id FROM t WHERE v = 'a    '", ""),
        ("SELECT id FROM t WHERE v LIKE 'a'", "1"),
        ("SELECT id FROM t WHERE v LIKE '% '", ""),
        ("SELECT id FROM t WHERE v = ''", "3"),
        ("SELECT id FROM t WHERE v > 'a'", "4"),
        ("SELECT id FROM t WHERE v IN ('A', 'a b ', 'a')", "1, 2"),
        ("SELECT v || '!' FROM t ORDER BY id LIMIT 2", "a!, A!"),
        ("SELECT id FROM t ORDER BY v, id LIMIT 4", "3, 2, 1, 4"),
    ]);
}

/// MySQL's session says whether `char(n)` is read with its padding.
#[test]
fn s11_char_n_is_the_same_text_in_every_mode_and_binary_n_keeps_its_zeros() {
    padded().answer(&[("SELECT max(length(v)) FROM t", "3")]);
    let trap = Trap {
        columns: "id bigint not null, v binary",
        rows: "(1, X'61000000'), (2, X'61620000')",
        kept: &[
            mariadb("id bigint NOT NULL, v binary(4)").rows("(1, 'a'), (2, 'ab')"),
            mysql("id bigint NOT NULL, v binary(4)").rows("(1, 'a'), (2, 'ab')"),
        ],
    };
    trap.open().answer(&[
        ("SELECT id FROM t WHERE v = X'61'", ""),
        ("SELECT id FROM t WHERE v = X'61000000'", "1"),
        ("SELECT id FROM t WHERE length(v) = 4", "1, 2"),
    ]);
}

fn padded() -> Places {
    Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a'), (2, 'A'), (3, ''), (4, 'a b'), (5, NULL)",
        kept: &[
            postgres("id bigint NOT NULL, v char(5)"),
            mariadb("id bigint NOT NULL, v char(5) CHARACTER SET utf8mb4"),
            mariadb("id bigint NOT NULL, v char(5) CHARACTER SET latin1"),
            mysql("id bigint NOT NULL, v char(5) CHARACTER SET utf8mb4"),
            mysql("id bigint NOT NULL, v char(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
        ],
    }
    .open()
}

#[test]
fn s12_sqlite_columns_compare_by_bytes_whatever_their_collation() {
    let trap = Trap {
        columns: "id bigint not null, v text, w text",
        rows: "(1, 'a', 'a'), (2, 'A', 'a '), (3, 'b', 'b')",
        kept: &[sqlite("id INTEGER, v TEXT COLLATE NOCASE, w TEXT COLLATE RTRIM")],
    };
    trap.open()
        .answer(&[
            ("SELECT id FROM t WHERE v = 'A'", "2"),
            ("SELECT id FROM t WHERE w = 'a '", "2"),
            ("SELECT id FROM t WHERE v = w", "1, 3"),
            ("SELECT id FROM t WHERE v < 'a'", "2"),
            ("SELECT id FROM t ORDER BY v LIMIT 1", "2"),
            ("SELECT v FROM t WHERE v LIKE 'A'", "A"),
        ])
        .send("SELECT id FROM t WHERE v = 'A'", &["COLLATE BINARY = 'A'"]);
}

#[test]
fn s13_grouping_and_distinct_keep_spellings_apart() {
    WORDS.get().answer(&[
        ("SELECT count(DISTINCT v), count(v), count(*) FROM t", "15|15|16"),
        ("SELECT count(*) FROM (SELECT v FROM t GROUP BY v)", "16"),
        ("SELECT count(*) FROM (SELECT DISTINCT v FROM t)", "16"),
        ("SELECT count(*) FROM (SELECT v FROM t UNION SELECT v FROM t)", "16"),
        ("SELECT max(n) FROM (SELECT count(*) OVER (PARTITION BY v) n FROM t)", "1"),
        ("SELECT v, count(*) FROM t WHERE id < 4 GROUP BY v HAVING v <> 'a'", "A|1, a |1"),
    ]);
}

#[test]
fn s14_least_and_greatest_texts_are_of_bytes() {
    WORDS.get().answer(&[
        ("SELECT min(v), max(v) FROM t", "|é"),
        ("SELECT min(v), max(v) FROM t WHERE id IN (1, 7, 8)", "Z|a"),
        ("SELECT max(v) FROM t WHERE id < 4", "a "),
    ]);
}

#[test]
fn s15_the_first_texts_are_those_of_bytes() {
    WORDS
        .get()
        .answer(&[
            ("SELECT id FROM t ORDER BY v LIMIT 6", "9, 10, 2, 6, 8, 7"),
            ("SELECT id FROM t ORDER BY v DESC LIMIT 5", "11, 14, 4, 12, 13"),
            ("SELECT id FROM t ORDER BY v DESC NULLS LAST LIMIT 2", "14, 4"),
            ("SELECT v FROM t WHERE v IS NOT NULL ORDER BY v LIMIT 2 OFFSET 2", "A, B"),
            (
                "SELECT id FROM t ORDER BY v, id",
                "9, 10, 2, 6, 8, 7, 1, 3, 16, 15, 5, 13, 12, 4, 14, 11",
            ),
        ])
        .send("SELECT id FROM t ORDER BY v LIMIT 6", &[" ORDER BY ", " LIMIT 6"]);
}

#[test]
fn s16_texts_join_by_bytes() {
    WORDS.get().answer(&[
        ("SELECT a.id FROM t a JOIN t b ON a.v = b.v WHERE a.id <> b.id", ""),
        ("SELECT count(*) FROM t a JOIN t b ON a.v = b.v", "15"),
        ("SELECT id FROM t WHERE v IN (SELECT lower(v) FROM t WHERE id IN (2, 6))", "1, 5"),
        ("SELECT id FROM t a WHERE id < 6 AND NOT EXISTS (SELECT 1 FROM t b WHERE b.v = lower(a.v))", ""),
        ("SELECT a.id, b.id FROM t a LEFT JOIN t b ON b.v = a.v || ' ' WHERE a.id < 3", "1|3, 2|NULL"),
    ]);
}

#[test]
fn s17_functions_compare_texts_by_bytes() {
    WORDS.get().answer(&[
        ("SELECT id FROM t WHERE nullif(v, 'A') IS NULL", "2, 11"),
        ("SELECT id FROM t WHERE CASE v WHEN 'a' THEN TRUE ELSE FALSE END", "1"),
        ("SELECT id FROM t WHERE strpos(v, 'A') > 0", "2"),
        ("SELECT id FROM t WHERE replace(v, 'B', '') = ''", "6, 9"),
        ("SELECT id FROM t WHERE coalesce(v, 'A') = 'A'", "2, 11"),
    ]);
}

#[test]
fn s18_a_literal_meets_a_column_of_another_character_set() {
    narrow().answer(&[
        ("SELECT id FROM t WHERE v = 'é'", "1"),
        ("SELECT id FROM t WHERE v <> 'é'", "2, 3, 4, 5"),
        ("SELECT id FROM t WHERE v IN ('é', 'ß')", "1, 2"),
        ("SELECT id FROM t WHERE v >= 'é'", "1, 4"),
        ("SELECT id FROM t WHERE v LIKE '%é'", "1"),
        ("SELECT id FROM t ORDER BY v LIMIT 3", "3, 5, 2"),
    ]);
}

#[test]
fn s19_a_literal_outside_of_the_character_set_is_in_no_row() {
    narrow().answer(&[
        ("SELECT id FROM t WHERE v = '漢'", ""),
        ("SELECT id FROM t WHERE v <> '漢'", "1, 2, 3, 4, 5"),
        ("SELECT id FROM t WHERE v IN ('漢', 'a', '😀')", "3"),
        ("SELECT id FROM t WHERE v NOT IN ('漢', 'a')", "1, 2, 4, 5"),
        ("SELECT id FROM t WHERE v < '漢' AND v > 'ÿ'", "4"),
        ("SELECT id FROM t WHERE v LIKE '%漢%'", ""),
        ("SELECT id FROM t WHERE v NOT LIKE '😀'", "1, 2, 3, 4, 5"),
    ]);
}

/// Columns whose character sets lack most of Unicode; '€' is in all of them.
fn narrow() -> Places {
    Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'é'), (2, 'ß'), (3, 'a'), (4, '€'), (5, 'e')",
        kept: &[
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET latin1, KEY (v)"),
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET latin1 COLLATE latin1_bin"),
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci, KEY (v)"),
            mysql("id bigint NOT NULL, v varchar(9) CHARACTER SET latin1, KEY (v)"),
            mysql("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin"),
        ],
    }
    .open()
}

/// The same letter written as one code point or as two is two texts, and so are ß and ss.
#[test]
fn s20_texts_are_not_normalised() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'é'), (2, 'e\u{301}'), (3, 'ß'), (4, 'ss'), (5, 's'), (6, 'ǅ'), (7, 'e'), (8, 'a\u{200d}b'), (9, 'ab')",
        kept: &[
            postgres("id bigint NOT NULL, v text"),
            postgres("id bigint NOT NULL, v text COLLATE folding").before(&[
                "CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false)",
            ]),
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
            mysql("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"),
            mysql("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"),
        ],
    };
    trap.open().answer(&[
        ("SELECT id FROM t WHERE v = 'é'", "1"),
        ("SELECT id FROM t WHERE v = 'ss'", "4"),
        ("SELECT id FROM t WHERE v <> 'ß' AND id IN (3, 4, 5)", "4, 5"),
        ("SELECT id FROM t WHERE v IN ('ab', 'ǆ', 'e')", "7, 9"),
        ("SELECT count(DISTINCT v) FROM t", "9"),
        ("SELECT a.id FROM t a JOIN t b ON a.v = b.v WHERE a.id <> b.id", ""),
        ("SELECT id FROM t ORDER BY v LIMIT 4", "9, 8, 7, 2"),
    ]);
}

#[test]
fn s21_two_bars_join_texts() {
    WORDS.get().answer(&[
        ("SELECT id FROM t WHERE v || 'b' = 'ab'", "1"),
        ("SELECT v || '!' || id FROM t WHERE id < 3", "a!1, A!2"),
    ]);
}

#[test]
fn s22_null_is_nothing_in_concat_and_all_in_two_bars() {
    WORDS.get().answer(&[
        ("SELECT concat(v, 'x'), v || 'x' FROM t WHERE id IN (1, 11)", "ax|ax, x|NULL"),
        ("SELECT id FROM t WHERE concat('a', v) = 'a'", "9, 11"),
        ("SELECT concat_ws('-', v, NULL, 'z') FROM t WHERE id = 1", "a-z"),
    ]);
}

#[test]
fn s23_a_length_is_in_characters() {
    WORDS.get().answer(&[
        ("SELECT id FROM t WHERE length(v) = 1 AND id NOT BETWEEN 4 AND 10", "1, 2, 12, 14"),
        ("SELECT id FROM t WHERE octet_length(v) = 2", "3, 4, 7, 12, 13, 14, 15"),
        ("SELECT max(char_length(v)) FROM t", "3"),
    ]);
}

#[test]
fn s24_a_substring_may_start_before_the_text() {
    WORDS.get().answer(&[
        ("SELECT substr(v, 0, 2), substr(v, -1, 3), substr(v, 2) FROM t WHERE id = 16", "a|a|_b"),
        ("SELECT id FROM t WHERE substr(v, 0, 2) = 'a'", "1, 3, 15, 16"),
        ("SELECT id FROM t WHERE substr(v, -2, 2) = '' AND id < 3", "1, 2"),
    ]);
}

#[test]
fn s25_left_and_right_take_negative_numbers() {
    WORDS.get().answer(&[
        ("SELECT left(v, -1), right(v, -1), left(v, 1) FROM t WHERE id = 16", "a_|_b|a"),
        ("SELECT id FROM t WHERE left(v, -1) = 'a'", "3, 15"),
    ]);
}

#[test]
fn s26_upper_and_lower_know_all_letters() {
    WORDS.get().answer(&[
        ("SELECT upper(v) FROM t WHERE id IN (4, 12, 14)", "Á, SS, É"),
        ("SELECT id FROM t WHERE upper(v) = 'SS'", "12, 13"),
        ("SELECT id FROM t WHERE lower(v) = 'a'", "1, 2"),
    ]);
}

#[test]
fn s27_regular_expressions_are_of_one_dialect() {
    WORDS.get().answer(&[
        ("SELECT id FROM t WHERE v ~ '^[[:lower:]]$'", "1, 5"),
        (r"SELECT id FROM t WHERE v ~ '^\pL\pL$'", "13, 15"),
        ("SELECT id FROM t WHERE v ~* '^A$'", "1, 2"),
        ("SELECT id FROM t WHERE v !~ 'a' AND id < 5", "2, 4"),
        ("SELECT regexp_replace(v, 'a', 'x') FROM t WHERE id = 15", "xb"),
    ]);
}

#[test]
fn s28_trim_takes_spaces_only() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, ' a '), (2, '\ta\n'), (3, '\u{a0}a'), (4, 'a')",
        kept: &[
            postgres("id bigint NOT NULL, v text"),
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4"),
            mysql("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4"),
            sqlite("id INTEGER, v TEXT"),
        ],
    };
    trap.open().answer(&[
        ("SELECT id FROM t WHERE trim(v) = 'a'", "1, 4"),
        ("SELECT id FROM t WHERE ltrim(v) = 'a '", "1"),
        ("SELECT id FROM t WHERE length(rtrim(v)) = 3", "2"),
        ("SELECT id FROM t WHERE trim(BOTH 'a' FROM v) = ''", "4"),
    ]);
}

/// Double quotes mean a text in MySQL, and a name as written in every mode here.
#[test]
fn s29_names_are_names_whatever_their_letters() {
    let world = |node: &str, names: [&str; 3]| {
        let [relation, number, text] = names;
        let create =
            format!("CREATE TABLE {relation} ({number} bigint, {text} varchar(9), id varchar(9))");
        let fill = format!("INSERT INTO {relation} VALUES (1, 'x', 'id'), (2, 'y', 'v')");
        World::new(&format!(
            "  t:
    columns: {{ n: bigint, v: text, id: text }}
    layout:
      stored: {{ at: {{ node: {node}, relation: order }}, columns: {{ n: select, v: '\"Odd `\"\"'' Name\"' }} }}"
        ))
        .local(node, &[&create, &fill])
        .rows("t", "(1, 'x', 'id'), (2, 'y', 'v')")
    };
    let standard = [r#""order""#, r#""select""#, r#""Odd `""' Name""#];
    let ticks = ["`order`", "`select`", "`Odd ``\"' Name`"];
    for (node, names) in [("pg", standard), ("maria", ticks), ("my", ticks), ("lite", standard)] {
        world(node, names).open().answer(&[
            ("SELECT id FROM t WHERE id = 'id'", "id"),
            ("SELECT n FROM t WHERE v = 'y' AND n > 0 ORDER BY id, v LIMIT 1", "2"),
            ("SELECT \"id\", 'id' FROM t WHERE n = 2", "v|id"),
        ]);
    }
}

/// A name in double quotes that is no column is a text in SQLite.
#[test]
fn s30_a_column_that_is_gone_is_an_error() {
    let places = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'v'), (2, 'w')",
        kept: &[sqlite("id INTEGER, v TEXT")],
    }
    .open();
    places.answer(&[("SELECT id FROM t WHERE v = 'v'", "1")]);
    places.run("lite", &["ALTER TABLE t DROP COLUMN v"]);
    let queries = ["SELECT id FROM t WHERE v = 'v'", "SELECT v FROM t"];
    places.fail(&queries, ErrorKind::Mismatch, &["node `lite`", "v"]);
}

#[test]
fn s31_values_are_never_syntax() {
    let rows = "(1, 'a\"b'), (2, 'it''s'), (3, 'x LIMIT 3'), (4, 'a\\nb'), (5, 'a\nb'), (6, '''; DROP TABLE t; --'), \
                (7, '/* x */'), (8, '-- x'), (9, '\\'''), (10, '$1'), (11, '?'), (12, ':v'), (13, '%s'), (14, '`'), \
                (15, '\\'), (16, '''')";
    let places = Trap {
        columns: "id bigint not null, v text",
        rows,
        kept: &[
            postgres("id bigint NOT NULL, v text"),
            mariadb("id bigint NOT NULL, v varchar(40) CHARACTER SET utf8mb4"),
            mysql("id bigint NOT NULL, v varchar(40) CHARACTER SET utf8mb4"),
            sqlite("id INTEGER, v TEXT"),
        ],
    }
    .open();
    for row in rows.split("), (") {
        let (id, text) = row.trim_matches(['(', ')']).split_once(", ").unwrap();
        let text = if id == "16" { "''''" } else { text };
        let equal = format!("SELECT id FROM t WHERE v = {text}");
        let listed = format!("SELECT count(*) FROM t WHERE v NOT IN ('none', {text})");
        places.answer(&[(&equal, id), (&listed, "15")]);
    }
}

#[test]
fn s32_a_text_with_a_nul_is_found_where_it_can_be() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a')",
        kept: &[
            postgres("id bigint NOT NULL, v text"),
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4"),
            mysql("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4"),
            sqlite("id INTEGER, v TEXT"),
        ],
    };
    trap.open().answer(&[
        ("SELECT id FROM t WHERE v = 'a\0'", ""),
        ("SELECT id FROM t WHERE v <> 'a\0'", "1"),
        ("SELECT id FROM t WHERE v < 'a\0'", "1"),
        ("SELECT id FROM t WHERE v IN ('\0', 'a')", "1"),
        ("SELECT id FROM t WHERE v LIKE 'a\0%'", ""),
        ("SELECT id FROM t WHERE v NOT LIKE 'a\0'", "1"),
    ]);
    let held = Trap {
        rows: "(1, 'a'), (2, 'a\0b'), (3, '\0'), (4, 'a\0')",
        kept: &[
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4").rows(
                "(1, 'a'), (2, CONCAT('a', CHAR(0), 'b')), (3, CHAR(0)), (4, CONCAT('a', CHAR(0)))",
            ),
            mysql("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4").rows(
                "(1, 'a'), (2, CONCAT('a', CHAR(0), 'b')), (3, CHAR(0)), (4, CONCAT('a', CHAR(0)))",
            ),
            sqlite("id INTEGER, v TEXT")
                .rows("(1, 'a'), (2, 'a' || char(0) || 'b'), (3, char(0)), (4, 'a' || char(0))"),
        ],
        ..trap
    };
    held.open().answer(&[
        ("SELECT id FROM t WHERE v = 'a'", "1"),
        ("SELECT id FROM t WHERE v = 'a\0'", "4"),
        ("SELECT id FROM t WHERE v LIKE 'a%'", "1, 2, 4"),
        ("SELECT id FROM t WHERE v LIKE '%b'", "2"),
        ("SELECT id FROM t WHERE v NOT LIKE 'a'", "2, 3, 4"),
        ("SELECT id FROM t WHERE v > 'a'", "2, 4"),
        ("SELECT id, length(v) FROM t ORDER BY v", "3|1, 1|1, 4|2, 2|3"),
        ("SELECT id FROM t ORDER BY v DESC LIMIT 2", "2, 4"),
    ]);
}

/// A uuid is its text in lower case, however a database keeps it; a literal compares as written.
#[test]
fn s33_a_uuid_is_its_text_in_lower_case() {
    let (low, high) =
        ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12");
    let rows = format!("(1, '{low}'), (2, '{}'), (3, NULL)", high.to_lowercase());
    let written = format!("(1, '{low}'), (2, '{high}'), (3, NULL)");
    let trap = Trap {
        columns: "id bigint not null, v uuid",
        rows: &rows,
        kept: &[
            postgres("id bigint NOT NULL, v uuid").rows(&written),
            postgres("id bigint NOT NULL, v text").rows(&written),
            mariadb("id bigint NOT NULL, v uuid").rows(&written),
            mariadb("id bigint NOT NULL, v char(36) CHARACTER SET ascii").rows(&written),
            mysql("id bigint NOT NULL, v char(36) CHARACTER SET utf8mb4").rows(&written),
            sqlite("id INTEGER, v TEXT").rows(&written),
        ],
    };
    let equal = |text: &str| format!("SELECT id FROM t WHERE v = '{text}'");
    trap.open().answer(&[
        (&equal(low), "1"),
        (&equal(&high.to_lowercase()), "2"),
        (&equal(high), ""),
        (&format!("SELECT id FROM t WHERE v <> '{low}'"), "2"),
        (&format!("SELECT id FROM t WHERE v > '{low}'"), "2"),
        (&format!("SELECT id FROM t WHERE v IN ('{low}', '{high}')"), "1"),
        ("SELECT id FROM t WHERE v LIKE 'a0%'", "1, 2"),
        ("SELECT id FROM t ORDER BY v DESC NULLS LAST LIMIT 1", "2"),
        ("SELECT count(DISTINCT v) FROM t", "2"),
    ]);
}

/// Two columns of one relation may have collations that a database does not compare with each other.
#[test]
fn columns_of_different_collations_meet_by_bytes() {
    let trap = Trap {
        columns: "id bigint not null, v text, w text, x text",
        rows: "(1, 'a', 'a', 'a'), (2, 'a', 'A', 'a'), (3, 'b', 'é', 'a '), (4, NULL, 'a', 'a'), (5, 'é', 'é', 'z')",
        kept: &[
            postgres(
                "id bigint, v text COLLATE \"de-x-icu\", w text COLLATE \"en-x-icu\", x text COLLATE \"C\"",
            ),
            postgres(
                "id bigint, v text COLLATE \"POSIX\", w text COLLATE \"ucs_basic\", x text COLLATE \"C\"",
            ),
            postgres("id bigint, v citext, w char(5), x text COLLATE folding")
                .before(&["CREATE EXTENSION citext", FOLDING]),
            mariadb(
                "id bigint, v varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin, \
                 w varchar(9) CHARACTER SET latin1, x varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
            ),
            mysql(
                "id bigint, v varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin, \
                 w varchar(9) CHARACTER SET latin1 COLLATE latin1_bin, x varchar(9) CHARACTER SET utf8mb4",
            ),
            sqlite("id INTEGER, v TEXT, w TEXT COLLATE NOCASE, x TEXT COLLATE RTRIM"),
        ],
    };
    trap.open().answer(&[
        ("SELECT id FROM t WHERE v = w", "1, 5"),
        ("SELECT id FROM t WHERE v = x", "1, 2"),
        ("SELECT id FROM t WHERE w = x", "1, 4"),
        ("SELECT id FROM t WHERE v <> x", "3, 5"),
        ("SELECT id FROM t WHERE v > w", "2"),
        ("SELECT id FROM t WHERE w <= x", "1, 2, 4"),
        ("SELECT id FROM t WHERE v IS NOT DISTINCT FROM w", "1, 5"),
        ("SELECT id FROM t WHERE v = w AND w = x OR x = 'z'", "1, 5"),
    ]);
}

/// SQLite compares the bytes of a file's own encoding.
#[test]
fn sqlite_in_utf_16_orders_as_utf_8_does() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a'), (2, 'b'), (3, 'Ā'), (4, '漢'), (5, '😀'), (6, '\u{ff5e}'), (7, '')",
        kept: &[
            sqlite("id INTEGER, v TEXT").before(&["PRAGMA encoding = 'UTF-16le'"]),
            sqlite("id INTEGER, v TEXT COLLATE NOCASE").before(&["PRAGMA encoding = 'UTF-16be'"]),
        ],
    };
    trap.open().answer(&[
        ("SELECT id FROM t WHERE v = 'Ā'", "3"),
        ("SELECT id FROM t WHERE v < 'b'", "1, 7"),
        ("SELECT id FROM t WHERE v > '\u{ff5e}'", "5"),
        ("SELECT id FROM t WHERE v LIKE '_'", "1, 2, 3, 4, 5, 6"),
        ("SELECT id FROM t WHERE v IN ('😀', 'a')", "1, 5"),
        ("SELECT id FROM t ORDER BY v LIMIT 3", "7, 1, 2"),
        ("SELECT id FROM t ORDER BY v DESC LIMIT 2", "5, 6"),
    ]);
}

/// A database in another encoding compares the bytes of that, and refuses what it cannot write.
#[test]
fn postgres_in_another_encoding_compares_as_utf_8_does() {
    let world = |column: &str, before: &[&str]| {
        let fill = "INSERT INTO t VALUES (1, 'a'), (2, 'é'), (3, '€'), (4, 'Z'), (5, NULL)";
        let create = format!("CREATE TABLE t (id bigint, v {column})");
        let statements = [before, &[&create, fill]].concat();
        World::new(
            "  t:\n    columns: { id: bigint not null, v: text }\n    layout: { stored: pg.t }",
        )
        .created_as("pg", "ENCODING 'WIN1252' LOCALE 'C' TEMPLATE template0")
        .local("pg", &statements)
        .rows("t", "(1, 'a'), (2, 'é'), (3, '€'), (4, 'Z'), (5, NULL)")
        .called(column)
    };
    for (column, before) in [
        ("text", &[][..]),
        ("char(3)", &[]),
        ("citext", &["CREATE EXTENSION citext"]),
        ("kind", &["CREATE TYPE kind AS ENUM ('é', 'Z', 'a', '€')"]),
    ] {
        world(column, before).open().answer(&[
            ("SELECT id FROM t WHERE v = 'é'", "2"),
            ("SELECT id FROM t WHERE v = '漢'", ""),
            ("SELECT id FROM t WHERE v <> '漢'", "1, 2, 3, 4"),
            ("SELECT id FROM t WHERE v > 'é'", "3"),
            ("SELECT id FROM t WHERE v IN ('€', '😀', 'a')", "1, 3"),
            ("SELECT id FROM t WHERE v LIKE '_' AND v NOT LIKE '漢%'", "1, 2, 3, 4"),
            ("SELECT id FROM t ORDER BY v DESC NULLS LAST LIMIT 2", "3, 2"),
        ]);
    }
}

/// A domain is the type below it, to any depth.
#[test]
fn domains_compare_as_the_types_below_them() {
    let trap = Trap {
        columns: "id bigint not null, v text, w text",
        rows: "(1, 'a', 'a'), (2, 'A', 'A'), (3, 'b', NULL), (4, 'B', 'b')",
        kept: &[
            postgres("id bigint, v shorter, w folded").before(&[
                FOLDING,
                "CREATE DOMAIN short AS char(5)",
                "CREATE DOMAIN shorter AS short CHECK (length(VALUE) < 3)",
                "CREATE DOMAIN folded AS text COLLATE folding",
            ]),
            postgres("id bigint, v ci, w kind").before(&[
                "CREATE EXTENSION citext",
                "CREATE DOMAIN ci AS citext",
                "CREATE TYPE kinds AS ENUM ('b', 'A', 'a')",
                "CREATE DOMAIN kind AS kinds",
            ]),
            postgres("id bigint, v name, w bpchar"),
        ],
    };
    trap.open().answer(&[
        ("SELECT id FROM t WHERE v = 'a'", "1"),
        ("SELECT id FROM t WHERE v = 'a '", ""),
        ("SELECT id FROM t WHERE w = 'A'", "2"),
        ("SELECT id FROM t WHERE w <> 'A'", "1, 4"),
        ("SELECT id FROM t WHERE w < 'b'", "1, 2"),
        ("SELECT id FROM t WHERE v < 'a' AND w LIKE '_'", "2, 4"),
        ("SELECT id FROM t WHERE w = 'none'", ""),
        ("SELECT id FROM t ORDER BY v LIMIT 2", "2, 4"),
        ("SELECT id FROM t ORDER BY w DESC NULLS LAST LIMIT 2", "4, 1"),
    ]);
}

/// A line break is a character like others for LIKE.
#[test]
fn like_matches_over_lines() {
    let trap = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a\nb'), (2, 'a\r\nb'), (3, 'ab'), (4, '\n')",
        kept: &[
            postgres("id bigint NOT NULL, v text"),
            mariadb("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4"),
            mysql("id bigint NOT NULL, v varchar(9) CHARACTER SET utf8mb4"),
            sqlite("id INTEGER, v TEXT"),
        ],
    };
    trap.open().answer(&[
        ("SELECT id FROM t WHERE v LIKE 'a_b'", "1"),
        ("SELECT id FROM t WHERE v LIKE 'a%b'", "1, 2, 3"),
        ("SELECT id FROM t WHERE v NOT LIKE '_'", "1, 2, 3"),
        ("SELECT id FROM t WHERE v LIKE '%\n%'", "1, 2, 4"),
        ("SELECT id FROM t WHERE v = 'a\nb'", "1"),
    ]);
}
