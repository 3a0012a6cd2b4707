//! The type matrix: what each catalog type takes from PostgreSQL, and what it refuses.

use intarsia_catalog::Type;
use intarsia_connectors::ErrorKind;

use crate::support::{Database, query, texts};

const fn decimal(precision: u8, scale: u8) -> Type {
    Type::Decimal { precision, scale }
}

/// Values of a local type (as SQL literals) and what they are under a global type.
struct Case {
    local: &'static str,
    ty: Type,
    fits: &'static [(&'static str, &'static str)],
    /// What does not fit, and how the message shows it.
    misfits: &'static [(&'static str, &'static str)],
}

const WHOLE: &[Case] = &[
    Case {
        local: "boolean",
        ty: Type::Boolean,
        fits: &[("true", "true"), ("false", "false")],
        misfits: &[],
    },
    Case {
        local: "bit(1)",
        ty: Type::Boolean,
        fits: &[("B'1'", "true"), ("B'0'", "false")],
        misfits: &[],
    },
    Case {
        local: "smallint",
        ty: Type::SmallInt,
        fits: &[("-32768", "-32768"), ("32767", "32767")],
        misfits: &[],
    },
    Case {
        local: "integer",
        ty: Type::SmallInt,
        fits: &[("32767", "32767")],
        misfits: &[("32768", "32768"), ("-32769", "-32769")],
    },
    Case {
        local: "integer",
        ty: Type::SmallIntUnsigned,
        fits: &[("0", "0"), ("65535", "65535")],
        misfits: &[("-1", "-1"), ("65536", "65536")],
    },
    Case {
        local: "integer",
        ty: Type::Integer,
        fits: &[("-2147483648", "-2147483648"), ("2147483647", "2147483647")],
        misfits: &[],
    },
    Case {
        local: "bigint",
        ty: Type::Integer,
        fits: &[("7", "7")],
        misfits: &[("2147483648", "2147483648")],
    },
    Case {
        local: "bigint",
        ty: Type::IntegerUnsigned,
        fits: &[("0", "0"), ("4294967295", "4294967295")],
        misfits: &[("-1", "-1"), ("4294967296", "4294967296")],
    },
    Case {
        local: "bigint",
        ty: Type::BigInt,
        fits: &[
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775807", "9223372036854775807"),
        ],
        misfits: &[],
    },
    Case {
        local: "numeric(20,0)",
        ty: Type::BigIntUnsigned,
        fits: &[("0", "0"), ("18446744073709551615", "18446744073709551615")],
        misfits: &[("-1", "-1"), ("18446744073709551616", "18446744073709551616")],
    },
    Case {
        local: "bigint",
        ty: Type::BigIntUnsigned,
        fits: &[("9223372036854775807", "9223372036854775807")],
        misfits: &[("-1", "-1")],
    },
    Case {
        local: "numeric",
        ty: Type::BigInt,
        fits: &[("7.000", "7"), ("-1e3", "-1000")],
        misfits: &[
            ("7.5", "7.5"),
            ("9223372036854775808", "9223372036854775808"),
            ("'NaN'", "NaN"),
        ],
    },
    Case {
        local: "bigint",
        ty: decimal(10, 2),
        fits: &[("99999999", "99999999.00")],
        misfits: &[("100000000", "100000000")],
    },
];

const FRACTIONS: &[Case] = &[
    Case {
        local: "numeric",
        ty: decimal(5, 2),
        fits: &[
            ("999.99", "999.99"),
            ("-999.99", "-999.99"),
            ("0", "0.00"),
            ("1.5", "1.50"),
            ("1.500000", "1.50"),
        ],
        misfits: &[
            ("1000", "1000"),
            ("1.005", "1.005"),
            ("'NaN'", "NaN"),
            ("'Infinity'", "Infinity"),
            ("'-Infinity'", "-Infinity"),
            ("1e200", "1000000000000000000000000000000000000000"),
        ],
    },
    Case {
        local: "numeric(38,0)",
        ty: decimal(38, 0),
        fits: &[
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
            ("-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"),
        ],
        misfits: &[],
    },
    Case {
        local: "numeric(38,38)",
        ty: decimal(38, 38),
        fits: &[
            (
                "0.99999999999999999999999999999999999999",
                "0.99999999999999999999999999999999999999",
            ),
            ("1e-38", "0.00000000000000000000000000000000000001"),
        ],
        misfits: &[],
    },
    Case {
        local: "numeric(38,10)",
        ty: decimal(38, 10),
        fits: &[
            ("9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999"),
            ("-1234567890123456789012345678.1", "-1234567890123456789012345678.1000000000"),
        ],
        misfits: &[],
    },
    Case {
        local: "numeric(50,12)",
        ty: decimal(38, 10),
        fits: &[("12.340000000000", "12.3400000000")],
        misfits: &[
            ("0.000000000001", "0.000000000001"),
            (
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999.000000000000",
            ),
        ],
    },
    Case {
        local: "real",
        ty: Type::Real,
        fits: &[
            ("0.1", "0.1"),
            ("'NaN'", "NaN"),
            ("'-Infinity'", "-inf"),
            ("-0.0::real", "-0.0"),
            ("3.4028235e38", "3.4028235e38"),
        ],
        misfits: &[],
    },
    Case {
        local: "real",
        ty: Type::Double,
        fits: &[("0.5", "0.5"), ("0.1", "0.10000000149011612")],
        misfits: &[],
    },
    Case {
        local: "double precision",
        ty: Type::Double,
        fits: &[
            ("0.1", "0.1"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e308"),
            ("'NaN'", "NaN"),
            ("'Infinity'", "inf"),
        ],
        misfits: &[],
    },
    Case {
        local: "double precision",
        ty: Type::Real,
        fits: &[("0.5", "0.5"), ("'NaN'", "NaN")],
        misfits: &[("0.1", "0.1"), ("1e39", "1e39")],
    },
];

const TEXTS: &[Case] = &[
    Case {
        local: "text",
        ty: Type::Text,
        fits: &[("''", ""), ("'a '", "a "), ("'é漢🎻'", "é漢🎻"), ("E'\\t\\n\\\\'", "\t\n\\")],
        misfits: &[],
    },
    Case { local: "varchar(9)", ty: Type::Text, fits: &[("'a '", "a ")], misfits: &[] },
    Case {
        local: "char(4)",
        ty: Type::Text,
        fits: &[("'a'", "a"), ("' a '", " a"), ("''", ""), ("'abcd'", "abcd")],
        misfits: &[],
    },
    Case { local: "name", ty: Type::Text, fits: &[("'n'", "n")], misfits: &[] },
    Case { local: "citext", ty: Type::Text, fits: &[("'Ab'", "Ab")], misfits: &[] },
    Case {
        local: "mood",
        ty: Type::Text,
        fits: &[("'sad'", "sad"), ("'über glad'", "über glad")],
        misfits: &[],
    },
    Case {
        local: "uuid",
        ty: Type::Text,
        fits: &[("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")],
        misfits: &[],
    },
    Case {
        local: "uuid",
        ty: Type::Uuid,
        fits: &[
            ("'00000000-0000-0000-0000-000000000000'", "00000000-0000-0000-0000-000000000000"),
            ("'ffffffff-ffff-ffff-ffff-ffffffffffff'", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ],
        misfits: &[],
    },
    Case {
        local: "text",
        ty: Type::Uuid,
        fits: &[("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")],
        misfits: &[("'a0eebc99'", "a0eebc99"), ("''", "")],
    },
    Case {
        local: "json",
        ty: Type::Json,
        fits: &[("'{\"b\": 1,  \"a\":2}'", "{\"b\": 1,  \"a\":2}")],
        misfits: &[],
    },
    Case {
        local: "jsonb",
        ty: Type::Json,
        fits: &[("'{\"b\": 1,  \"a\":2}'", "{\"a\": 2, \"b\": 1}"), ("'null'", "null")],
        misfits: &[],
    },
    Case { local: "jsonb", ty: Type::Text, fits: &[("'[1]'", "[1]")], misfits: &[] },
    Case { local: "positive", ty: Type::Integer, fits: &[("7", "7")], misfits: &[] },
    Case {
        local: "bytea",
        ty: Type::Binary,
        fits: &[("''", ""), ("'\\x00ff'", "00ff")],
        misfits: &[],
    },
];

const TIMES: &[Case] = &[
    Case {
        local: "date",
        ty: Type::Date,
        fits: &[
            ("'0001-01-01'", "0001-01-01"),
            ("'1969-12-31'", "1969-12-31"),
            ("'2024-02-29'", "2024-02-29"),
            ("'9999-12-31'", "9999-12-31"),
        ],
        misfits: &[
            ("'infinity'", "infinity"),
            ("'-infinity'", "-infinity"),
            ("'0001-12-31 BC'", "0001-12-31 BC"),
            ("'4713-01-01 BC'", "4713-01-01 BC"),
            ("'5874897-12-31'", "5874897-12-31"),
        ],
    },
    Case {
        local: "time",
        ty: Type::Time,
        fits: &[("'00:00'", "00:00:00"), ("'23:59:59.999999'", "23:59:59.999999")],
        misfits: &[("'24:00'", "24:00:00")],
    },
    Case {
        local: "timestamp",
        ty: Type::Timestamp,
        fits: &[
            ("'0001-01-01 00:00'", "0001-01-01T00:00:00"),
            ("'1969-12-31 23:59:59.999999'", "1969-12-31T23:59:59.999999"),
            ("'9999-12-31 23:59:59.999999'", "9999-12-31T23:59:59.999999"),
        ],
        misfits: &[
            ("'infinity'", "infinity"),
            ("'-infinity'", "-infinity"),
            ("'0001-12-31 23:59 BC'", "0001-12-31 BC 23:59:00"),
            ("'294276-12-31 23:59:59.999999'", "294276-12-31 23:59:59.999999"),
        ],
    },
    Case {
        local: "timestamp(0)",
        ty: Type::Timestamp,
        fits: &[("'2024-01-01 10:00'", "2024-01-01T10:00:00")],
        misfits: &[],
    },
    Case {
        local: "timestamptz",
        ty: Type::TimestampTz,
        fits: &[
            ("'2024-01-01 00:00+05:30'", "2023-12-31T18:30:00Z"),
            ("'1900-01-01 00:00Z'", "1900-01-01T00:00:00Z"),
        ],
        misfits: &[
            ("'infinity'", "infinity"),
            ("'0044-03-15 12:00Z BC'", "0044-03-15 BC 12:00:00"),
        ],
    },
];

async fn check(cases: &[Case]) {
    let types = [
        "CREATE EXTENSION citext",
        "CREATE TYPE mood AS ENUM ('sad', 'über glad')",
        "CREATE DOMAIN small AS integer CHECK (VALUE < 100)",
        "CREATE DOMAIN positive AS small CHECK (VALUE > 0)",
    ];
    let database = Database::new(&types).await;
    for (number, case) in cases.iter().enumerate() {
        let table = format!("t{number}");
        let literals = case.fits.iter().chain(case.misfits).map(|(literal, _)| *literal);
        let rows: Vec<_> =
            literals.enumerate().map(|(n, value)| format!("({n}, {value})")).collect();
        database.run(&[&format!("CREATE TABLE {table} (n integer, v {})", case.local)]).await;
        database
            .run(&[&format!("INSERT INTO {table} VALUES (-1, NULL), {}", rows.join(", "))])
            .await;
        check_case(&database, &table, case).await;
    }
}

async fn check_case(database: &Database, table: &str, case: &Case) {
    let (local, ty) = (case.local, case.ty);
    let fitting = case.fits.len();
    let sql = format!("SELECT v FROM public.{table} WHERE n < {fitting} ORDER BY n");
    let rows = database.rows(query(&sql, &[("v", ty)])).await;
    let expected = ["NULL"].into_iter().chain(case.fits.iter().map(|(_, shown)| *shown));
    let rows = rows.unwrap_or_else(|e| panic!("{local} as {ty}: {e}"));
    assert_eq!(texts(&rows), expected.collect::<Vec<_>>(), "{local} as {ty}");
    for (at, (_, shown)) in case.misfits.iter().enumerate() {
        let sql = format!("SELECT v FROM public.{table} WHERE n = {}", fitting + at);
        let error = database.fails(query(&sql, &[("v", ty)])).await;
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        let start = format!("relation `public.t`, column `v`: value `{shown}");
        assert!(error.message().starts_with(&start), "{local} as {ty}: {error}");
        assert!(error.message().contains(&format!("does not fit {ty}")), "{error}");
    }
}

#[tokio::test]
async fn truth_values_and_whole_numbers() {
    check(WHOLE).await;
}

#[tokio::test]
async fn decimals_and_floats() {
    check(FRACTIONS).await;
}

#[tokio::test]
async fn texts_and_bytes() {
    check(TEXTS).await;
}

#[tokio::test]
async fn dates_and_times() {
    check(TIMES).await;
}

#[tokio::test]
async fn a_null_in_a_column_that_has_none_is_an_error() {
    let database = Database::new(&[]).await;
    let mut query = query("SELECT NULL::int4 UNION ALL SELECT 1", &[("v", Type::Integer)]);
    query.columns[0].nullable = false;
    let error = database.fails(query).await;
    let expected =
        "node `eu`: relation `public.t`, column `v`: value NULL, but the catalog says not null";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_type_that_is_not_as_promised_is_told_before_any_row() {
    let database = Database::new(&[]).await;
    let cases = [
        ("SELECT 'a'::text", Type::Integer, "is text: the catalog says integer"),
        ("SELECT 1", Type::Text, "is int4: the catalog says text"),
        ("SELECT 1", Type::Boolean, "is int4: the catalog says boolean"),
        ("SELECT 1", Type::Double, "is int4: the catalog says double"),
        ("SELECT now()", Type::Timestamp, "is timestamptz: the catalog says timestamp"),
        (
            "SELECT now()::timestamp",
            Type::TimestampTz,
            "is timestamp: the catalog says timestamptz",
        ),
        ("SELECT interval '1 day'", Type::Text, "is interval: the catalog says text"),
        ("SELECT ARRAY[1]", Type::Json, "is _int4: the catalog says json"),
        ("SELECT 1, 2", Type::Integer, "relation `public.t`: 2 columns, not 1"),
    ];
    for (sql, ty, expected) in cases {
        let error = database.fails(query(sql, &[("v", ty)])).await;
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        assert!(error.message().contains(expected), "{error}");
    }
    let two_bits = database.fails(query("SELECT B'10'", &[("v", Type::Boolean)])).await;
    assert_eq!(two_bits.kind(), ErrorKind::Mismatch);
}

#[tokio::test]
async fn columns_keep_their_order_and_a_row_may_have_none() {
    let database = Database::new(&[]).await;
    let two = query("SELECT 'x', 7", &[("a", Type::Text), ("b", Type::BigInt)]);
    let schema = two.schema();
    let rows = database.rows(two).await.unwrap();
    assert_eq!((rows[0].num_columns(), rows[0].schema()), (2, schema));
    let none = database.rows(query("SELECT FROM generate_series(1, 10000)", &[])).await.unwrap();
    assert_eq!(none.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>(), 10_000);
    let empty = database.rows(query("SELECT 1 WHERE false", &[("v", Type::Integer)])).await;
    assert!(empty.unwrap().is_empty());
}
