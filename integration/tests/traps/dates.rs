//! D: dates and times. They are days and microseconds, whatever the zone of a session, the precision of a column or
//! the text that a database keeps them in; what is no date is an error and never another date.

use intarsia_engine::ErrorKind::{Invalid, Mismatch};

use super::support::{Places, Trap, World, mariadb, mysql, postgres, sqlite};

/// A day in a nullable column of each database.
fn days(rows: &str) -> Places {
    Trap {
        columns: "id bigint not null, d date",
        rows,
        kept: &[
            postgres("id bigint NOT NULL, d date"),
            mariadb("id bigint NOT NULL, d date, KEY (d)"),
            mysql("id bigint NOT NULL, d date"),
            sqlite("id INTEGER NOT NULL, d TEXT"),
        ],
    }
    .open()
}

/// A point in time in each database.
fn times(rows: &str) -> Places {
    Trap {
        columns: "id bigint not null, at timestamp",
        rows,
        kept: &[
            postgres("id bigint NOT NULL, at timestamp"),
            mariadb("id bigint NOT NULL, at datetime(6)"),
            mysql("id bigint NOT NULL, at datetime(6), KEY (at)"),
            sqlite("id INTEGER NOT NULL, at TEXT"),
        ],
    }
    .open()
}

/// An instant in each database.
fn instants(rows: &str) -> Places {
    Trap {
        columns: "id bigint not null, at timestamptz",
        rows,
        kept: &[
            postgres("id bigint NOT NULL, at timestamptz"),
            mariadb("id bigint NOT NULL, at timestamp(6) NULL"),
            mariadb("id bigint NOT NULL, at datetime(6)"),
            mysql("id bigint NOT NULL, at timestamp(6) NULL"),
            mysql("id bigint NOT NULL, at datetime(6)"),
            sqlite("id INTEGER NOT NULL, at TEXT"),
        ],
    }
    .open()
}

/// Accepts days that there are not.
const LOOSE: &[&str] = &["SET SESSION sql_mode = 'ALLOW_INVALID_DATES'"];

/// Dates of which the last, of row 4, is `odd`.
fn odd_day(odd: &str) -> Places {
    let rows = format!("(1, '1999-12-31'), (2, '2024-01-05'), (3, NULL), (4, '{odd}')");
    Trap {
        columns: "id bigint not null, d date",
        rows: "(1, '1999-12-31'), (2, '2024-01-05'), (3, NULL)",
        kept: &[
            mariadb("id bigint NOT NULL, d date").rows(&rows).before(LOOSE),
            mariadb("id bigint NOT NULL, d date, KEY (d)").rows(&rows).before(LOOSE),
            mysql("id bigint NOT NULL, d date").rows(&rows).before(LOOSE),
        ],
    }
    .open()
}

/// Queries that the odd day may satisfy on the node, but not here.
const COMPARED: [&str; 8] = [
    "SELECT id FROM t WHERE d < DATE '2000-01-01'",
    "SELECT id FROM t WHERE d >= DATE '2000-01-01'",
    "SELECT id FROM t WHERE d <> DATE '1999-12-31'",
    "SELECT id FROM t WHERE d = DATE '1999-12-31'",
    "SELECT id FROM t WHERE d IN (DATE '1999-12-31', DATE '2024-03-02')",
    "SELECT id FROM t WHERE d NOT IN (DATE '1999-12-31')",
    "SELECT id FROM t WHERE d BETWEEN DATE '0001-01-01' AND DATE '2024-03-15'",
    "SELECT id FROM t WHERE NOT (d > DATE '2024-01-01')",
];

/// Queries for which we must see it.
const SEEN: [&str; 6] = [
    "SELECT * FROM t",
    "SELECT min(d) FROM t",
    "SELECT count(d) FROM t",
    "SELECT d, count(*) FROM t GROUP BY d",
    "SELECT DISTINCT d FROM t",
    "SELECT id FROM t ORDER BY d, id",
];

#[test]
fn d1_zero_dates_are_errors_not_values() {
    let text = ["node `maria`", "`d`", "0000-00-00"];
    let places = odd_day("0000-00-00");
    places
        .agree_or_fail(&COMPARED, Mismatch, &text[1..])
        .agree_or_fail(&["SELECT id FROM t WHERE d IS NULL"], Mismatch, &text[1..])
        .fail(&SEEN, Mismatch, &text[1..]);
    Trap {
        columns: "id bigint not null, d date not null, at timestamp not null",
        rows: "(1, '1999-12-31', '1999-12-31 00:00:00')",
        kept: &[mariadb("id bigint, d date NOT NULL, at datetime(6) NOT NULL")
            .rows("(1, '1999-12-31', '1999-12-31'), (2, '0000-00-00', '0000-00-00 00:00:00')")
            .before(LOOSE)],
    }
    .open()
    .agree(&["SELECT id FROM t WHERE d IS NULL", "SELECT id FROM t WHERE at IS NULL"])
    .agree_or_fail(
        &["SELECT id FROM t WHERE at < TIMESTAMP '2000-01-01 00:00:00' AND id > 0"],
        Mismatch,
        &["node `maria`", "`at`", "0000-00-00 00:00:00"],
    )
    .fail(&["SELECT at FROM t"], Mismatch, &["node `maria`", "`at`", "0000-00-00 00:00:00"])
    .fail(&["SELECT d FROM t", "SELECT max(d) FROM t"], Mismatch, &text);
}

#[test]
fn d2_a_day_that_there_is_not_is_never_shifted() {
    for odd in ["2024-00-15", "2024-02-31"] {
        odd_day(odd).agree_or_fail(&COMPARED, Mismatch, &["`d`", odd]).fail(
            &SEEN,
            Mismatch,
            &["`d`", odd],
        );
    }
}

#[test]
fn d3_an_instant_is_read_and_compared_in_utc_whatever_the_session_zone() {
    instants("(1, '2024-01-01 00:00:00'), (2, '2023-12-31 19:00:00'), (3, NULL)")
        .answer(&[
            ("SELECT id FROM t WHERE at = TIMESTAMP '2024-01-01 00:00:00'", "1"),
            ("SELECT id FROM t WHERE at = TIMESTAMPTZ '2024-01-01 05:00:00+05'", "1"),
            ("SELECT id FROM t WHERE at < TIMESTAMPTZ '2024-01-01T00:00:00Z'", "2"),
            (
                "SELECT id, at FROM t ORDER BY id",
                "1|2024-01-01T00:00:00Z, 2|2023-12-31T19:00:00Z, 3|NULL",
            ),
        ])
        .agree(&["SELECT max(at), count(at) FROM t"]);
}

#[test]
fn d4_the_day_of_an_instant_is_that_in_utc() {
    instants("(1, '2024-01-01 02:00:00'), (2, '2023-12-31 23:30:00'), (3, NULL)").answer(&[
        ("SELECT id FROM t WHERE CAST(at AS DATE) = DATE '2024-01-01'", "1"),
        ("SELECT id FROM t WHERE date_trunc('day', at) = TIMESTAMPTZ '2023-12-31T00:00:00Z'", "2"),
        ("SELECT id, extract(hour FROM at) FROM t", "1|2, 2|23, 3|NULL"),
        ("SELECT CAST(at AS VARCHAR) FROM t WHERE id = 1", "2024-01-01T02:00:00Z"),
        (
            "SELECT CAST(at AS DATE), count(*) FROM t GROUP BY 1",
            "2024-01-01|1, 2023-12-31|1, NULL|1",
        ),
    ]);
}

#[test]
fn d5_a_boundary_does_not_move_with_the_precision_of_a_column() {
    times("(1, '2024-01-01 00:00:00.123456'), (2, '2024-01-01 00:00:00.123457')").agree(&[
        "SELECT id FROM t WHERE at < TIMESTAMP '2024-01-01 00:00:00.1234567'",
        "SELECT id FROM t WHERE at <= TIMESTAMP '2024-01-01 00:00:00.123456999'",
        "SELECT id FROM t WHERE at >= TIMESTAMP '2024-01-01 00:00:00.123456001'",
        "SELECT id FROM t WHERE at > TIMESTAMP '2024-01-01 00:00:00.1234565'",
        "SELECT id FROM t WHERE at = TIMESTAMP '2024-01-01 00:00:00.1234565'",
        "SELECT id FROM t WHERE at <> TIMESTAMP '2024-01-01 00:00:00.1234560001'",
    ]);
    Trap {
        columns: "id bigint not null, at timestamp",
        rows: "(1, '2024-01-01 00:00:00'), (2, '2024-01-01 00:00:01')",
        kept: &[
            postgres("id bigint, at timestamp(0)"),
            mariadb("id bigint, at datetime"),
            mysql("id bigint, at datetime"),
        ],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE at < TIMESTAMP '2024-01-01 00:00:00.6'", "1"),
        ("SELECT id FROM t WHERE at > TIMESTAMP '2024-01-01 00:00:00.4'", "2"),
        ("SELECT id FROM t WHERE at >= TIMESTAMP '2024-01-01 00:00:00.6'", "2"),
        ("SELECT id FROM t WHERE at = TIMESTAMP '2024-01-01 00:00:00.6'", ""),
        ("SELECT id FROM t WHERE at IN (TIMESTAMP '2024-01-01 00:00:00.4')", ""),
        ("SELECT id FROM t WHERE at = TIMESTAMP '2024-01-01 00:00:01.0'", "2"),
    ]);
}

#[test]
fn d6_infinity_is_an_error_and_far_years_are_themselves() {
    for (ty, local) in
        [("date", "date"), ("timestamp", "timestamp"), ("timestamptz", "timestamptz")]
    {
        for odd in ["infinity", "-infinity"] {
            let columns = format!("id bigint not null, d {ty}");
            let local = format!("id bigint, d {local}");
            let rows = format!("(1, '2024-01-05'), (2, '{odd}')");
            Trap {
                columns: &columns,
                rows: "(1, '2024-01-05')",
                kept: &[postgres(&local).rows(&rows)],
            }
            .open()
            .fail(
                &["SELECT d FROM t", "SELECT max(d) FROM t", "SELECT id FROM t ORDER BY d"],
                Mismatch,
                &["node `pg`", "`d`", odd],
            )
            .agree_or_fail(
                &[
                    "SELECT id FROM t WHERE d > DATE '2000-01-01'",
                    "SELECT id FROM t WHERE d <= DATE '2024-01-05'",
                    "SELECT id FROM t WHERE d <> DATE '2000-01-01'",
                    "SELECT id FROM t WHERE d = DATE '2024-01-05'",
                ],
                Mismatch,
                &["node `pg`", "`d`", odd],
            );
        }
    }
    let far = "(1, '0001-01-01'), (2, '9999-12-31'), (3, '2262-04-12'), (4, '1582-10-10')";
    days(far).answer(&[
        ("SELECT id FROM t WHERE d > DATE '2262-04-11' ORDER BY d", "3, 2"),
        ("SELECT d FROM t ORDER BY d LIMIT 2", "0001-01-01, 1582-10-10"),
        ("SELECT max(d) FROM t", "9999-12-31"),
        ("SELECT id FROM t WHERE d = DATE '1582-10-10'", "4"),
    ]);
    times(&far.replace("')", " 00:00:00')")).answer(&[
        ("SELECT at FROM t ORDER BY at LIMIT 2", "0001-01-01T00:00:00, 1582-10-10T00:00:00"),
        ("SELECT max(at) FROM t", "9999-12-31T00:00:00"),
        (
            "SELECT id FROM t WHERE at > arrow_cast('3000-01-01', 'Timestamp(Microsecond, None)')",
            "2",
        ),
        ("SELECT id FROM t WHERE CAST(at AS DATE) = DATE '9999-12-31'", "2"),
    ]);
    // Before year 1 databases disagree on whether there is a year 0; behind 262142 no calendar here can print.
    for odd in ["0044-03-15 BC", "300000-01-01"] {
        let rows = format!("(1, '2024-01-05'), (2, '{odd}')");
        Trap {
            columns: "id bigint not null, d date",
            rows: "(1, '2024-01-05')",
            kept: &[postgres("id bigint, d date").rows(&rows)],
        }
        .open()
        .fail(&["SELECT d FROM t", "SELECT min(d) FROM t"], Mismatch, &["node `pg`", "`d`", odd])
        .agree_or_fail(&COMPARED, Mismatch, &["node `pg`", "`d`", odd]);
    }
}

#[test]
fn d7_values_before_1970_are_themselves() {
    days("(1, '1969-12-31'), (2, '1900-02-28'), (3, '1970-01-01'), (4, '1583-01-01')").answer(&[
        ("SELECT d FROM t ORDER BY d", "1583-01-01, 1900-02-28, 1969-12-31, 1970-01-01"),
        ("SELECT id FROM t WHERE d < DATE '1970-01-01' AND d > DATE '1900-01-01'", "1, 2"),
    ]);
    let times_before = "(1, '1969-12-31 23:59:59.999999'), (2, '1969-12-31 23:59:59'), \
                        (3, '1900-01-01 00:00:00.5'), (4, '1970-01-01 00:00:00.000001')";
    let queries = [
        "SELECT at FROM t",
        "SELECT id FROM t WHERE at < TIMESTAMP '1970-01-01 00:00:00'",
        "SELECT id FROM t WHERE at = TIMESTAMP '1969-12-31 23:59:59.999999'",
        "SELECT id FROM t WHERE at >= TIMESTAMP '1900-01-01 00:00:00.500001'",
        "SELECT id FROM t ORDER BY at LIMIT 2",
        "SELECT date_trunc('second', at), CAST(at AS DATE) FROM t",
    ];
    times(times_before).agree(&queries);
    Trap {
        columns: "id bigint not null, at timestamptz",
        rows: times_before,
        kept: &[
            postgres("id bigint, at timestamptz"),
            mariadb("id bigint, at datetime(6)"),
            mysql("id bigint, at datetime(6)"),
            sqlite("id INTEGER, at TEXT"),
        ],
    }
    .open()
    .agree(&queries);
    World::new(
        "  t:\n    columns: { id: bigint not null, d: date, s: timestamp, m: timestamptz, u: timestamp, j: timestamp }\n    \
         layout:\n      stored:\n        at: lite.t\n        encoding: { d: unix_seconds, s: unix_seconds, m: unix_millis, \
         u: unix_micros, j: julian_day }",
    )
    .local(
        "lite",
        &[
            "CREATE TABLE t (id INTEGER, d INTEGER, s INTEGER, m INTEGER, u INTEGER, j REAL)",
            "INSERT INTO t VALUES (1, -86400, -1, -1500, -1, 2440587.25), (2, 0, 0, 0, 0, 2440587.5)",
        ],
    )
    .rows(
        "t",
        "(1, '1969-12-31', '1969-12-31 23:59:59', '1969-12-31 23:59:58.5', '1969-12-31 23:59:59.999999', '1969-12-31 18:00:00'), \
         (2, '1970-01-01', '1970-01-01', '1970-01-01', '1970-01-01', '1970-01-01')",
    )
    .open()
    .agree(&[
        "SELECT * FROM t",
        "SELECT id FROM t WHERE d < DATE '1970-01-01'",
        "SELECT id FROM t WHERE s = TIMESTAMP '1969-12-31 23:59:59'",
        "SELECT id FROM t WHERE s > TIMESTAMP '1969-12-31 23:59:59.5'",
        "SELECT id FROM t WHERE m <= TIMESTAMP '1969-12-31 23:59:58.5'",
        "SELECT id FROM t WHERE m < TIMESTAMP '1969-12-31 23:59:58.5001'",
        "SELECT id FROM t WHERE u = TIMESTAMP '1969-12-31 23:59:59.999999'",
        "SELECT id FROM t WHERE j < TIMESTAMP '1970-01-01 00:00:00'",
        "SELECT id FROM t ORDER BY u LIMIT 1",
    ]);
}

#[test]
fn d8_sqlite_spellings_of_one_time_are_one_time() {
    let rows = "(1, '2024-01-01 00:00:00'), (2, '2024-01-01 00:00:00.5'), (3, '2024-01-01 00:00:00.5'), \
                (4, '2024-01-01 00:00:00'), (5, '2023-12-31 23:00:00')";
    let spelled = "(1, '2024-01-01T00:00:00'), (2, '2024-01-01 00:00:00.5'), (3, '2024-01-01T00:00:00.500'), \
                   (4, '2024-01-01 00:00:00.000000000'), (5, '2023-12-31T23:00:00.000')";
    Trap {
        columns: "id bigint not null, at timestamp",
        rows,
        kept: &[
            sqlite("id INTEGER, at TEXT").rows(spelled),
            sqlite("id INTEGER, at").rows(spelled),
        ],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE at = TIMESTAMP '2024-01-01 00:00:00'", "1, 4"),
        ("SELECT id FROM t WHERE at > TIMESTAMP '2024-01-01 00:00:00'", "2, 3"),
        ("SELECT id FROM t WHERE at < TIMESTAMP '2024-01-01 00:00:00'", "5"),
        ("SELECT id FROM t ORDER BY at DESC, id LIMIT 2", "2, 3"),
        ("SELECT count(DISTINCT at) FROM t", "3"),
        ("SELECT at, count(*) FROM t GROUP BY at ORDER BY at LIMIT 1", "2023-12-31T23:00:00|1"),
    ]);
    World::new(
        "  t:\n    columns: { id: bigint not null, at: timestamptz }\n    layout: { stored: lite.t }",
    )
    .local(
        "lite",
        &[
            "CREATE TABLE t (id INTEGER, at TEXT)",
            "INSERT INTO t VALUES (1, '2024-01-01T00:00:00Z'), (2, '2024-01-01 05:30:00+05:30'), (3, '2023-12-31T19:00:00-05:00')",
        ],
    )
    .rows("t", "(1, '2024-01-01'), (2, '2024-01-01'), (3, '2024-01-01')")
    .open()
    .agree(&["SELECT * FROM t", "SELECT id FROM t WHERE at = TIMESTAMP '2024-01-01 00:00:00'"]);
}

#[test]
fn d8_what_is_no_date_in_sqlite_is_an_error_and_satisfies_nothing() {
    for odd in ["20240105", "2460310.5", "'2024-1-5'", "'2024-01-05 10:00'", "'soon'", "x'61'"] {
        let rows = format!("(1, '1999-12-31'), (2, '2024-01-05'), (3, NULL), (4, {odd})");
        let value = odd.trim_matches('\'');
        let told: &[&str] = if odd.starts_with('x') { &["`d`"] } else { &["`d`", value] };
        for declared in ["id INTEGER, d TEXT", "id INTEGER, d DATE", "id INTEGER, d"] {
            // A number becomes a text in a TEXT column.
            Trap {
                columns: "id bigint not null, d date",
                rows: "(1, '1999-12-31'), (2, '2024-01-05'), (3, NULL)",
                kept: &[sqlite(declared).rows(&rows)],
            }
            .open()
            .agree_or_fail(&COMPARED, Mismatch, told)
            .fail(&SEEN, Mismatch, told);
        }
    }
}

#[test]
fn d9_a_month_later_is_the_last_day_of_a_short_month() {
    days("(1, '2024-01-31'), (2, '2024-02-29'), (3, '2023-01-31')").answer(&[
        (
            "SELECT id, CAST(d + INTERVAL '1 month' AS DATE) FROM t",
            "1|2024-02-29, 2|2024-03-29, 3|2023-02-28",
        ),
        ("SELECT id FROM t WHERE d + INTERVAL '1 month' = DATE '2024-02-29'", "1"),
        ("SELECT id FROM t WHERE d > DATE '2024-03-31' - INTERVAL '1 month'", ""),
        ("SELECT id FROM t WHERE d >= DATE '2024-03-31' - INTERVAL '1 month'", "2"),
        ("SELECT id FROM t WHERE d - INTERVAL '1 year' = DATE '2023-01-31'", "1"),
    ]);
}

#[test]
fn d10_days_of_the_week_are_ours() {
    let days = days("(1, '2024-01-07'), (2, '2024-01-08'), (3, '2021-01-03')");
    days.answer(&[
        ("SELECT id, date_part('dow', d) FROM t", "1|0, 2|1, 3|0"),
        ("SELECT id FROM t WHERE extract(dow FROM d) = 0", "1, 3"),
        ("SELECT id, date_part('week', d) FROM t", "1|1, 2|2, 3|53"),
    ]);
    days.agree(&["SELECT date_trunc('week', d), date_part('doy', d), to_char(d, '%a'), date_part('isodow', d) FROM t"]);
}

#[test]
fn d11_a_time_of_day_outside_of_the_day_is_an_error() {
    let kept = "id bigint, c time(6)";
    Trap {
        columns: "id bigint not null, c time",
        rows: "(1, '00:00:00'), (2, '23:59:59.999999'), (3, '12:00:00.5'), (4, NULL)",
        kept: &[postgres(kept), mariadb(kept), mysql(kept), sqlite("id INTEGER, c TEXT")],
    }
    .open()
    .agree(&[
        "SELECT * FROM t",
        "SELECT id FROM t WHERE c = '12:00:00.5'",
        "SELECT id FROM t WHERE c > arrow_cast('12:00:00', 'Time64(Microsecond)')",
        "SELECT id FROM t ORDER BY c DESC NULLS LAST LIMIT 2",
        "SELECT max(c) FROM t",
    ]);
    for odd in ["24:00:00", "838:59:59", "-00:00:01"] {
        let rows = format!("(1, '12:00:00'), (2, '{odd}')");
        let trap = [mariadb(kept).rows(&rows), mysql(kept).rows(&rows)];
        Trap { columns: "id bigint not null, c time", rows: "(1, '12:00:00')", kept: &trap }
            .open()
            .fail(&["SELECT c FROM t", "SELECT max(c) FROM t"], Mismatch, &["`c`", odd])
            .agree_or_fail(
                &[
                    "SELECT id FROM t WHERE c < '13:00:00'",
                    "SELECT id FROM t WHERE c >= '00:00:00'",
                    "SELECT id FROM t WHERE c <> '01:00:00'",
                ],
                Mismatch,
                &["`c`", odd],
            );
    }
    Trap {
        columns: "id bigint not null, c time",
        rows: "(1, '12:00:00')",
        kept: &[postgres("id bigint, c time").rows("(1, '12:00:00'), (2, '24:00:00')")],
    }
    .open()
    .fail(&["SELECT c FROM t"], Mismatch, &["node `pg`", "`c`", "24:00:00"]);
}

#[test]
fn d12_loose_date_texts_are_no_dates() {
    days("(1, '1999-01-01'), (2, '2024-01-05')")
        .answer(&[
            ("SELECT id FROM t WHERE d = '1999-01-01'", "1"),
            ("SELECT id FROM t WHERE d IN ('2024-01-05', '1999-01-02')", "2"),
        ])
        .refuse(
            &[
                "SELECT id FROM t WHERE d = '99-01-01'",
                "SELECT id FROM t WHERE d = '2024/01/05'",
                "SELECT id FROM t WHERE d > 'yesterday'",
            ],
            Invalid,
            &[],
        );
    let table = |node: &str| {
        format!(
            "  t:\n    columns: {{ id: bigint not null, d: date }}\n    layout: {{ stored: {{ at: {node}.t, \
             columns: {{ d: \"CAST(v AS DATE)\" }} }} }}"
        )
    };
    for node in ["pg", "maria", "my", "lite"] {
        let rows = "(1, '2024-01-05'), (2, '99-01-01')";
        World::new(&table(node))
            .local(
                node,
                &[
                    "CREATE TABLE t (id bigint, v varchar(20))",
                    &format!("INSERT INTO t VALUES {rows}"),
                ],
            )
            .rows("t", "(1, '2024-01-05')")
            .open()
            .fail(
                &["SELECT d FROM t", "SELECT id FROM t WHERE d < DATE '2000-01-01'"],
                Invalid,
                &[],
            );
    }
}

#[test]
fn d13_a_date_beside_a_timestamp_is_its_midnight() {
    let kept = "id bigint, d date, at timestamp";
    let mysql_kept = "id bigint, d date, at datetime(6)";
    Trap {
        columns: "id bigint not null, d date, at timestamp",
        rows: "(1, '2024-01-01', '2024-01-01 00:00:00'), (2, '2024-01-01', '2024-01-01 12:00:00'), (3, '2023-12-31', NULL)",
        kept: &[
            postgres(kept),
            mariadb(mysql_kept),
            mysql(mysql_kept),
            sqlite("id INTEGER, d TEXT, at TEXT"),
        ],
    }
    .open()
    .answer(&[
        ("SELECT id FROM t WHERE d = TIMESTAMP '2024-01-01 00:00:00'", "1, 2"),
        ("SELECT id FROM t WHERE d = TIMESTAMP '2024-01-01 12:00:00'", ""),
        ("SELECT id FROM t WHERE d < TIMESTAMP '2024-01-01 12:00:00'", "1, 2, 3"),
        ("SELECT id FROM t WHERE at = DATE '2024-01-01'", "1"),
        ("SELECT id FROM t WHERE at > DATE '2024-01-01'", "2"),
        ("SELECT id FROM t WHERE d = at", "1"),
        ("SELECT id FROM t WHERE d < at", "2"),
        ("SELECT a.id, b.id FROM t a JOIN t b ON a.d = b.at", "1|1, 2|1"),
    ]);
}

#[test]
fn d14_intervals_are_compared_here() {
    days("(1, '2024-01-31'), (2, '2024-03-01')").agree(&[
        "SELECT id FROM t WHERE INTERVAL '1 month' = INTERVAL '30 days'",
        "SELECT id, d + INTERVAL '1 month' = d + INTERVAL '30 days' FROM t",
    ]);
    Trap {
        columns: "id bigint not null, i text",
        rows: "(1, '1 mon')",
        kept: &[postgres("id bigint, i interval")],
    }
    .open()
    .answer(&[("SELECT id FROM t", "1")])
    .fail(
        &["SELECT i FROM t", "SELECT id FROM t WHERE i = '30 days'"],
        Mismatch,
        &["node `pg`", "column `i` is interval", "the catalog says text"],
    );
}

#[test]
fn d15_a_time_with_a_zone_is_no_time_and_sqlite_gets_dates_as_texts() {
    Trap {
        columns: "id bigint not null, c time",
        rows: "(1, '12:00:00')",
        kept: &[postgres("id bigint, c timetz")],
    }
    .open()
    .answer(&[("SELECT id FROM t", "1")])
    .fail(
        &["SELECT c FROM t"],
        Mismatch,
        &["node `pg`", "column `c` is time with time zone", "the catalog says time"],
    );
    Trap {
        columns: "id bigint not null, d date",
        rows: "(1, '2024-01-05'), (2, NULL)",
        kept: &[sqlite("id INTEGER, d TEXT")],
    }
    .open()
    .answer(&[("SELECT id FROM t WHERE d >= DATE '2024-01-05'", "1")])
    .send("SELECT id FROM t WHERE d = DATE '2024-01-05'", &["t.\"d\" = '2024-01-05'"]);
}
