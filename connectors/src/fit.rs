//! Which local types convert to which global ones: one table for the planner, `check` and the decoders.

use intarsia_catalog::{Encoding, Type};

use crate::{Affinity, LocalType};

/// The type of an unconstrained numeric in an expression, and of SQLite's NUMERIC affinity.
const UNCONSTRAINED: Type = Type::Decimal { precision: 38, scale: 10 };

/// Whether a column of type `local` can stand under a global column of type `ty` without an expression. The
/// values are still checked one by one.
///
/// # Errors
/// What to do instead, to follow "column `c` is DECLARED".
pub fn fits(local: &LocalType, ty: Type, encoding: Option<Encoding>) -> Result<(), String> {
    if let LocalType::Affinity(..) = local {
        return Ok(()); // each cell has a type of its own
    }
    if encoding.is_some() {
        return Err("`encoding` is for SQLite only".to_owned());
    }
    if converts(local, ty) {
        return Ok(());
    }
    Err(format!("the catalog says {ty}; write an expression for it under `columns`"))
}

fn converts(local: &LocalType, ty: Type) -> bool {
    use LocalType as L;
    match ty {
        Type::Boolean => matches!(local, L::Boolean | L::Bit(1) | L::Integer { boolean: true, .. }),
        Type::SmallInt
        | Type::SmallIntUnsigned
        | Type::Integer
        | Type::IntegerUnsigned
        | Type::BigInt
        | Type::BigIntUnsigned
        | Type::Decimal { .. } => matches!(local, L::Integer { .. } | L::Year | L::Decimal(_)),
        Type::Real | Type::Double => matches!(local, L::Real | L::Double),
        Type::Text => is_text(local) || matches!(local, L::Enum(_) | L::Set | L::Uuid | L::Json),
        Type::Uuid => is_text(local) || matches!(local, L::Uuid),
        Type::Json => is_text(local) || matches!(local, L::Json),
        Type::Binary => matches!(local, L::Binary { .. }),
        Type::Date => matches!(local, L::Date),
        Type::Time => matches!(local, L::Time(_)),
        Type::Timestamp => matches!(local, L::Timestamp(_) | L::DateTime(_)),
        Type::TimestampTz => matches!(local, L::TimestampTz(_) | L::DateTime(_)),
    }
}

fn is_text(local: &LocalType) -> bool {
    matches!(local, LocalType::Text(_) | LocalType::Char(_) | LocalType::CiText)
}

/// The type that a local column has in an expression of the catalog; `None` if no global type takes it. Of
/// SQLite's columns before any `encoding`.
pub fn natural(local: &LocalType) -> Option<Type> {
    Some(match local {
        LocalType::Boolean | LocalType::Bit(1) => Type::Boolean,
        LocalType::Integer { bits, unsigned, .. } => whole(*bits, *unsigned),
        LocalType::Year => Type::SmallInt,
        LocalType::Real => Type::Real,
        LocalType::Double => Type::Double,
        LocalType::Decimal(None) => UNCONSTRAINED,
        LocalType::Decimal(Some((precision, scale))) => decimal(*precision, *scale),
        LocalType::Text(_)
        | LocalType::Char(_)
        | LocalType::CiText
        | LocalType::Enum(_)
        | LocalType::Set
        | LocalType::Uuid
        | LocalType::Json => Type::Text,
        LocalType::Binary { .. } => Type::Binary,
        LocalType::Date => Type::Date,
        LocalType::Time(_) => Type::Time,
        LocalType::Timestamp(_) | LocalType::DateTime(_) => Type::Timestamp,
        LocalType::TimestampTz(_) => Type::TimestampTz,
        LocalType::Affinity(affinity, _) => by_affinity(*affinity),
        LocalType::Bit(_) | LocalType::Other => return None,
    })
}

fn whole(bits: u8, unsigned: bool) -> Type {
    match (bits, unsigned) {
        (0..=16, false) => Type::SmallInt,
        (0..=16, true) => Type::SmallIntUnsigned,
        (17..=32, false) => Type::Integer,
        (17..=32, true) => Type::IntegerUnsigned,
        (_, false) => Type::BigInt,
        (_, true) => Type::BigIntUnsigned,
    }
}

/// A local precision and scale as ours: PostgreSQL's scale may be negative or above the precision, MySQL's
/// precision goes to 65. What then does not fit is found value by value.
fn decimal(precision: u16, scale: i16) -> Type {
    let digits = i32::from(precision).max(i32::from(scale)) - i32::from(scale.min(0));
    let narrow = |n: i32| u8::try_from(n.clamp(0, 38)).unwrap_or(38);
    Type::Decimal { precision: narrow(digits).max(1), scale: narrow(i32::from(scale)) }
}

fn by_affinity(affinity: Affinity) -> Type {
    match affinity {
        Affinity::Integer => Type::BigInt,
        Affinity::Real => Type::Double,
        Affinity::Numeric => UNCONSTRAINED,
        Affinity::Text | Affinity::None => Type::Text,
        Affinity::Blob => Type::Binary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Charset;

    const INT: LocalType = LocalType::Integer { bits: 32, unsigned: false, boolean: false };

    #[test]
    fn numbers_convert_among_themselves_but_not_to_floats_or_texts() {
        for ty in [Type::SmallInt, Type::BigIntUnsigned, UNCONSTRAINED] {
            assert_eq!(fits(&INT, ty, None), Ok(()));
        }
        for ty in [Type::Double, Type::Text, Type::Boolean] {
            assert!(fits(&INT, ty, None).is_err(), "{ty}");
        }
        let tiny = LocalType::Integer { bits: 8, unsigned: false, boolean: true };
        assert_eq!(fits(&tiny, Type::Boolean, None), Ok(()));
    }

    #[test]
    fn only_datetime_stands_for_an_instant_without_a_zone() {
        assert_eq!(fits(&LocalType::DateTime(6), Type::TimestampTz, None), Ok(()));
        assert!(fits(&LocalType::Timestamp(6), Type::TimestampTz, None).is_err());
    }

    #[test]
    fn encodings_are_for_sqlite() {
        let affinity = LocalType::Affinity(Affinity::Integer, Charset::Utf8);
        assert_eq!(fits(&affinity, Type::Date, Some(Encoding::UnixSeconds)), Ok(()));
        assert!(fits(&LocalType::Date, Type::Date, Some(Encoding::UnixSeconds)).is_err());
    }

    #[test]
    fn the_natural_decimal_stays_within_38_digits() {
        let natural_of = |p, s| natural(&LocalType::Decimal(Some((p, s)))).map(|ty| ty.to_string());
        assert_eq!(natural_of(12, 2).as_deref(), Some("decimal(12,2)"));
        assert_eq!(natural_of(65, 30).as_deref(), Some("decimal(38,30)"));
        assert_eq!(natural_of(5, -2).as_deref(), Some("decimal(7,0)"));
        assert_eq!(natural_of(3, 5).as_deref(), Some("decimal(5,5)"));
    }
}
