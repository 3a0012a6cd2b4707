//! S: text. A comparison is by UTF-8 bytes, whatever the collation, padding, character set or type of a column.

use super::support::{Shared, Trap, mariadb, mysql, postgres, sqlite};

/// Texts that some collation takes for equal or orders otherwise.
static WORDS: Shared = Shared::new(|| {
    Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'a'), (2, 'A'), (3, 'a '), (4, 'á'), (5, 'b'), (6, 'B'), (7, '_x'), (8, 'Z'), (9, ''), \
               (10, ' '), (11, NULL), (12, 'ß'), (13, 'ss'), (14, 'é'), (15, 'ab'), (16, 'a_b')",
        kept: &[
            postgres("id bigint NOT NULL, v text"),
            postgres("id bigint NOT NULL, v text COLLATE folding").before(&[FOLDING]),
            postgres("id bigint NOT NULL, v citext").before(&["CREATE EXTENSION citext"]),
            mariadb("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
            mariadb("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
            mariadb("id bigint NOT NULL, v text CHARACTER SET latin1 COLLATE latin1_swedish_ci"),
            mysql("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"),
            mysql("id bigint NOT NULL, v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
            sqlite("id INTEGER NOT NULL, v TEXT COLLATE NOCASE"),
            sqlite("id INTEGER NOT NULL, v TEXT COLLATE RTRIM"),
        ],
    }
    .open()
});

/// A collation under which 'a' and 'A' are the same text.
const FOLDING: &str =
    "CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";

#[test]
fn s1_equality_is_case_and_accent_sensitive() {
    WORDS.get().answer(&[
        ("SELECT id FROM t WHERE v = 'a'", "1"),
        ("SELECT id FROM t WHERE v = 'A'", "2"),
        ("SELECT id FROM t WHERE 'á' = v", "4"),
        ("SELECT id FROM t WHERE v IN ('a', 'B', 'SS')", "1, 6"),
        ("SELECT id FROM t WHERE v = ''", "9"),
    ]);
}
