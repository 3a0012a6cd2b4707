//! Exact numbers: digits and a scale, rescaled without losing a digit.

/// `digits` × 10^−`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    /// The digits, with their sign.
    pub(crate) digits: i128,
    /// How many of them are after the point.
    pub(crate) scale: u16,
}

const POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut at = 1;
    while at < 39 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// 10^`exponent`, if an `i128` holds it.
#[inline]
pub(crate) fn pow10(exponent: u16) -> Option<i128> {
    POWERS.get(usize::from(exponent)).copied()
}

impl Decimal {
    /// The digits at another scale; `None` if a digit would be lost or the number grows too long.
    #[inline]
    pub(crate) fn at_scale(self, scale: u16) -> Option<i128> {
        if scale >= self.scale {
            return match scale - self.scale {
                0 => Some(self.digits),
                up => self.digits.checked_mul(pow10(up)?),
            };
        }
        match pow10(self.scale - scale) {
            Some(divisor) => (self.digits % divisor == 0).then(|| self.digits / divisor),
            None => (self.digits == 0).then_some(0),
        }
    }
}

/// Reads `[+-]digits[.digits][e[+-]digits]`. Zeros at the end of the fraction do not count, so that a long scale
/// with few digits fits. `None` if it is no number or too long for an `i128`.
pub(crate) fn parse_decimal(text: &[u8]) -> Option<Decimal> {
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let exponent_at = unsigned.iter().position(|b| matches!(b, b'e' | b'E'));
    let (number, exponent) = match exponent_at {
        Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..])?),
        None => (unsigned, 0),
    };
    let point = number.iter().position(|b| *b == b'.');
    let (whole, fraction) = match point {
        Some(at) => (&number[..at], &number[at + 1..]),
        None => (number, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    if !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    let fraction = trim_zeros(fraction);
    let digits = accumulate(whole.iter().chain(fraction))?;
    let scale = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
    normalise(if negative { -digits } else { digits }, scale)
}

fn parse_exponent(text: &[u8]) -> Option<i32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn trim_zeros(fraction: &[u8]) -> &[u8] {
    let kept = fraction.iter().rposition(|b| *b != b'0').map_or(0, |at| at + 1);
    &fraction[..kept]
}

fn accumulate<'a>(mut digits: impl Iterator<Item = &'a u8>) -> Option<i128> {
    digits.try_fold(0_i128, |n, digit| n.checked_mul(10)?.checked_add(i128::from(digit - b'0')))
}

/// A scale that is not negative; digits are multiplied up if the exponent asks for it.
fn normalise(digits: i128, scale: i64) -> Option<Decimal> {
    if digits == 0 {
        return Some(Decimal { digits, scale: 0 });
    }
    if scale >= 0 {
        return Some(Decimal { digits, scale: u16::try_from(scale).ok()? });
    }
    let power = pow10(u16::try_from(-scale).ok()?)?;
    Some(Decimal { digits: digits.checked_mul(power)?, scale: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        let read = |text: &str| parse_decimal(text.as_bytes()).map(|d| (d.digits, d.scale));
        assert_eq!(read("12.50"), Some((125, 1)));
        assert_eq!(read("-.5"), Some((-5, 1)));
        assert_eq!(read("+7."), Some((7, 0)));
        assert_eq!(read("1.5e3"), Some((1500, 0)));
        assert_eq!(read("15e-3"), Some((15, 3)));
        assert_eq!(read("0e999"), Some((0, 0)));
        assert_eq!(read(&format!("1.{}", "0".repeat(60))), Some((1, 0)));
        for bad in ["", ".", "-", "1e", "1e400", "0x1", "1 ", "NaN", "1.2.3", "--1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&"9".repeat(39)), None);
    }

    #[test]
    fn rescaling_loses_no_digit() {
        let at = |digits, scale, to| Decimal { digits, scale }.at_scale(to);
        assert_eq!(at(125, 2, 4), Some(12500));
        assert_eq!(at(1250, 3, 2), Some(125));
        assert_eq!(at(1251, 3, 2), None);
        assert_eq!(at(1, 0, 39), None);
        assert_eq!(at(0, 60, 2), Some(0));
        assert_eq!(at(1, 60, 2), None);
    }
}
