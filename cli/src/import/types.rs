//! The global type that a local column gets.

use intarsia_catalog::Type;
use intarsia_connectors::{LocalColumn, LocalType, natural};

/// The type to declare; `None` if no type takes the column.
pub(super) fn global(column: &LocalColumn) -> Option<Type> {
    match &column.ty {
        LocalType::Uuid => Some(Type::Uuid),
        LocalType::Json => Some(Type::Json),
        // In SQLite only the cells have types; the declared one says what they are meant to be.
        LocalType::Affinity(..) => declared(&column.declared).or_else(|| natural(&column.ty)),
        other => natural(other),
    }
}

/// What a declared type of SQLite means beyond its affinity.
fn declared(text: &str) -> Option<Type> {
    let text = text.to_lowercase();
    let (word, digits) = text.split_once('(').unwrap_or((&text, ""));
    match word.trim() {
        "bool" | "boolean" => Some(Type::Boolean),
        "date" => Some(Type::Date),
        "time" => Some(Type::Time),
        "datetime" | "timestamp" | "timestamp without time zone" => Some(Type::Timestamp),
        "timestamptz" | "timestamp with time zone" => Some(Type::TimestampTz),
        "uuid" => Some(Type::Uuid),
        "json" | "jsonb" => Some(Type::Json),
        "decimal" | "numeric" | "dec" => decimal(digits),
        _ => None,
    }
}

/// The type of `12,2)` or `12)`.
fn decimal(digits: &str) -> Option<Type> {
    let digits = digits.strip_suffix(')')?;
    let (precision, scale) = digits.split_once(',').unwrap_or((digits, "0"));
    let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    let sound = (1..=38).contains(&precision) && scale <= precision;
    sound.then_some(Type::Decimal { precision, scale })
}

#[cfg(test)]
mod tests {
    use intarsia_connectors::{Affinity, Charset};

    use super::*;

    fn sqlite(declared: &str, affinity: Affinity) -> Option<String> {
        let ty = LocalType::Affinity(affinity, Charset::Utf8);
        let declared = declared.to_owned();
        let column = LocalColumn { name: "c".to_owned(), ty, declared, nullable: true };
        global(&column).map(|ty| ty.to_string())
    }

    #[test]
    fn sqlites_declared_types_say_what_is_meant() {
        assert_eq!(sqlite("DECIMAL(12, 2)", Affinity::Numeric).as_deref(), Some("decimal(12,2)"));
        assert_eq!(sqlite("decimal(99,2)", Affinity::Numeric).as_deref(), Some("decimal(38,10)"));
        assert_eq!(sqlite("DATE", Affinity::Numeric).as_deref(), Some("date"));
        assert_eq!(sqlite("INT", Affinity::Integer).as_deref(), Some("bigint"));
        assert_eq!(sqlite("varchar(20)", Affinity::Text).as_deref(), Some("text"));
        assert_eq!(sqlite("", Affinity::None).as_deref(), Some("text"));
    }
}
