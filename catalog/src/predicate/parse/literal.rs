//! A literal of a condition, and the value of a column that it stands for.

use std::fmt;

use crate::{Column, Type, Value, value};

/// A literal as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// With its sign.
    Number(String),
    /// `'text'`, which also serves dates and times.
    Text(String),
    Boolean(bool),
    /// `DATE '…'`
    Date(String),
    /// `TIMESTAMP '…'`
    Timestamp(String),
}

impl Literal {
    /// The value of this column's type, exactly.
    pub(super) fn value(&self, column: &Column) -> Result<Value, String> {
        self.typed(column.ty).ok_or_else(|| {
            let hint = match (column.ty, self) {
                (Type::Uuid, Literal::Text(text)) if value::read(text, Type::Uuid).is_some() => {
                    " (a uuid is written in lower case)"
                }
                (Type::Date | Type::Timestamp | Type::TimestampTz, Literal::Text(_)) => {
                    " (dates and times are written as ISO 8601 has them)"
                }
                _ => "",
            };
            format!("column `{}` is {}: {self} is no value of it{hint}", column.name, column.ty)
        })
    }

    fn typed(&self, ty: Type) -> Option<Value> {
        match (ty, self) {
            (Type::Boolean, Literal::Boolean(value)) => Some(Value::Boolean(*value)),
            (Type::Text, Literal::Text(text)) => Some(Value::Text(text.clone())),
            (Type::Uuid, Literal::Text(text)) => {
                value::read(text, ty).filter(|value| *value == Value::Text(text.clone()))
            }
            (Type::Date, Literal::Text(text) | Literal::Date(text)) => value::read(text, ty),
            (
                Type::Timestamp | Type::TimestampTz,
                Literal::Text(text) | Literal::Timestamp(text),
            ) => value::read(text, ty).or_else(|| midnight(text, ty)),
            (Type::Timestamp | Type::TimestampTz, Literal::Date(text)) => midnight(text, ty),
            (Type::Real | Type::Double, Literal::Number(text)) => value::read(text, ty)
                .filter(|value| matches!(value, Value::Float(f) if f.is_finite())),
            (ty, Literal::Number(text)) if is_exact_number(ty) => value::read(text, ty),
            _ => None,
        }
    }

    /// The remainder that a division by `modulus` can leave.
    pub(super) fn residue(&self, modulus: u32, signed: bool) -> Result<i64, String> {
        let Literal::Number(text) = self else {
            return Err(format!("a remainder is a whole number, not {self}"));
        };
        let least = if signed { 1 - i64::from(modulus) } else { 0 };
        match value::read(text, Type::BigInt) {
            Some(Value::Integer(number)) if (least.into()..modulus.into()).contains(&number) => {
                i64::try_from(number).map_err(|error| error.to_string())
            }
            _ => Err(format!(
                "`% {modulus}` is never {self}: it is a whole number from {least} to {}",
                modulus - 1
            )),
        }
    }
}

/// A day alone, as the first instant of it.
fn midnight(text: &str, ty: Type) -> Option<Value> {
    value::read(text, Type::Date)?;
    value::read(&format!("{text} 00:00:00"), ty)
}

fn is_exact_number(ty: Type) -> bool {
    match ty {
        Type::SmallInt
        | Type::SmallIntUnsigned
        | Type::Integer
        | Type::IntegerUnsigned
        | Type::BigInt
        | Type::BigIntUnsigned
        | Type::Decimal { .. } => true,
        Type::Boolean
        | Type::Real
        | Type::Double
        | Type::Text
        | Type::Binary
        | Type::Date
        | Type::Time
        | Type::Timestamp
        | Type::TimestampTz
        | Type::Uuid
        | Type::Json => false,
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &String| Value::Text(text.clone());
        match self {
            Literal::Number(number) => f.write_str(number),
            Literal::Text(inner) => write!(f, "{}", text(inner).show(0)),
            Literal::Boolean(value) => write!(f, "{}", Value::Boolean(*value).show(0)),
            Literal::Date(inner) => write!(f, "DATE {}", text(inner).show(0)),
            Literal::Timestamp(inner) => write!(f, "TIMESTAMP {}", text(inner).show(0)),
        }
    }
}
