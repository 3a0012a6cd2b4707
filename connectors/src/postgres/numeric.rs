//! PostgreSQL's binary `numeric`: digits of base 10,000.

use crate::columns::{Builder, Decimal, Misfit, pow10};

/// The sign field's values.
const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const MINUS_INFINITY: u16 = 0xF000;

/// The fixed part, and the digits as they come, two bytes each.
struct Numeric<'a> {
    /// The power of 10,000 of the first digit.
    weight: i16,
    sign: u16,
    /// Decimal digits after the point, for showing.
    scale: u16,
    digits: &'a [[u8; 2]],
}

/// Appends a numeric.
#[inline]
pub(super) fn append(builder: &mut Builder, bytes: &[u8]) -> Result<(), Misfit> {
    let Some(numeric) = Numeric::parse(bytes) else {
        return Err(builder.misfit("a numeric of another length than it says"));
    };
    match numeric.exact() {
        Some(decimal) if builder.decimal(decimal).is_ok() => Ok(()),
        _ => Err(builder.misfit(numeric.shown())),
    }
}

impl<'a> Numeric<'a> {
    #[inline]
    fn parse(bytes: &'a [u8]) -> Option<Numeric<'a>> {
        let (head, digits) = bytes.split_first_chunk::<8>()?;
        let [n0, n1, w0, w1, s0, s1, d0, d1] = *head;
        let (digits, []) = digits.as_chunks::<2>() else {
            return None;
        };
        let count = usize::from(u16::from_be_bytes([n0, n1]));
        (digits.len() == count).then(|| Numeric {
            weight: i16::from_be_bytes([w0, w1]),
            sign: u16::from_be_bytes([s0, s1]),
            scale: u16::from_be_bytes([d0, d1]),
            digits,
        })
    }

    /// The number, if it is one that an `i128` of digits can hold.
    #[inline]
    fn exact(&self) -> Option<Decimal> {
        let negative = match self.sign {
            POSITIVE => false,
            NEGATIVE => true,
            _ => return None,
        };
        let Some((last, before)) = self.digits.split_last() else {
            return Some(Decimal { digits: 0, scale: 0 });
        };
        let unsigned = before.iter().try_fold(0_i128, |n, digit| {
            n.checked_mul(10_000)?.checked_add(i128::from(u16::from_be_bytes(*digit)))
        })?;
        // The last digit without its zeros, which may lie beyond the scale: the number may be as long as 38.
        let (width, value) = significant(u16::from_be_bytes(*last));
        let unsigned = unsigned.checked_mul(pow10(width)?)?.checked_add(i128::from(value))?;
        let digits = if negative { -unsigned } else { unsigned };
        let before = i32::try_from(before.len()).ok()?;
        let scale = 4 * (before - 1 - i32::from(self.weight)) + i32::from(width);
        match u16::try_from(scale) {
            Ok(scale) => Some(Decimal { digits, scale }),
            Err(_) => {
                let up = pow10(u16::try_from(-scale).ok()?)?;
                Some(Decimal { digits: digits.checked_mul(up)?, scale: 0 })
            }
        }
    }

    /// As PostgreSQL prints it.
    #[cold]
    fn shown(&self) -> String {
        match self.sign {
            NAN => return "NaN".to_owned(),
            INFINITY => return "Infinity".to_owned(),
            MINUS_INFINITY => return "-Infinity".to_owned(),
            _ => {}
        }
        let digit = |power: i32| {
            let at = usize::try_from(i32::from(self.weight) - power).ok();
            at.and_then(|at| self.digits.get(at)).map_or(0, |bytes| u16::from_be_bytes(*bytes))
        };
        let whole: String = (0..=i32::from(self.weight))
            .rev()
            .map(|power| format!("{:04}", digit(power)))
            .collect();
        let groups = i32::from(self.scale.div_ceil(4));
        let fraction: String = (1..=groups).map(|n| format!("{:04}", digit(-n))).collect();
        let whole = Some(whole.trim_start_matches('0')).filter(|w| !w.is_empty()).unwrap_or("0");
        let sign = if self.sign == NEGATIVE { "-" } else { "" };
        let point = if self.scale == 0 { "" } else { "." };
        format!("{sign}{whole}{point}{}", &fraction[..usize::from(self.scale)])
    }
}

/// How many of the four decimal digits count, and what they are.
#[inline]
fn significant(digit: u16) -> (u16, u16) {
    let (mut width, mut value) = (4, digit);
    while width > 1 && value.is_multiple_of(10) {
        (width, value) = (width - 1, value / 10);
    }
    (width, value)
}

#[cfg(test)]
mod tests {
    use intarsia_catalog::Type;

    use super::*;

    fn bytes(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Vec<u8> {
        let count = u16::try_from(digits.len()).unwrap();
        let head = [count, weight.cast_unsigned(), sign, scale];
        head.iter().chain(digits).flat_map(|n| n.to_be_bytes()).collect()
    }

    fn read(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> (Option<(i128, u16)>, String) {
        let bytes = bytes(weight, sign, scale, digits);
        let numeric = Numeric::parse(&bytes).unwrap();
        (numeric.exact().map(|d| (d.digits, d.scale)), numeric.shown())
    }

    #[test]
    fn digits_of_base_10000_become_decimal_ones() {
        assert_eq!(read(0, POSITIVE, 0, &[]), (Some((0, 0)), "0".to_owned()));
        assert_eq!(read(0, NEGATIVE, 2, &[12, 3400]), (Some((-1234, 2)), "-12.34".to_owned()));
        assert_eq!(read(1, POSITIVE, 0, &[1]), (Some((10_000, 0)), "10000".to_owned()));
        assert_eq!(read(-1, POSITIVE, 4, &[5]), (Some((5, 4)), "0.0005".to_owned()));
        assert_eq!(read(-2, POSITIVE, 6, &[500]), (Some((5, 6)), "0.000005".to_owned()));
        let longest = [99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999];
        assert_eq!(read(9, POSITIVE, 0, &longest).0, Some((10_i128.pow(38) - 1, 0)));
        assert_eq!(read(40, POSITIVE, 0, &[1]).0, None);
    }

    #[test]
    fn what_is_no_number_is_shown_as_postgresql_does() {
        assert_eq!(read(0, NAN, 0, &[]), (None, "NaN".to_owned()));
        assert_eq!(read(0, MINUS_INFINITY, 0, &[]), (None, "-Infinity".to_owned()));
    }

    #[test]
    fn a_numeric_cut_short_is_an_error() {
        let mut builder = Builder::new(Type::Decimal { precision: 9, scale: 2 }, true);
        let whole = bytes(0, POSITIVE, 0, &[7]);
        assert!(append(&mut builder, &whole).is_ok());
        assert!(append(&mut builder, &whole[..9]).is_err());
        assert!(append(&mut builder, &whole[..5]).is_err());
    }
}
