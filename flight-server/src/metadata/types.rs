//! The catalog's types as ODBC asks for them.

use arrow_flight::sql::{
    Nullable, Searchable, XdbcDataType, XdbcDatetimeSubcode,
    metadata::{XdbcTypeInfo, XdbcTypeInfoDataBuilder},
};
use intarsia_catalog::Type;

use crate::encode::columns::SqlType;

/// The widest decimal; a column's own digits are in its metadata.
const DECIMAL: Type = Type::Decimal { precision: 38, scale: 38 };

/// Characters of a text and bytes of a binary: what the protocol can say.
const UNBOUNDED: i32 = i32::MAX;

/// A type as clients are told it, without its digits.
pub(super) fn name(ty: Type) -> String {
    let name = ty.to_string().to_uppercase();
    name.split('(').next().unwrap_or_default().to_owned()
}

/// A row for each type of a column.
pub(super) fn types() -> XdbcTypeInfoDataBuilder {
    let mut rows = XdbcTypeInfoDataBuilder::new();
    Type::SIMPLE.into_iter().chain([DECIMAL]).for_each(|ty| rows.append(info(ty)));
    rows
}

fn info(ty: Type) -> XdbcTypeInfo {
    let SqlType { precision, scale, .. } = SqlType::of(&ty.arrow());
    let data_type = code(ty);
    let quotes = quotes(ty).unzip();
    let number = is_number(ty);
    XdbcTypeInfo {
        type_name: name(ty),
        data_type,
        column_size: bits(ty).or(precision.map(i32::from)).or(Some(UNBOUNDED)),
        literal_prefix: quotes.0.map(str::to_owned),
        literal_suffix: quotes.1.map(str::to_owned),
        create_params: matches!(ty, Type::Decimal { .. })
            .then(|| vec!["precision".to_owned(), "scale".to_owned()]),
        nullable: Nullable::NullabilityNullable,
        case_sensitive: matches!(ty, Type::Text | Type::Json | Type::Uuid),
        searchable: Searchable::Full,
        unsigned_attribute: number.then(|| is_unsigned(ty)),
        fixed_prec_scale: false,
        auto_increment: number.then_some(false),
        local_type_name: Some(name(ty)),
        minimum_scale: scale.map(|scale| if ty == DECIMAL { 0 } else { i32::from(scale) }),
        maximum_scale: scale.map(i32::from),
        sql_data_type: subcode(ty).map_or(data_type, |_| XdbcDataType::XdbcDatetime),
        datetime_subcode: subcode(ty),
        num_prec_radix: number.then(|| if bits(ty).is_some() { 2 } else { 10 }),
        interval_precision: None,
    }
}

fn code(ty: Type) -> XdbcDataType {
    match ty {
        Type::Boolean => XdbcDataType::XdbcBit,
        Type::SmallInt | Type::SmallIntUnsigned => XdbcDataType::XdbcSmallint,
        Type::Integer | Type::IntegerUnsigned => XdbcDataType::XdbcInteger,
        Type::BigInt | Type::BigIntUnsigned => XdbcDataType::XdbcBigint,
        Type::Real => XdbcDataType::XdbcReal,
        Type::Double => XdbcDataType::XdbcDouble,
        Type::Decimal { .. } => XdbcDataType::XdbcDecimal,
        Type::Text | Type::Uuid | Type::Json => XdbcDataType::XdbcVarchar,
        Type::Binary => XdbcDataType::XdbcVarbinary,
        Type::Date => XdbcDataType::XdbcDate,
        Type::Time => XdbcDataType::XdbcTime,
        Type::Timestamp | Type::TimestampTz => XdbcDataType::XdbcTimestamp,
    }
}

/// Bits of what is not exact.
fn bits(ty: Type) -> Option<i32> {
    match ty {
        Type::Real => Some(24),
        Type::Double => Some(53),
        _ => None,
    }
}

/// What stands before and after a value in a query.
fn quotes(ty: Type) -> Option<(&'static str, &'static str)> {
    match ty {
        Type::Text | Type::Uuid | Type::Json => Some(("'", "'")),
        Type::Binary => Some(("X'", "'")),
        Type::Date => Some(("DATE '", "'")),
        Type::Time => Some(("TIME '", "'")),
        Type::Timestamp | Type::TimestampTz => Some(("TIMESTAMP '", "'")),
        _ => None,
    }
}

/// ODBC says of a date or time that it is one, and by its subcode which: 1 is a date, whatever the protocol calls it.
fn subcode(ty: Type) -> Option<XdbcDatetimeSubcode> {
    match ty {
        Type::Date => Some(XdbcDatetimeSubcode::XdbcSubcodeYear),
        Type::Time => Some(XdbcDatetimeSubcode::XdbcSubcodeTime),
        Type::Timestamp => Some(XdbcDatetimeSubcode::XdbcSubcodeTimestamp),
        Type::TimestampTz => Some(XdbcDatetimeSubcode::XdbcSubcodeTimestampWithTimezone),
        _ => None,
    }
}

fn is_number(ty: Type) -> bool {
    use Type as T;
    is_unsigned(ty)
        || matches!(ty, T::SmallInt | T::Integer | T::BigInt | T::Real | T::Double)
        || matches!(ty, T::Decimal { .. })
}

fn is_unsigned(ty: Type) -> bool {
    matches!(ty, Type::SmallIntUnsigned | Type::IntegerUnsigned | Type::BigIntUnsigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column of a table and the same column of a result are told alike, but for what Arrow does not tell apart.
    #[test]
    fn names_are_those_of_results() {
        for ty in Type::SIMPLE.into_iter().chain([DECIMAL]) {
            let told = SqlType::of(&ty.arrow()).name;
            match ty {
                Type::Uuid | Type::Json => assert_eq!(told, "TEXT"),
                _ => assert_eq!(told, name(ty)),
            }
        }
    }
}
