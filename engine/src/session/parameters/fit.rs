//! A value as a parameter takes it.
//!
//! A client sends its own types: Python's integers are all bigint, and its texts may be numbers or dates. A value becomes
//! its parameter's type where nothing is lost; a number or a time that would lose something keeps its own type, and is
//! compared as what it is: `id = 1.5` is true of no whole `id`.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, TimeUnit},
    scalar::ScalarValue,
};

/// The value as type `ty`, or as its own where that is more exact. `None` if it is nothing of the kind.
pub(super) fn fit(value: ScalarValue, ty: &DataType) -> Option<ScalarValue> {
    let value = plain(value);
    if value.data_type() == *ty {
        return Some(value);
    }
    if value.is_null() {
        return ScalarValue::try_new_null(ty).ok();
    }
    match is_text(&value.data_type()) && !is_text(ty) {
        true => finest(&value, ty).map(|read| exact(read, ty)),
        false if alike(&value.data_type(), ty) => Some(exact(value, ty)),
        false if is_text(ty) => value.cast_to(ty).ok(),
        false => None,
    }
}

/// What a dictionary's value is; of a time with a zone the same instant in the session's.
pub(super) fn plain(value: ScalarValue) -> ScalarValue {
    use ScalarValue as V;
    match value {
        V::Dictionary(_, inner) => plain(*inner),
        V::TimestampSecond(at, Some(_)) => V::TimestampSecond(at, zone()),
        V::TimestampMillisecond(at, Some(_)) => V::TimestampMillisecond(at, zone()),
        V::TimestampMicrosecond(at, Some(_)) => V::TimestampMicrosecond(at, zone()),
        V::TimestampNanosecond(at, Some(_)) => V::TimestampNanosecond(at, zone()),
        other => other,
    }
}

/// As literals have it.
fn zone() -> Option<Arc<str>> {
    Some("+00:00".into())
}

/// The value as a literal of it would be: whole numbers are bigint. `None` of a NULL and of a text, which a client may send
/// for anything.
pub(super) fn literal(value: &ScalarValue) -> Option<ScalarValue> {
    let value = plain(value.clone());
    match value.data_type() {
        _ if value.is_null() => None,
        ty if is_text(&ty) => None,
        ty if ty.is_integer() => Some(exact(value, &DataType::Int64)),
        _ => Some(value),
    }
}

/// Cast if it can be cast back.
fn exact(value: ScalarValue, ty: &DataType) -> ScalarValue {
    let cast = value.cast_to(ty).ok().filter(|cast| !cast.is_null());
    let back = cast.as_ref().and_then(|cast| cast.cast_to(&value.data_type()).ok());
    match cast {
        Some(cast) if back.as_ref() == Some(&value) => cast,
        _ => value,
    }
}

/// A text read as a value of the kind of `ty` that keeps all that is written.
fn finest(text: &ScalarValue, ty: &DataType) -> Option<ScalarValue> {
    let read = |ty: &DataType| text.cast_to(ty).ok().filter(|value| !value.is_null());
    match ty {
        DataType::Timestamp(_, zone) => {
            read(&DataType::Timestamp(TimeUnit::Nanosecond, zone.clone())).or_else(|| read(ty))
        }
        DataType::Time32(_) | DataType::Time64(_) => read(&DataType::Time64(TimeUnit::Nanosecond)),
        ty if ty.is_integer() => read(&DataType::Int64).or_else(|| read(&DataType::UInt64)),
        ty if ty.is_decimal() => decimal(text),
        _ => read(ty),
    }
}

/// The decimal with as many digits as are written, or a double if it has an exponent.
fn decimal(text: &ScalarValue) -> Option<ScalarValue> {
    let digits = text.try_as_str().flatten()?.trim();
    let fraction = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let scale = i8::try_from(fraction).ok().filter(|_| !digits.contains(['e', 'E']));
    let ty = scale
        .map_or(DataType::Float64, |scale| DataType::Decimal128(DECIMAL128_MAX_PRECISION, scale));
    text.cast_to(&ty).ok().filter(|value| !value.is_null())
}

fn is_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Whether values of two types can be compared without being read as something else.
fn alike(a: &DataType, b: &DataType) -> bool {
    use DataType as T;
    let instant = |ty: &T| matches!(ty, T::Timestamp(..) | T::Date32 | T::Date64);
    let time = |ty: &T| matches!(ty, T::Time32(_) | T::Time64(_));
    let bytes =
        |ty: &T| matches!(ty, T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_));
    let span = |ty: &T| matches!(ty, T::Interval(_) | T::Duration(_));
    let kinds: [&dyn Fn(&T) -> bool; 6] =
        [&T::is_numeric, &instant, &time, &bytes, &span, &is_text];
    kinds.iter().any(|kind| kind(a) && kind(b)) || (is_list(a) && is_list(b))
}

fn is_list(ty: &DataType) -> bool {
    use DataType as T;
    matches!(ty, T::List(_) | T::LargeList(_) | T::FixedSizeList(..) | T::ListView(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ScalarValue as V;

    fn text(text: &str) -> V {
        V::Utf8(Some(text.to_owned()))
    }

    #[test]
    fn a_value_becomes_its_parameters_type() {
        let price = DataType::Decimal128(12, 2);
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (value, ty, fitted) in [
            (V::Int64(Some(5)), DataType::Int32, V::Int32(Some(5))),
            (V::Float64(Some(0.5)), price.clone(), V::Decimal128(Some(50), 12, 2)),
            (text("10.50"), price.clone(), V::Decimal128(Some(1050), 12, 2)),
            (text("7"), DataType::Int16, V::Int16(Some(7))),
            (text("2024-01-02"), DataType::Date32, V::Date32(Some(19_724))),
            (text("true"), DataType::Boolean, V::Boolean(Some(true))),
            (V::Int64(Some(5)), DataType::Utf8, text("5")),
            (
                V::Date32(Some(1)),
                micros.clone(),
                V::TimestampMicrosecond(Some(86_400_000_000), None),
            ),
            (
                V::TimestampMillisecond(Some(7), None),
                micros,
                V::TimestampMicrosecond(Some(7000), None),
            ),
            (V::Null, price, V::Decimal128(None, 12, 2)),
        ] {
            assert_eq!(fit(value.clone(), &ty), Some(fitted), "{value:?} as {ty}");
        }
    }

    #[test]
    fn what_would_lose_something_keeps_its_own_type() {
        let price = DataType::Decimal128(12, 2);
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (value, ty) in [
            (V::Float64(Some(1.5)), DataType::Int64),
            (V::Int64(Some(300)), DataType::Int8),
            (V::Decimal128(Some(10_505), 10, 3), price.clone()),
            (V::Int64(Some(i64::MAX)), DataType::Float64),
            (V::TimestampNanosecond(Some(1), None), micros.clone()),
            (V::TimestampSecond(Some(i64::MAX), None), micros),
            (V::TimestampSecond(Some(1), None), DataType::Date32),
        ] {
            assert_eq!(fit(value.clone(), &ty), Some(value), "{ty}");
        }
        assert_eq!(
            fit(text("10.505"), &price),
            Some(V::Decimal128(Some(10_505), DECIMAL128_MAX_PRECISION, 3))
        );
    }

    #[test]
    fn what_is_nothing_of_the_kind_is_none() {
        for (value, ty) in [
            (text("seven"), DataType::Int64),
            (text("1.5"), DataType::Int64),
            (text("2024-13-01"), DataType::Date32),
            (V::Boolean(Some(true)), DataType::Date32),
            (V::Int64(Some(1)), DataType::Timestamp(TimeUnit::Microsecond, None)),
        ] {
            assert_eq!(fit(value, &ty), None, "{ty}");
        }
    }
}
