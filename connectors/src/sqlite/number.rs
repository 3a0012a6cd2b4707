//! SQLite's REAL where a whole number or a decimal is promised.

use std::io::Write;

use crate::columns::{Decimal, parse_decimal};

/// Beyond this, neighbouring doubles are more than 1 apart, and a whole number may be another one rounded.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// A double shows at least this many decimal digits as they were written: 10^15.
const DIGITS: f64 = 1e15;

/// Powers of ten that a double holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// A double that is surely a whole number.
pub(super) fn whole(real: f64) -> Option<i64> {
    (real.fract() == 0.0 && real.abs() <= WHOLE).then(|| truncate(real))
}

/// The decimal that the shortest text of a double stands for. A column of decimals that SQLite keeps as REAL is
/// read fastest by saying its `scale`, which the result then has if it can.
#[inline]
pub(super) fn decimal_of_real(real: f64, scale: u8) -> Option<Decimal> {
    short_decimal(real, scale).or_else(|| long_decimal(real))
}

/// The decimal, if it has at most 15 digits and so many after the point. No two decimals of 15 digits share a
/// double: if `digits / ten` gives back the double, its shortest text stands for just that.
#[inline]
fn short_decimal(real: f64, scale: u8) -> Option<Decimal> {
    let ten = *TENS.get(usize::from(scale))?;
    let digits = (real * ten).round();
    #[expect(clippy::float_cmp, reason = "nothing but the same double will do")]
    let same = digits.abs() < DIGITS && digits / ten == real;
    same.then(|| Decimal { digits: i128::from(truncate(digits)), scale: u16::from(scale) })
}

fn long_decimal(real: f64) -> Option<Decimal> {
    let mut text = [0; 32];
    let mut rest = text.as_mut_slice();
    write!(rest, "{real:e}").ok()?;
    let left = rest.len();
    parse_decimal(text.get(..text.len() - left)?)
}

#[expect(clippy::cast_possible_truncation, reason = "whole and below 2^63, as both callers see to")]
fn truncate(real: f64) -> i64 {
    real as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_scale(real: f64, scale: u8) -> Option<i128> {
        decimal_of_real(real, scale)?.at_scale(u16::from(scale))
    }

    #[test]
    fn a_real_counts_as_its_shortest_decimal_text() {
        for (real, scale, units) in [
            (0.1, 1, 1),
            (0.1, 2, 10),
            (19.99, 2, 1_999),
            (-0.07, 2, -7),
            (-0.0, 2, 0),
            (123_456_789_012.345_67, 5, 12_345_678_901_234_567),
            (1e22, 0, 10_i128.pow(22)),
            (1e-7, 7, 1),
            (0.5, 30, 5 * 10_i128.pow(29)),
            (12_345_678_901_234_567.0, 0, 12_345_678_901_234_568),
        ] {
            assert_eq!(at_scale(real, scale), Some(units), "{real} at scale {scale}");
        }
        for (real, scale) in
            [(0.125, 2), (1e-7, 6), (0.1 + 0.2, 2), (f64::INFINITY, 2), (f64::NAN, 2), (1e39, 0)]
        {
            assert_eq!(at_scale(real, scale), None, "{real} at scale {scale}");
        }
    }

    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        let mut seed = 88_172_645_463_325_252_u64;
        for _ in 0..20_000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let digits = seed % 10_u64.pow(1 + u32::try_from(seed >> 40).unwrap() % 17);
            let real: f64 = format!("{digits}e-{}", seed % 9).parse().unwrap();
            for scale in [0, 2, 8] {
                let long = long_decimal(real).and_then(|d| d.at_scale(u16::from(scale)));
                assert_eq!(at_scale(real, scale), long, "{real} at scale {scale}");
            }
        }
    }

    #[test]
    fn a_whole_number_is_taken_from_a_real_that_has_not_lost_any() {
        assert_eq!(whole(5.0), Some(5));
        assert_eq!(whole(-9_007_199_254_740_992.0), Some(-9_007_199_254_740_992));
        for real in [0.5, 1e16, f64::INFINITY, f64::NAN] {
            assert_eq!(whole(real), None, "{real}");
        }
    }
}
