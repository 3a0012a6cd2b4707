//! How each database spells names and types.

use intarsia_catalog::{Encoding, Type};
use intarsia_connectors::Flavor;

/// A quoted name.
pub(super) fn name(flavor: Flavor, name: &str) -> String {
    match flavor {
        Flavor::MySql | Flavor::MariaDb => format!("`{}`", name.replace('`', "``")),
        Flavor::Postgres | Flavor::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// A local type that holds every value of `ty`. Where there are several, `variety` picks one; the first is the
/// one whose natural type is `ty`.
pub(super) fn local_type(
    flavor: Flavor,
    ty: Type,
    encoding: Option<Encoding>,
    variety: u64,
) -> String {
    let choices = match flavor {
        Flavor::Postgres => postgres(ty),
        Flavor::MySql | Flavor::MariaDb => mysql(ty),
        Flavor::Sqlite => sqlite(ty, encoding),
    };
    let Type::Decimal { precision, scale } = ty else { return pick(choices, variety).to_owned() };
    match flavor {
        // Past 15 digits a REAL would lose some.
        Flavor::Sqlite if precision > 15 => "TEXT".to_owned(),
        Flavor::Sqlite => pick(choices, variety).to_owned(),
        _ => format!("{}({precision},{scale})", pick(choices, variety)),
    }
}

fn pick(choices: &'static [&'static str], variety: u64) -> &'static str {
    let count = u64::try_from(choices.len()).unwrap_or(1);
    usize::try_from(variety % count).map_or("", |choice| choices[choice])
}

fn postgres(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Boolean => &["boolean"],
        Type::SmallInt => &["smallint", "integer"],
        Type::SmallIntUnsigned | Type::Integer => &["integer", "bigint"],
        Type::IntegerUnsigned => &["bigint"],
        Type::BigInt => &["bigint"],
        Type::BigIntUnsigned => &["numeric(20)", "numeric(38,0)"],
        Type::Real => &["real"],
        Type::Double => &["double precision"],
        Type::Decimal { .. } => &["numeric"],
        Type::Text => {
            &["text", "varchar", "text COLLATE \"C\"", "varchar(400) COLLATE \"en-x-icu\""]
        }
        Type::Binary => &["bytea"],
        Type::Date => &["date"],
        Type::Time => &["time"],
        Type::Timestamp => &["timestamp"],
        Type::TimestampTz => &["timestamptz"],
        Type::Uuid => &["uuid", "text"],
        Type::Json => &["json", "text"],
    }
}

fn mysql(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Boolean => &["tinyint(1)", "bit(1)"],
        Type::SmallInt => &["smallint", "int"],
        Type::SmallIntUnsigned => &["smallint unsigned", "int"],
        Type::Integer => &["int", "bigint"],
        Type::IntegerUnsigned => &["int unsigned", "bigint"],
        Type::BigInt => &["bigint"],
        Type::BigIntUnsigned => &["bigint unsigned", "decimal(20,0)"],
        Type::Real => &["float"],
        Type::Double => &["double"],
        Type::Decimal { .. } => &["decimal"],
        Type::Text => &[
            "varchar(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
            "varchar(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
            "varchar(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "longtext CHARACTER SET utf8mb4",
        ],
        Type::Binary => &["longblob"],
        Type::Date => &["date"],
        Type::Time => &["time(6)"],
        Type::Timestamp | Type::TimestampTz => &["datetime(6)"],
        Type::Uuid => &["char(36)", "varchar(36) CHARACTER SET ascii"],
        Type::Json => &["longtext CHARACTER SET utf8mb4"],
    }
}

fn sqlite(ty: Type, encoding: Option<Encoding>) -> &'static [&'static str] {
    match (ty, encoding) {
        (_, Some(Encoding::JulianDay)) => &["REAL", ""],
        (_, Some(_)) => &["INTEGER", "DATETIME"],
        (Type::Boolean, _) => &["INTEGER", "BOOLEAN"],
        (Type::SmallInt | Type::SmallIntUnsigned | Type::Integer | Type::IntegerUnsigned, _)
        | (Type::BigInt | Type::BigIntUnsigned, _) => &["INTEGER", "BIGINT"],
        (Type::Real | Type::Double, _) => &["REAL", "DOUBLE"],
        (Type::Decimal { .. }, _) => &["DECIMAL(15,4)", "TEXT", "NUMERIC"],
        (Type::Text, _) => &["TEXT", "TEXT COLLATE NOCASE", "VARCHAR(40)", ""],
        (Type::Binary, _) => &["BLOB"],
        (Type::Date, _) => &["TEXT", "DATE"],
        (Type::Time, _) => &["TEXT", "TIME"],
        (Type::Timestamp | Type::TimestampTz, _) => &["TEXT", "DATETIME"],
        (Type::Uuid | Type::Json, _) => &["TEXT"],
    }
}
