//! What clients are told of a column beside its Arrow type: the fields' `ARROW:FLIGHT:SQL:` metadata.
//!
//! JDBC and ODBC show it in their own terms: a type's name, the digits or characters that a value may have, and whether
//! a tool may filter or sort by the column.

use std::borrow::Cow;

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};

/// How every key starts.
const PREFIX: &str = "ARROW:FLIGHT:SQL:";

/// A type in SQL's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqlType {
    /// Its name.
    pub(crate) name: Cow<'static, str>,
    /// Digits of a number, characters of a date or a time as text; `None` if there is no bound.
    pub(crate) precision: Option<u8>,
    /// Digits after the point or of a second's fraction; `None` for what has none.
    pub(crate) scale: Option<i8>,
}

impl SqlType {
    /// The type of a column that holds `ty`.
    pub(crate) fn of(ty: &DataType) -> SqlType {
        use DataType as T;
        match ty {
            T::Boolean => sized("BOOLEAN", 1),
            T::Int8 => whole("TINYINT", 3),
            T::Int16 => whole("SMALLINT", 5),
            T::Int32 => whole("INTEGER", 10),
            T::Int64 => whole("BIGINT", 19),
            T::UInt8 => whole("TINYINT UNSIGNED", 3),
            T::UInt16 => whole("SMALLINT UNSIGNED", 5),
            T::UInt32 => whole("INTEGER UNSIGNED", 10),
            T::UInt64 => whole("BIGINT UNSIGNED", 20),
            T::Float16 => sized("REAL", 4),
            T::Float32 => sized("REAL", 7),
            T::Float64 => sized("DOUBLE", 15),
            T::Decimal32(precision, scale)
            | T::Decimal64(precision, scale)
            | T::Decimal128(precision, scale)
            | T::Decimal256(precision, scale) => scaled("DECIMAL", *precision, *scale),
            T::Date32 | T::Date64 => scaled("DATE", 10, 0),
            T::Time32(unit) | T::Time64(unit) => with_fraction("TIME", 8, *unit),
            T::Timestamp(unit, None) => with_fraction("TIMESTAMP", 19, *unit),
            T::Timestamp(unit, Some(_)) => with_fraction("TIMESTAMPTZ", 25, *unit),
            other => unsized_type(other),
        }
    }

    /// The type under another name.
    pub(crate) fn named(self, name: impl Into<Cow<'static, str>>) -> SqlType {
        SqlType { name: name.into(), ..self }
    }
}

fn unsized_type(ty: &DataType) -> SqlType {
    use DataType as T;
    let name = match ty {
        T::Utf8 | T::LargeUtf8 | T::Utf8View => "TEXT",
        T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => "BINARY",
        T::Interval(
            IntervalUnit::YearMonth | IntervalUnit::DayTime | IntervalUnit::MonthDayNano,
        )
        | T::Duration(_) => "INTERVAL",
        T::Struct(_) => "ROW",
        T::Map(..) => "MAP",
        T::Union(..) => "UNION",
        T::Null => "NULL",
        T::Dictionary(_, value) => return SqlType::of(value),
        T::RunEndEncoded(_, values) => return SqlType::of(values.data_type()),
        _ => "ARRAY",
    };
    SqlType { name: name.into(), precision: None, scale: None }
}

fn sized(name: &'static str, precision: u8) -> SqlType {
    SqlType { name: name.into(), precision: Some(precision), scale: None }
}

fn scaled(name: &'static str, precision: u8, scale: i8) -> SqlType {
    SqlType { scale: Some(scale), ..sized(name, precision) }
}

fn whole(name: &'static str, digits: u8) -> SqlType {
    scaled(name, digits, 0)
}

/// `characters` without the fraction and its point.
fn with_fraction(name: &'static str, characters: u8, unit: TimeUnit) -> SqlType {
    match unit {
        TimeUnit::Second => scaled(name, characters, 0),
        TimeUnit::Millisecond => scaled(name, characters + 4, 3),
        TimeUnit::Microsecond => scaled(name, characters + 7, 6),
        TimeUnit::Nanosecond => scaled(name, characters + 10, 9),
    }
}

/// The field, told as `ty`. Nothing is written here, so that every column is read-only and none counts by itself.
pub(crate) fn described(field: Field, ty: &SqlType) -> Field {
    let texts =
        matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let mut told = vec![
        ("TYPE_NAME", ty.name.to_string()),
        ("IS_CASE_SENSITIVE", flag(texts)),
        ("IS_SEARCHABLE", flag(true)),
        ("IS_READ_ONLY", flag(true)),
        ("IS_AUTO_INCREMENT", flag(false)),
    ];
    told.extend(ty.precision.map(|precision| ("PRECISION", precision.to_string())));
    told.extend(ty.scale.map(|scale| ("SCALE", scale.to_string())));
    with_keys(field, told)
}

/// The field with what else is known of it.
pub(crate) fn with_keys(
    field: Field,
    told: impl IntoIterator<Item = (&'static str, String)>,
) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.extend(told.into_iter().map(|(key, value)| (format!("{PREFIX}{key}"), value)));
    field.with_metadata(metadata)
}

fn flag(value: bool) -> String {
    String::from(if value { "1" } else { "0" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_told_in_the_terms_of_jdbc() {
        let ty = DataType::Decimal128(12, 2);
        let field = described(Field::new("total", ty.clone(), true), &SqlType::of(&ty));
        let told = |key: &str| field.metadata().get(&format!("ARROW:FLIGHT:SQL:{key}")).unwrap();
        assert_eq!((told("TYPE_NAME").as_str(), told("PRECISION").as_str()), ("DECIMAL", "12"));
        assert_eq!((told("SCALE").as_str(), told("IS_CASE_SENSITIVE").as_str()), ("2", "0"));
        assert_eq!(field.metadata().get("ARROW:FLIGHT:SQL:REMARKS"), None);
    }

    #[test]
    fn the_size_of_a_time_is_that_of_its_text() {
        for (ty, text) in [
            (DataType::Time64(TimeUnit::Microsecond), "23:59:59.123456"),
            (DataType::Timestamp(TimeUnit::Second, None), "2024-01-02 03:04:05"),
            (
                DataType::Timestamp(TimeUnit::Nanosecond, Some("+00:00".into())),
                "2024-01-02 03:04:05.123456789+00:00",
            ),
        ] {
            assert_eq!(SqlType::of(&ty).precision.map(usize::from), Some(text.len()), "{ty}");
        }
    }

    #[test]
    fn an_encoding_is_no_type() {
        let texts = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        assert_eq!(SqlType::of(&texts).name, "TEXT");
    }
}
