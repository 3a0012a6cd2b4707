//! The type matrix: every type of the catalog × every storage class × the edges, the odd and the unfit.

use arrow::util::display::{ArrayFormatter, FormatOptions};
use arrow_array::{Array, RecordBatch};
use intarsia_catalog::{Encoding, Type};
use intarsia_connectors::{Column, ErrorKind, Query};

use crate::support::{File, column};

const NULL: &str = "NULL";

/// Stores each of `fit` (an SQL literal, and the value as Arrow shows it) and each of `unfit` (a literal, and the
/// value as SQLite shows it) in a column without affinity, and reads them one by one.
async fn check(ty: Type, fit: &[(&str, &str)], unfit: &[(&str, &str)]) {
    check_encoded(ty, None, fit, unfit).await;
}

async fn check_encoded(
    ty: Type,
    encoding: Option<Encoding>,
    fit: &[(&str, &str)],
    unfit: &[(&str, &str)],
) {
    let file =
        stored(&fit.iter().chain(unfit).map(|(literal, _)| *literal).collect::<Vec<_>>()).await;
    for (row, (literal, value)) in (1..).zip(fit) {
        let batches = file.rows(one(row, column("v", ty, encoding))).await;
        let shown = batches.map(|batches| shown(&batches)).map_err(|error| error.to_string());
        assert_eq!(shown, Ok(format!("{}|{value}", ty.arrow())), "{literal} as {ty}");
    }
    for (row, (literal, value)) in (fit.len() + 1..).zip(unfit) {
        let error = match file.rows(one(row, column("v", ty, encoding))).await {
            Ok(batches) => panic!("{literal} as {ty}: {}", shown(&batches)),
            Err(error) => error,
        };
        let expect = format!(
            "node `archive`: relation `main.t`, column `v`: value `{value}` does not fit {ty}"
        );
        assert!(error.to_string().starts_with(&expect), "{literal} as {ty}: {error}");
        assert_eq!(error.kind(), ErrorKind::Mismatch);
    }
    let error = file.fails(one(1, Column { nullable: false, ..column("v", ty, encoding) })).await;
    assert_eq!(
        error.to_string(),
        "node `archive`: relation `main.t`, column `v`: value NULL, but the catalog says not null"
    );
}

async fn stored(literals: &[&str]) -> File {
    assert_eq!(literals.first(), Some(&NULL), "every type is tried with NULL");
    let row = |(id, literal): (usize, &&str)| format!("({id}, {literal})");
    let rows: Vec<_> = (1..).zip(literals).map(row).collect();
    let insert = format!("INSERT INTO t VALUES {}", rows.join(", "));
    File::new(&["CREATE TABLE t (id INTEGER PRIMARY KEY, v)", &insert]).await
}

fn one(row: usize, column: Column) -> Query {
    let sql = format!("SELECT v FROM t WHERE id = {row}");
    Query { sql, columns: vec![column], relation: "main.t".to_owned() }
}

/// `type|value` of the one value there is.
fn shown(batches: &[RecordBatch]) -> String {
    let [batch] = batches else { panic!("{} batches", batches.len()) };
    assert_eq!(batch.num_rows(), 1);
    let array = batch.column(0);
    let options = FormatOptions::new().with_null(NULL);
    let formatter = ArrayFormatter::try_new(array, &options).unwrap();
    format!("{}|{}", array.data_type(), formatter.value(0))
}

#[tokio::test]
async fn booleans_are_0_and_1() {
    check(
        Type::Boolean,
        &[(NULL, NULL), ("0", "false"), ("1", "true"), ("TRUE", "true"), ("1.0", "true")],
        &[
            ("2", "2"),
            ("-1", "-1"),
            ("0.5", "0.5"),
            ("'true'", "true"),
            ("'1'", "1"),
            ("''", ""),
            ("x'01'", "0x01"),
        ],
    )
    .await;
}

#[tokio::test]
async fn whole_numbers_keep_to_their_width() {
    for (ty, least, most, below, above) in [
        (Type::SmallInt, "-32768", "32767", "-32769", "32768"),
        (Type::SmallIntUnsigned, "0", "65535", "-1", "65536"),
        (Type::Integer, "-2147483648", "2147483647", "-2147483649", "2147483648"),
        (Type::IntegerUnsigned, "0", "4294967295", "-1", "4294967296"),
    ] {
        check(
            ty,
            &[(NULL, NULL), (least, least), (most, most), ("7.0", "7"), ("-0.0", "0")],
            &[
                (below, below),
                (above, above),
                ("9223372036854775807", "9223372036854775807"),
                ("1.5", "1.5"),
                ("1e15", "1.0e+15"),
                ("9e999", "Inf"),
                ("'1'", "1"),
                ("'one'", "one"),
                ("x'31'", "0x31"),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn long_whole_numbers_come_from_reals_only_while_those_are_exact() {
    check(
        Type::BigInt,
        &[
            (NULL, NULL),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775807", "9223372036854775807"),
            ("9007199254740992.0", "9007199254740992"),
        ],
        &[
            // One more than the largest integer: SQLite reads it as a REAL.
            ("9223372036854775808", "9.223372036854776e18"),
            ("9007199254740994.0", "9007199254740994.0"),
            ("0.1", "0.1"),
            ("''", ""),
        ],
    )
    .await;
    check(
        Type::BigIntUnsigned,
        &[(NULL, NULL), ("0", "0"), ("9223372036854775807", "9223372036854775807")],
        &[("-1", "-1"), ("18446744073709551615", "1.8446744073709552e19")],
    )
    .await;
}

#[tokio::test]
async fn doubles_hold_any_real_and_the_integers_that_are_exact() {
    check(
        Type::Double,
        &[
            (NULL, NULL),
            ("0.1", "0.1"),
            ("-1.7976931348623157e308", "-1.7976931348623157e308"),
            ("5e-324", "5e-324"),
            ("9e999", "inf"),
            ("-9e999", "-inf"),
            ("5", "5.0"),
            ("-9007199254740992", "-9007199254740992.0"),
            // SQLite makes NULL of what is no number.
            ("9e999 - 9e999", NULL),
        ],
        &[
            ("9007199254740993", "9007199254740993"),
            ("9223372036854775807", "9223372036854775807"),
            ("'0.1'", "0.1"),
            ("'NaN'", "NaN"),
            ("x''", "0x"),
        ],
    )
    .await;
}

#[tokio::test]
async fn reals_hold_only_what_is_exact_in_32_bits() {
    check(
        Type::Real,
        &[
            (NULL, NULL),
            ("0.5", "0.5"),
            ("16777216", "16777216.0"),
            ("3.4028234663852886e38", "3.4028235e38"),
            ("1.401298464324817e-45", "1e-45"),
            ("9e999", "inf"),
        ],
        &[("0.1", "0.1"), ("16777217", "16777217"), ("3.5e38", "3.5e+38"), ("'0.5'", "0.5")],
    )
    .await;
}

#[tokio::test]
async fn decimals_are_texts_or_numbers_that_lose_no_digit() {
    check(
        Type::Decimal { precision: 12, scale: 2 },
        &[
            (NULL, NULL),
            ("0", "0.00"),
            ("-5", "-5.00"),
            ("9999999999", "9999999999.00"),
            ("19.99", "19.99"),
            ("-0.07", "-0.07"),
            ("9999999999.99", "9999999999.99"),
            ("'9999999999.99'", "9999999999.99"),
            ("'-9999999999.990000'", "-9999999999.99"),
            ("'+.5'", "0.50"),
            ("'1e3'", "1000.00"),
        ],
        &[
            ("10000000000", "10000000000"),
            ("0.125", "0.125"),
            ("0.1 + 0.2", "0.30000000000000004"),
            ("1e11", "100000000000.0"),
            ("9e999", "Inf"),
            ("'1.005'", "1.005"),
            ("'10000000000'", "10000000000"),
            ("'abc'", "abc"),
            ("'NaN'", "NaN"),
            ("' 1'", " 1"),
            ("'1,5'", "1,5"),
            ("''", ""),
            ("x'31'", "0x31"),
        ],
    )
    .await;
}

#[tokio::test]
async fn decimals_reach_38_digits() {
    let most = "9".repeat(38);
    check(
        Type::Decimal { precision: 38, scale: 0 },
        &[
            (NULL, NULL),
            (&format!("'{most}'"), &most),
            (&format!("'-{most}'"), &format!("-{most}")),
            ("9223372036854775807", "9223372036854775807"),
            ("1e22", "10000000000000000000000"),
        ],
        &[
            (&format!("'1{}'", "0".repeat(38)), &format!("1{}", "0".repeat(38))),
            ("1e38", "1.0e+38"),
        ],
    )
    .await;
    check(
        Type::Decimal { precision: 38, scale: 38 },
        &[
            (NULL, NULL),
            (&format!("'0.{most}'"), &format!("0.{most}")),
            ("0.25", &format!("0.25{}", "0".repeat(36))),
        ],
        &[("1", "1"), ("'1'", "1")],
    )
    .await;
}

#[tokio::test]
async fn texts_are_utf_8_of_any_length() {
    check(
        Type::Text,
        &[
            (NULL, NULL),
            ("''", ""),
            ("'a'", "a"),
            ("'ß漢🦀'", "ß漢🦀"),
            ("'it''s \"x\" \\n'", "it's \"x\" \\n"),
            ("'a' || char(0) || 'b'", "a\0b"),
            ("'trailing  '", "trailing  "),
        ],
        &[
            ("5", "5"),
            ("5.0", "5.0"),
            ("x'61'", "0x61"),
            ("CAST(x'61ff' AS TEXT)", "0x61ff"),
            ("CAST(x'eda080' AS TEXT)", "0xeda080"),
        ],
    )
    .await;
}

#[tokio::test]
async fn uuids_are_lower_cased() {
    let lower = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    check(
        Type::Uuid,
        &[
            (NULL, NULL),
            (&format!("'{lower}'"), lower),
            ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", lower),
        ],
        &[
            ("'A0EEBC999C0B4EF8BB6D6BB9BD380A11'", "A0EEBC999C0B4EF8BB6D6BB9BD380A11"),
            ("'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"),
            ("'g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            ("''", ""),
            ("x'a0eebc999c0b4ef8bb6d6bb9bd380a11'", "0xa0eebc999c0b4ef8bb6d6bb9bd380a11"),
            ("1", "1"),
        ],
    )
    .await;
}

#[tokio::test]
async fn json_is_the_text_as_it_stands() {
    check(
        Type::Json,
        &[
            (NULL, NULL),
            ("'{\"b\":1, \"a\":[ ]}'", "{\"b\":1, \"a\":[ ]}"),
            ("json('[1,  2]')", "[1,2]"),
        ],
        &[("1", "1"), ("jsonb('[1]')", "0x2b1331")],
    )
    .await;
}

#[tokio::test]
async fn bytes_are_blobs() {
    check(
        Type::Binary,
        &[(NULL, NULL), ("x''", ""), ("x'00ff'", "00ff"), ("zeroblob(3)", "000000")],
        &[("'a'", "a"), ("1", "1"), ("1.5", "1.5")],
    )
    .await;
}

#[tokio::test]
async fn dates_are_iso_texts() {
    check(
        Type::Date,
        &[
            (NULL, NULL),
            ("'0001-01-01'", "0001-01-01"),
            ("'1969-12-31'", "1969-12-31"),
            ("'2024-02-29'", "2024-02-29"),
            ("'9999-12-31'", "9999-12-31"),
            ("date('2024-01-31', '+1 month')", "2024-03-02"),
        ],
        &[
            ("'2023-02-29'", "2023-02-29"),
            ("'0000-00-00'", "0000-00-00"),
            ("'0000-01-01'", "0000-01-01"),
            ("'2024-1-5'", "2024-1-5"),
            ("'2024-01-05 00:00:00'", "2024-01-05 00:00:00"),
            ("'05.01.2024'", "05.01.2024"),
            ("''", ""),
            ("2024", "2024"),
            ("2460310.5", "2460310.5"),
            ("x'323032342d30312d3035'", "0x323032342d30312d3035"),
        ],
    )
    .await;
}

#[tokio::test]
async fn times_are_iso_texts_within_a_day() {
    check(
        Type::Time,
        &[
            (NULL, NULL),
            ("'00:00:00'", "00:00:00"),
            ("'23:59:59.999999'", "23:59:59.999999"),
            ("'12:34'", "12:34:00"),
            ("'12:34:56.5'", "12:34:56.500"),
            ("'12:34:56.123456000'", "12:34:56.123456"),
        ],
        &[
            ("'24:00:00'", "24:00:00"),
            ("'12:34:56.1234567'", "12:34:56.1234567"),
            ("'-01:00:00'", "-01:00:00"),
            ("'12:34:56Z'", "12:34:56Z"),
            ("'838:59:59'", "838:59:59"),
            ("3600", "3600"),
        ],
    )
    .await;
}

#[tokio::test]
async fn timestamps_are_iso_texts_without_an_offset() {
    check(
        Type::Timestamp,
        &[
            (NULL, NULL),
            ("'0001-01-01 00:00:00'", "0001-01-01T00:00:00"),
            ("'9999-12-31T23:59:59.999999'", "9999-12-31T23:59:59.999999"),
            ("'1969-12-31 23:59:59.5'", "1969-12-31T23:59:59.500"),
            ("'2024-01-01T12:30'", "2024-01-01T12:30:00"),
            ("'2024-01-01 00:00:00.000001000'", "2024-01-01T00:00:00.000001"),
        ],
        &[
            ("'2024-01-01'", "2024-01-01"),
            ("'2024-01-01 24:00:00'", "2024-01-01 24:00:00"),
            ("'2024-01-01 00:00:00Z'", "2024-01-01 00:00:00Z"),
            ("'2024-01-01 00:00:00+02:00'", "2024-01-01 00:00:00+02:00"),
            ("'2024-01-01 00:00:00.0000001'", "2024-01-01 00:00:00.0000001"),
            ("'2024-02-30 00:00:00'", "2024-02-30 00:00:00"),
            ("1704067200", "1704067200"),
            ("2460310.5", "2460310.5"),
        ],
    )
    .await;
}

#[tokio::test]
async fn instants_are_shown_in_utc() {
    check(
        Type::TimestampTz,
        &[
            (NULL, NULL),
            ("'2024-01-01 00:00:00'", "2024-01-01T00:00:00Z"),
            ("'2024-01-01T00:00:00Z'", "2024-01-01T00:00:00Z"),
            ("'2024-01-01 01:30:00+05:30'", "2023-12-31T20:00:00Z"),
            ("'1969-12-31T18:59:59.999999-05:00'", "1969-12-31T23:59:59.999999Z"),
        ],
        &[
            ("'2024-01-01 00:00:00+0200'", "2024-01-01 00:00:00+0200"),
            ("'2024-01-01 00:00:00 UTC'", "2024-01-01 00:00:00 UTC"),
            ("'2024-01-01'", "2024-01-01"),
            // In UTC this is before the year 1.
            ("'0001-01-01 00:00:00+01:00'", "0001-01-01 00:00:00+01:00"),
            ("1704067200", "1704067200"),
        ],
    )
    .await;
}

#[tokio::test]
async fn unix_encodings_are_whole_numbers() {
    check_encoded(
        Type::Timestamp,
        Some(Encoding::UnixSeconds),
        &[
            (NULL, NULL),
            ("0", "1970-01-01T00:00:00"),
            ("-1", "1969-12-31T23:59:59"),
            ("1704067200.0", "2024-01-01T00:00:00"),
            ("-62135596800", "0001-01-01T00:00:00"),
        ],
        &[
            ("1.5", "1.5"),
            ("-62135596801", "-62135596801"),
            ("9223372036854775807", "9223372036854775807"),
            ("'0'", "0"),
            ("'2024-01-01 00:00:00'", "2024-01-01 00:00:00"),
        ],
    )
    .await;
    check_encoded(
        Type::TimestampTz,
        Some(Encoding::UnixMillis),
        &[(NULL, NULL), ("1704067200123", "2024-01-01T00:00:00.123Z")],
        &[("x'00'", "\0")],
    )
    .await;
    check_encoded(
        Type::Timestamp,
        Some(Encoding::UnixMicros),
        &[(NULL, NULL), ("-1", "1969-12-31T23:59:59.999999")],
        &[("0.25", "0.25")],
    )
    .await;
}

#[tokio::test]
async fn an_encoded_date_lies_at_midnight() {
    check_encoded(
        Type::Date,
        Some(Encoding::UnixSeconds),
        &[(NULL, NULL), ("86400", "1970-01-02"), ("-86400", "1969-12-31"), ("0", "1970-01-01")],
        &[("86401", "86401"), ("-1", "-1"), ("'1970-01-01'", "1970-01-01")],
    )
    .await;
    check_encoded(
        Type::Date,
        Some(Encoding::JulianDay),
        &[(NULL, NULL), ("2460310.5", "2024-01-01"), ("julianday('0001-01-01')", "0001-01-01")],
        &[("2460311", "2460311"), ("2460310.75", "2460310.75"), ("-0.5", "-0.5")],
    )
    .await;
}

#[tokio::test]
async fn julian_days_are_rounded_to_the_millisecond() {
    check_encoded(
        Type::Timestamp,
        Some(Encoding::JulianDay),
        &[
            (NULL, NULL),
            ("2440588", "1970-01-01T12:00:00"),
            ("julianday('2024-01-01 12:34:56.789')", "2024-01-01T12:34:56.789"),
            ("julianday('1582-10-04 23:59:59.999')", "1582-10-04T23:59:59.999"),
        ],
        &[("5373484.5", "5373484.5"), ("9e999", "Inf"), ("'now'", "now")],
    )
    .await;
}

#[tokio::test]
async fn the_declared_type_does_not_matter() {
    let file = File::new(&[
        "CREATE TABLE t (a DATE, b REAL, c INTEGER, d TEXT, e BOOLEAN, f DECIMAL(12,2))",
        "INSERT INTO t VALUES ('2024-01-01', 5, '7', 8, 'TRUE', '12.50')",
    ])
    .await;
    let read = async |name: &str, ty| {
        let sql = format!("SELECT {name} AS v FROM t");
        let query = Query { sql, columns: vec![column("v", ty, None)], relation: "main.t".into() };
        file.rows(query).await.map(|batches| shown(&batches)).map_err(|error| error.to_string())
    };
    let decimal = Type::Decimal { precision: 12, scale: 2 };
    assert_eq!(read("a", Type::Date).await, Ok("Date32|2024-01-01".to_owned()));
    assert_eq!(read("b", Type::Integer).await, Ok("Int32|5".to_owned()));
    assert_eq!(read("c", Type::Integer).await, Ok("Int32|7".to_owned()));
    assert_eq!(read("d", Type::Text).await, Ok("Utf8|8".to_owned()));
    assert!(read("d", Type::Integer).await.is_err());
    assert!(read("e", Type::Boolean).await.is_err());
    assert_eq!(read("f", decimal).await, Ok("Decimal128(12, 2)|12.50".to_owned()));
}

#[tokio::test]
async fn texts_of_a_utf_16_file_are_the_same() {
    let file = File::new(&[
        "PRAGMA encoding = 'UTF-16le'",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v)",
        "INSERT INTO t VALUES (1, 'ß漢🦀'), (2, '2024-01-01'), (3, '')",
    ])
    .await;
    let read = async |row, ty| shown(&file.rows(one(row, column("v", ty, None))).await.unwrap());
    assert_eq!(read(1, Type::Text).await, "Utf8|ß漢🦀");
    assert_eq!(read(2, Type::Date).await, "Date32|2024-01-01");
    assert_eq!(read(3, Type::Text).await, "Utf8|");
}

#[tokio::test]
async fn an_unfit_value_deep_in_the_data_is_an_error_and_no_short_answer() {
    let file = File::new(&[
        "CREATE TABLE t (v)",
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) \
         SELECT CASE i WHEN 29999 THEN 'abc' ELSE i END FROM n",
    ])
    .await;
    let query = Query {
        sql: "SELECT v FROM t".to_owned(),
        columns: vec![column("v", Type::Integer, None)],
        relation: "main.t".to_owned(),
    };
    let error = file.fails(query).await;
    assert!(error.to_string().ends_with("column `v`: value `abc` does not fit integer"), "{error}");
}
