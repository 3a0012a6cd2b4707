//! A literal of a plan as a [`Value`] of a column's type.

use datafusion::common::ScalarValue;
use intarsia_catalog::{Type, Value};

/// `scalar` as a value of a column of type `ty`; `None` if it is NULL, of another family, or not exact in it.
pub(crate) fn of(scalar: &ScalarValue, ty: Type) -> Option<Value> {
    match ty {
        Type::Boolean => boolean(scalar),
        Type::SmallInt
        | Type::SmallIntUnsigned
        | Type::Integer
        | Type::IntegerUnsigned
        | Type::BigInt
        | Type::BigIntUnsigned => integer(scalar).map(Value::Integer),
        Type::Real | Type::Double => float(scalar),
        Type::Decimal { scale, .. } => decimal(scalar, scale),
        Type::Text | Type::Uuid => {
            scalar.try_as_str().flatten().map(|text| Value::Text(text.to_owned()))
        }
        Type::Date => date(scalar),
        Type::Timestamp => timestamp(scalar, false),
        Type::TimestampTz => timestamp(scalar, true),
        Type::Binary | Type::Time | Type::Json => None,
    }
}

fn boolean(scalar: &ScalarValue) -> Option<Value> {
    match scalar {
        ScalarValue::Boolean(value) => value.map(Value::Boolean),
        _ => None,
    }
}

fn integer(scalar: &ScalarValue) -> Option<i128> {
    match scalar {
        ScalarValue::Int8(value) => value.map(i128::from),
        ScalarValue::Int16(value) => value.map(i128::from),
        ScalarValue::Int32(value) => value.map(i128::from),
        ScalarValue::Int64(value) => value.map(i128::from),
        ScalarValue::UInt8(value) => value.map(i128::from),
        ScalarValue::UInt16(value) => value.map(i128::from),
        ScalarValue::UInt32(value) => value.map(i128::from),
        ScalarValue::UInt64(value) => value.map(i128::from),
        _ => None,
    }
}

fn float(scalar: &ScalarValue) -> Option<Value> {
    match scalar {
        ScalarValue::Float32(Some(value)) if value.is_finite() => {
            Some(Value::Float(f64::from(*value)))
        }
        ScalarValue::Float64(Some(value)) if value.is_finite() => Some(Value::Float(*value)),
        _ => None,
    }
}

fn decimal(scalar: &ScalarValue, scale: u8) -> Option<Value> {
    match scalar {
        ScalarValue::Decimal128(Some(digits), _, own) if *own == scale.cast_signed() => {
            Some(Value::Decimal(*digits))
        }
        _ => None,
    }
}

fn date(scalar: &ScalarValue) -> Option<Value> {
    match scalar {
        ScalarValue::Date32(days) => days.map(Value::Date),
        _ => None,
    }
}

fn timestamp(scalar: &ScalarValue, zoned: bool) -> Option<Value> {
    match scalar {
        ScalarValue::TimestampMicrosecond(micros, zone) if zone.is_some() == zoned => {
            micros.map(Value::Timestamp)
        }
        _ => None,
    }
}
