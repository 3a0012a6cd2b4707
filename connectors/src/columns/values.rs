//! Appends by family of values: what the contract takes without a CAST, checked.

use super::{
    Builder, DAY, Decimal, Misfit,
    builder::Values,
    pow10,
    show::{Day, Instant, TimeOfDay},
};

/// The years that are taken, 1 to the last that DataFusion's calendar can print and compute with. Before year 1
/// the databases disagree on whether there is a year 0.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=95_026_236;

/// No single value may come near the 2 GiB that one column of a batch can hold.
const LONGEST: usize = 1 << 30;

/// The scale of a decimal column and the bound of its digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digits {
    scale: u16,
    bound: i128,
}

impl Digits {
    pub(super) fn new(precision: u8, scale: u8) -> Digits {
        let bound = pow10(u16::from(precision)).unwrap_or(i128::MAX);
        Digits { scale: u16::from(scale), bound }
    }

    #[inline]
    fn of(self, decimal: Decimal) -> Option<i128> {
        let digits = decimal.at_scale(self.scale)?;
        (-self.bound < digits && digits < self.bound).then_some(digits)
    }
}

impl Builder {
    /// Appends a truth value.
    #[inline]
    pub(crate) fn boolean(&mut self, value: bool) -> Result<(), Misfit> {
        match &mut self.values {
            Values::Boolean(builder) => builder.append_value(value),
            _ => return Err(self.misfit(value)),
        }
        Ok(())
    }

    /// Appends a whole number: to whole numbers and decimals where it fits, to a boolean if it is 0 or 1, to a
    /// float if it is exact there.
    #[inline]
    pub(crate) fn whole(&mut self, value: i128) -> Result<(), Misfit> {
        if append_whole(&mut self.values, value).is_some() {
            return Ok(());
        }
        Err(self.misfit(value))
    }

    /// Appends an exact number: to decimals and whole numbers where no digit is lost.
    #[inline]
    pub(crate) fn decimal(&mut self, value: Decimal) -> Result<(), Misfit> {
        let fitted = match &mut self.values {
            Values::Decimal(builder, digits) => digits.of(value).map(|n| builder.append_value(n)),
            Values::Boolean(_) | Values::Real(_) | Values::Double(_) => None,
            whole => value.at_scale(0).and_then(|n| append_whole(whole, n)),
        };
        fitted.ok_or_else(|| self.misfit(Shown(value)))
    }

    /// Appends an IEEE number of 32 bits: to a `real`, or widened to a `double`.
    #[inline]
    pub(crate) fn real(&mut self, value: f32) -> Result<(), Misfit> {
        match &mut self.values {
            Values::Real(builder) => builder.append_value(value),
            Values::Double(builder) => builder.append_value(f64::from(value)),
            _ => return Err(self.misfit(format_args!("{value:?}"))),
        }
        Ok(())
    }

    /// Appends an IEEE number of 64 bits: to a `double`, or to a `real` that holds it exactly.
    #[inline]
    pub(crate) fn double(&mut self, value: f64) -> Result<(), Misfit> {
        match &mut self.values {
            Values::Double(builder) => builder.append_value(value),
            Values::Real(builder) => match narrow(value) {
                Some(exact) => builder.append_value(exact),
                None => return Err(self.misfit(format_args!("{value:?}"))),
            },
            _ => return Err(self.misfit(format_args!("{value:?}"))),
        }
        Ok(())
    }

    /// Appends a text given as its bytes, which must be UTF-8; a UUID is checked and lower-cased.
    #[inline]
    pub(crate) fn text(&mut self, value: &[u8]) -> Result<(), Misfit> {
        let Ok(text) = std::str::from_utf8(value) else {
            return Err(Misfit::because(Hex(value), self.ty, "it is not UTF-8"));
        };
        if value.len() > LONGEST {
            return Err(Misfit::because(text, self.ty, "it is longer than 1 GiB"));
        }
        match &mut self.values {
            Values::Text(builder) => builder.append_value(text),
            Values::Uuid(builder) => match uuid(value) {
                Some(lower) => builder.append_value(ascii(&lower)),
                None => return Err(self.misfit(text)),
            },
            _ => return Err(self.misfit(text)),
        }
        Ok(())
    }

    /// Appends a UUID given as its 16 bytes, to a uuid or a text.
    #[inline]
    pub(crate) fn uuid(&mut self, value: [u8; 16]) -> Result<(), Misfit> {
        let text = hyphenated(value);
        match &mut self.values {
            Values::Uuid(builder) | Values::Text(builder) => builder.append_value(ascii(&text)),
            _ => return Err(self.misfit(ascii(&text))),
        }
        Ok(())
    }

    /// Appends bytes.
    #[inline]
    pub(crate) fn bytes(&mut self, value: &[u8]) -> Result<(), Misfit> {
        if value.len() > LONGEST {
            return Err(Misfit::because(Hex(value), self.ty, "it is longer than 1 GiB"));
        }
        match &mut self.values {
            Values::Binary(builder) => builder.append_value(value),
            _ => return Err(self.misfit(Hex(value))),
        }
        Ok(())
    }

    /// Appends a day, counted from 1970-01-01.
    #[inline]
    pub(crate) fn date(&mut self, days: i64) -> Result<(), Misfit> {
        if let Values::Date(builder) = &mut self.values
            && DAYS.contains(&days)
            && let Ok(days) = i32::try_from(days)
        {
            builder.append_value(days);
            return Ok(());
        }
        Err(self.misfit(Day(days)))
    }

    /// Appends a time of day, in microseconds since midnight; 24:00:00 is none.
    #[inline]
    pub(crate) fn time(&mut self, micros: i64) -> Result<(), Misfit> {
        if let Values::Time(builder) = &mut self.values
            && (0..DAY).contains(&micros)
        {
            builder.append_value(micros);
            return Ok(());
        }
        Err(self.misfit(TimeOfDay(micros)))
    }

    /// Appends a date and time or an instant, in microseconds since 1970-01-01 00:00:00 (UTC).
    #[inline]
    pub(crate) fn timestamp(&mut self, micros: i64) -> Result<(), Misfit> {
        if let Values::Timestamp(builder) = &mut self.values
            && DAYS.contains(&micros.div_euclid(DAY))
        {
            builder.append_value(micros);
            return Ok(());
        }
        Err(self.misfit(Instant(micros.into())))
    }
}

#[inline]
fn append_whole(values: &mut Values, value: i128) -> Option<()> {
    match values {
        Values::BigInt(builder) => builder.append_value(i64::try_from(value).ok()?),
        Values::Integer(builder) => builder.append_value(i32::try_from(value).ok()?),
        Values::SmallInt(builder) => builder.append_value(i16::try_from(value).ok()?),
        Values::BigIntUnsigned(builder) => builder.append_value(u64::try_from(value).ok()?),
        Values::IntegerUnsigned(builder) => builder.append_value(u32::try_from(value).ok()?),
        Values::SmallIntUnsigned(builder) => builder.append_value(u16::try_from(value).ok()?),
        Values::Decimal(builder, digits) => {
            builder.append_value(digits.of(Decimal { digits: value, scale: 0 })?);
        }
        Values::Boolean(builder) => builder.append_value(match value {
            0 => false,
            1 => true,
            _ => return None,
        }),
        Values::Double(builder) => builder.append_value(exact(value)?),
        Values::Real(builder) => builder.append_value(narrow(exact(value)?)?),
        _ => return None,
    }
    Some(())
}

/// The `double` that is precisely this whole number.
fn exact(value: i128) -> Option<f64> {
    let bits = 128 - value.unsigned_abs().leading_zeros();
    if bits.saturating_sub(value.trailing_zeros()) > f64::MANTISSA_DIGITS {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "the significant bits were counted just above")]
    Some(value as f64)
}

/// The `real` that is precisely this `double`.
#[inline]
fn narrow(value: f64) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "compared just below")]
    let real = value as f32;
    (f64::from(real).to_bits() == value.to_bits() || value.is_nan()).then_some(real)
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Where the hyphens of a UUID's text are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The lower-case text of a UUID written with its hyphens.
fn uuid(text: &[u8]) -> Option<[u8; 36]> {
    let mut lower: [u8; 36] = text.try_into().ok()?;
    for (at, byte) in lower.iter_mut().enumerate() {
        let fits = if HYPHENS.contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() };
        if !fits {
            return None;
        }
        byte.make_ascii_lowercase();
    }
    Some(lower)
}

fn hyphenated(value: [u8; 16]) -> [u8; 36] {
    let mut text = [b'-'; 36];
    let mut at = 0;
    for byte in value {
        if HYPHENS.contains(&at) {
            at += 1;
        }
        text[at] = HEX[usize::from(byte >> 4)];
        text[at + 1] = HEX[usize::from(byte & 15)];
        at += 2;
    }
    text
}

fn ascii(text: &[u8; 36]) -> &str {
    std::str::from_utf8(text).expect("hexadecimal digits and hyphens only")
}

/// Bytes as databases show them.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("0x")?;
        self.0.iter().take(64).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if self.0.len() > 64 { f.write_str("…") } else { Ok(()) }
    }
}

/// An exact number in plain notation.
struct Shown(Decimal);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Decimal { digits, scale } = self.0;
        let sign = if digits < 0 { "-" } else { "" };
        let scale = usize::from(scale);
        let digits = format!("{:0>width$}", digits.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let point = if scale == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::days_from_civil, *};

    #[test]
    fn the_range_of_days_is_what_it_says() {
        assert_eq!(*DAYS.start(), days_from_civil(1, 1, 1));
        assert_eq!(*DAYS.end(), days_from_civil(262_142, 12, 31));
    }

    #[test]
    fn uuids_are_lower_cased_and_checked() {
        let bytes: [u8; 16] = std::array::from_fn(|n| u8::try_from(n * 17).unwrap());
        let text = hyphenated(bytes);
        assert_eq!(ascii(&text), "00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(uuid(ascii(&text).to_uppercase().as_bytes()), Some(text));
        for bad in ["", "00112233445566778899aabbccddeeff", "{0112233-4455-6677-8899-aabbccddeeff}"]
        {
            assert_eq!(uuid(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_whole_number_is_a_float_only_when_exact() {
        assert_eq!(exact(1 << 53), Some(9_007_199_254_740_992.0));
        assert_eq!(exact((1 << 53) + 1), None);
        assert_eq!(exact(-(1 << 60)), Some(-1_152_921_504_606_846_976.0));
        assert_eq!(exact(0), Some(0.0));
        assert_eq!(narrow(0.1), None);
        assert_eq!(narrow(f64::MAX), None);
        assert_eq!(narrow(0.5), Some(0.5));
    }

    #[test]
    fn decimals_are_shown_in_plain_notation() {
        let shown = |digits, scale| Shown(Decimal { digits, scale }).to_string();
        assert_eq!(shown(-5, 3), "-0.005");
        assert_eq!(shown(1250, 2), "12.50");
        assert_eq!(shown(7, 0), "7");
    }
}
