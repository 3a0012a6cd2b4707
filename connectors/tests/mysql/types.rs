//! The type matrix: every type of the catalog from the local types that convert to it, by its smallest, largest,
//! odd and unfit values and NULL.

use intarsia_catalog::Type;
use intarsia_connectors::{ErrorKind, Flavor};

use crate::support::{BOTH, query, run, server, values};

/// A value as SQL, and what becomes of it.
type Row = (&'static str, Result<&'static str, &'static str>);

/// A value that arrives, as it is shown.
const fn ok(sql: &'static str, shown: &'static str) -> Row {
    (sql, Ok(shown))
}

/// A value that does not fit, as the node shows it.
const fn no(sql: &'static str, shown: &'static str) -> Row {
    (sql, Err(shown))
}

/// Checks rows of a column declared as `local` under the global type `ty`; NULL is among them always.
async fn check(flavor: Flavor, local: &str, ty: Type, rows: &[Row]) {
    let server = server(flavor).await;
    let connector = server.connector();
    let table = format!("m_{}", fingerprint(&(local, ty.to_string())));
    let make = [
        "SET sql_mode = 'ALLOW_INVALID_DATES,NO_BACKSLASH_ESCAPES'".to_owned(),
        format!("DROP TABLE IF EXISTS {table}"),
        format!("CREATE TABLE {table} (id INT PRIMARY KEY, c {local} NULL)"),
        format!("INSERT INTO {table} VALUES (0, NULL)"),
    ];
    let fill = rows
        .iter()
        .zip(1..)
        .map(|((sql, _), id)| format!("INSERT INTO {table} VALUES ({id}, {sql})"));
    connector.run(&make.into_iter().chain(fill).collect::<Vec<_>>()).await.unwrap();
    for ((sql, expected), id) in [&ok("NULL", "NULL")].into_iter().chain(rows).zip(0..) {
        let text = format!("SELECT `c` FROM `shop`.`{table}` WHERE `id` = {id}");
        let told = values(&connector, query(&text, &[("c", ty)])).await;
        let case = format!("{flavor:?}: {sql} in {local} as {ty}");
        match (told, expected) {
            (Ok(shown), Ok(expected)) => assert_eq!(shown, [*expected], "{case}"),
            (Err(error), Err(expected)) => {
                assert_eq!(error.kind(), ErrorKind::Mismatch, "{case}: {error}");
                let wanted =
                    format!("relation `shop.t`, column `c`: value `{expected}` does not fit {ty}");
                assert_eq!(error.message(), wanted, "{case}");
            }
            (told, expected) => panic!("{case}: {told:?}, not {expected:?}"),
        }
    }
    run(&connector, &[&format!("DROP TABLE {table}")]).await;
}

fn fingerprint(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    std::hash::Hasher::finish(&hasher)
}

/// A test for each flavor that runs all the checks.
macro_rules! matrix {
    ($($name:ident { $($local:literal as $ty:expr => [$($row:expr),* $(,)?],)* })*) => {
        mod mysql {
            use super::*;
            $(#[tokio::test] async fn $name() {
                $(check(Flavor::MySql, $local, $ty, &[$($row),*]).await;)*
            })*
        }
        mod mariadb {
            use super::*;
            $(#[tokio::test] async fn $name() {
                $(check(Flavor::MariaDb, $local, $ty, &[$($row),*]).await;)*
            })*
        }
    };
}

const fn decimal(precision: u8, scale: u8) -> Type {
    Type::Decimal { precision, scale }
}

matrix! {
    booleans {
        "TINYINT(1)" as Type::Boolean => [ok("0", "false"), ok("1", "true"), no("2", "2"), no("-1", "-1")],
        "BIT(1)" as Type::Boolean => [ok("b'0'", "false"), ok("b'1'", "true")],
    }
    whole_numbers {
        "TINYINT(1)" as Type::SmallInt => [ok("-128", "-128"), ok("127", "127")],
        "TINYINT" as Type::SmallInt => [ok("-128", "-128"), ok("127", "127"), ok("0", "0")],
        "TINYINT UNSIGNED" as Type::SmallIntUnsigned => [ok("0", "0"), ok("255", "255")],
        "SMALLINT" as Type::SmallInt => [ok("-32768", "-32768"), ok("32767", "32767")],
        "SMALLINT" as Type::SmallIntUnsigned => [ok("32767", "32767"), no("-1", "-1")],
        "SMALLINT UNSIGNED" as Type::SmallIntUnsigned => [ok("65535", "65535")],
        "SMALLINT UNSIGNED" as Type::SmallInt => [ok("32767", "32767"), no("32768", "32768")],
        "MEDIUMINT" as Type::Integer => [ok("-8388608", "-8388608"), ok("8388607", "8388607")],
        "MEDIUMINT UNSIGNED" as Type::SmallInt => [ok("7", "7"), no("16777215", "16777215")],
        "INT" as Type::Integer => [ok("-2147483648", "-2147483648"), ok("2147483647", "2147483647")],
        "INT UNSIGNED" as Type::IntegerUnsigned => [ok("4294967295", "4294967295")],
        "INT(10) ZEROFILL" as Type::IntegerUnsigned => [ok("42", "42")],
        "BIGINT" as Type::BigInt => [
            ok("-9223372036854775808", "-9223372036854775808"),
            ok("9223372036854775807", "9223372036854775807"),
        ],
        "BIGINT" as Type::Integer => [ok("-2147483648", "-2147483648"), no("2147483648", "2147483648")],
        "BIGINT UNSIGNED" as Type::BigIntUnsigned => [ok("0", "0"), ok("18446744073709551615", "18446744073709551615")],
        "BIGINT UNSIGNED" as Type::BigInt => [
            ok("9223372036854775807", "9223372036854775807"),
            no("9223372036854775808", "9223372036854775808"),
        ],
        "BIGINT UNSIGNED" as decimal(20, 0) => [ok("18446744073709551615", "18446744073709551615")],
        "BIGINT" as decimal(5, 2) => [ok("-999", "-999.00"), no("1000", "1000")],
        "YEAR" as Type::SmallInt => [ok("1901", "1901"), ok("2155", "2155"), ok("0", "0"), ok("70", "1970")],
        "DECIMAL(20,2)" as Type::BigInt => [ok("7.00", "7"), ok("-3", "-3"), no("7.50", "7.50")],
    }
    decimals {
        "DECIMAL(12,2)" as decimal(12, 2) => [
            ok("9999999999.99", "9999999999.99"), ok("-9999999999.99", "-9999999999.99"), ok("0", "0.00"),
            ok("-0.05", "-0.05"),
        ],
        "DECIMAL(12,3)" as decimal(12, 2) => [ok("1.250", "1.25"), no("1.255", "1.255")],
        "DECIMAL(12,2)" as decimal(4, 2) => [ok("99.99", "99.99"), no("100.00", "100.00")],
        "DECIMAL(38,0)" as decimal(38, 0) => [
            ok("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
            ok("-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"),
        ],
        "DECIMAL(65,30)" as decimal(38, 30) => [
            ok("12345678.123456789012345678901234567890", "12345678.123456789012345678901234567890"),
            no("99999999999999999999999999999999999.5", "99999999999999999999999999999999999.500000000000000000000000000000"),
        ],
        "DECIMAL(65,30)" as decimal(12, 2) => [ok("12.25", "12.25"), ok("0", "0.00")],
    }
    floats {
        "FLOAT" as Type::Real => [ok("16777216", "16777216.0"), ok("0.1", "0.1"), ok("-3.4028235e38", "-3.4028235e38")],
        "FLOAT" as Type::Double => [ok("0.5", "0.5"), ok("0.1", "0.10000000149011612"), ok("16777217", "16777216.0")],
        "DOUBLE" as Type::Double => [
            ok("1.7976931348623157e308", "1.7976931348623157e308"), ok("2.2250738585072014e-308", "2.2250738585072014e-308"),
            ok("0.1", "0.1"),
        ],
        "DOUBLE" as Type::Real => [ok("0.5", "0.5"), no("0.1", "0.1")],
    }
    texts {
        "VARCHAR(100) CHARACTER SET utf8mb4" as Type::Text => [
            ok("''", ""), ok("'  a  '", "  a  "), ok("'it''s \"q\" \\ 😀'", "it's \"q\" \\ 😀"), ok("X'00'", "\0"),
        ],
        "VARCHAR(100) CHARACTER SET latin1" as Type::Text => [ok("'é€'", "é€")],
        "VARCHAR(100) CHARACTER SET utf16" as Type::Text => [ok("'é😀'", "é😀")],
        "CHAR(5) CHARACTER SET utf8mb4" as Type::Text => [ok("'ab'", "ab"), ok("'ab   '", "ab"), ok("''", "")],
        "TINYTEXT" as Type::Text => [ok("'tiny'", "tiny")],
        "LONGTEXT CHARACTER SET utf8mb4" as Type::Text => [ok("'ü'", "ü")],
        "ENUM('x','it''s','a,b')" as Type::Text => [ok("'it''s'", "it's"), ok("'a,b'", "a,b"), ok("3", "a,b")],
        "SET('x','y')" as Type::Text => [ok("'y,x'", "x,y"), ok("''", "")],
        "JSON" as Type::Json => [ok("'{\"a\": 1}'", "{\"a\": 1}"), ok("'null'", "null")],
        "JSON" as Type::Text => [ok("'[1, 2]'", "[1, 2]")],
    }
    uuids {
        "CHAR(36)" as Type::Uuid => [
            ok("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            no("'a0ee'", "a0ee"), no("''", ""),
        ],
    }
    bytes {
        "VARBINARY(10)" as Type::Binary => [ok("X'00FF61'", "00ff61"), ok("''", "")],
        "BINARY(3)" as Type::Binary => [ok("'a'", "610000")],
        "LONGBLOB" as Type::Binary => [ok("X'DEADBEEF'", "deadbeef")],
    }
    dates {
        "DATE" as Type::Date => [
            ok("'0001-01-01'", "0001-01-01"), ok("'9999-12-31'", "9999-12-31"), ok("'1969-12-31'", "1969-12-31"),
            ok("'2024-02-29'", "2024-02-29"), no("'0000-00-00'", "0000-00-00"), no("'2024-00-15'", "2024-00-15"),
            no("'2024-02-31'", "2024-02-31"), no("'0000-01-01'", "0000-01-01"),
        ],
    }
    times {
        "TIME(6)" as Type::Time => [
            ok("'00:00:00'", "00:00:00"), ok("'23:59:59.999999'", "23:59:59.999999"), no("'24:00:00'", "24:00:00"),
            no("'-00:00:01'", "-00:00:01"), no("'838:59:59'", "838:59:59"),
        ],
        "TIME" as Type::Time => [ok("'12:30:00'", "12:30:00")],
    }
    timestamps {
        "DATETIME(6)" as Type::Timestamp => [
            ok("'0001-01-01 00:00:00'", "0001-01-01T00:00:00"),
            ok("'9999-12-31 23:59:59.999999'", "9999-12-31T23:59:59.999999"),
            ok("'1969-12-31 23:59:59.5'", "1969-12-31T23:59:59.500"),
            no("'0000-00-00'", "0000-00-00 00:00:00"), no("'2024-02-31 10:00:00.25'", "2024-02-31 10:00:00.250000"),
        ],
        "DATETIME" as Type::Timestamp => [ok("'2024-05-06 07:08:09'", "2024-05-06T07:08:09")],
        "DATETIME(3)" as Type::TimestampTz => [
            ok("'2024-05-06 07:08:09.125'", "2024-05-06T07:08:09.125Z"), no("'0000-00-00'", "0000-00-00 00:00:00"),
        ],
        "TIMESTAMP(6)" as Type::TimestampTz => [
            ok("'1970-01-01 00:00:01'", "1970-01-01T00:00:01Z"),
            ok("'2038-01-19 03:14:07.999999'", "2038-01-19T03:14:07.999999Z"), no("'0000-00-00'", "0000-00-00 00:00:00"),
        ],
    }
}

#[tokio::test]
async fn mariadb_uuids_are_lower_case_texts() {
    let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let rows = [ok("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", uuid)];
    check(Flavor::MariaDb, "UUID", Type::Uuid, &rows).await;
    check(Flavor::MariaDb, "UUID", Type::Text, &rows).await;
}

#[tokio::test]
async fn a_null_where_the_catalog_says_not_null_is_told() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let mut query = query("SELECT NULL", &[("c", Type::Integer)]);
        query.columns[0].nullable = false;
        let error = values(&connector, query).await.unwrap_err();
        let wanted = "relation `shop.t`, column `c`: value NULL, but the catalog says not null";
        assert_eq!((error.kind(), error.message()), (ErrorKind::Mismatch, wanted));
    }
}

#[tokio::test]
async fn a_column_of_another_type_than_promised_is_told_before_any_row() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        for (sql, ty, sent) in [
            ("SELECT 'a'", Type::BigInt, "var_string"),
            ("SELECT 1", Type::Text, "longlong"),
            ("SELECT CAST('2024-01-01' AS DATETIME)", Type::Date, "datetime"),
            ("SELECT X'00'", Type::Text, "var_string of bytes"),
            ("SELECT 1e0", Type::Decimal { precision: 9, scale: 2 }, "double"),
        ] {
            let error = values(&connector, query(sql, &[("c", ty)])).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
            let wanted = format!("column `c`: the server sends {sent}, the catalog says {ty}");
            let int = wanted.replace("longlong", "long");
            let told = error.message();
            assert!(told.ends_with(&wanted) || told.ends_with(&int), "{sql}: {told}");
        }
        let two = query("SELECT 1, 2", &[("c", Type::BigInt)]);
        let error = values(&connector, two).await.unwrap_err();
        assert_eq!(error.message(), "relation `shop.t`: 2 columns came, not 1");
    }
}
