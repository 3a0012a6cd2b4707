//! What random columns hold: a kind is a type with the values that are worth trying.

use datafusion::scalar::ScalarValue;
use intarsia_catalog::{Type, UTC};

use super::choices::Choices;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whole numbers that sums of cannot overflow.
    Small,
    /// Few texts that differ by case, padding or accent.
    Region,
    /// Exact amounts.
    Money,
    /// Days.
    Day,
    /// Texts with all that makes databases disagree.
    Word,
    /// TRUE and FALSE.
    Flag,
    /// Floats whose sums are exact in any order.
    Ratio,
    /// Timestamps.
    At,
    /// Whole numbers to the ends of their type.
    Wild,
    /// Instants.
    Instant,
    /// UUIDs.
    Uuid,
    /// Times of day.
    Clock,
    /// Whole numbers of 16 bits, to their ends.
    Tiny,
    /// Whole numbers without a sign, to their end.
    Natural,
    /// Floats of 32 bits.
    Real,
    /// Decimals as wide as there are.
    Wide,
    /// Bytes.
    Bytes,
    /// JSON.
    Json,
}

/// Every kind, simple ones first.
pub(super) const KINDS: [Kind; 18] = [
    Kind::Small,
    Kind::Region,
    Kind::Money,
    Kind::Day,
    Kind::Word,
    Kind::Flag,
    Kind::Ratio,
    Kind::At,
    Kind::Wild,
    Kind::Instant,
    Kind::Uuid,
    Kind::Clock,
    Kind::Tiny,
    Kind::Natural,
    Kind::Real,
    Kind::Wide,
    Kind::Bytes,
    Kind::Json,
];

const REGIONS: &[&str] = &["EU", "US", "eu", "AP", "EU ", "ÉU", ""];

const WORDS: &[&str] = &[
    "a",
    "A",
    "b",
    "a ",
    "á",
    "",
    "ab",
    "aB",
    "a_b",
    "a%b",
    "it's",
    "a\"b",
    "a\\b",
    "ß",
    "ss",
    "_x",
    "Z",
    "漢字",
    "e\u{301}",
    "NULL",
    " a",
    "a\tb",
    "1",
    "01",
    "x' OR 1=1 --",
];

const SMALLS: &[i32] = &[0, 1, 2, -1, 3, -2, 5, 7, 10, -10, 42, 100];

const WILDS: &[i64] = &[
    0,
    1,
    -1,
    2_147_483_647,
    2_147_483_648,
    -2_147_483_649,
    9_007_199_254_740_993,
    i64::MAX,
    i64::MIN,
    i64::MIN + 1,
];

/// Hundredths.
const MONEYS: &[i128] =
    &[0, 100, 110, -100, 1999, 50, -1, 1, 123_456, 999_999_999_999, -999_999_999_999];

// No -0.0: SQLite keeps a whole REAL as an integer, and loses the sign of a zero.
const RATIOS: &[f64] = &[0.0, 1.0, 0.5, -0.5, 0.25, 2.5, -2.5, 3.5, 100.0, 1024.0];

/// Days since 1970.
const DAYS: &[i32] = &[0, 1, 19_723, 19_782, -1, -25_567, 11_016, 20_000, 24_855, 19_724];

/// Microseconds since 1970; the last one is no whole millisecond.
const INSTANTS: &[i64] = &[
    0,
    1_000_000,
    1_704_067_200_000_000,
    -1_000_000,
    951_782_400_000_000,
    1_704_067_199_000_000,
    2_147_483_648_000_000,
    1_709_164_799_123_456,
];

const UUIDS: &[&str] = &[
    "00000000-0000-0000-0000-000000000000",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
];

/// Microseconds since midnight.
const CLOCKS: &[i64] = &[0, 1_000_000, 43_200_000_000, 86_399_999_999, 3_723_500_000];

const TINIES: &[i16] = &[0, 1, -1, 7, i16::MAX, i16::MIN];

// No greater ones: SQLite would keep them as REAL, and the engine refuses what has lost digits.
const NATURALS: &[u64] = &[0, 1, 7, 4_294_967_296, 9_223_372_036_854_775_807];

// 0.1 and 16777216 are where 32 bits and 64 part.
const REALS: &[f32] = &[0.0, 1.0, 0.5, -2.5, 0.1, 16_777_216.0, 1e30, -3.4e38];

/// In units of the tenth digit after the point.
const WIDES: &[i128] = &[
    0,
    1,
    -1,
    10_000_000_000,
    15_000_000_000,
    12_345_678_901_234_567_890_123_456_789,
    99_999_999_999_999_999_999_999_999_999_999_999_999,
    -99_999_999_999_999_999_999_999_999_999_999_999_999,
];

const BYTES: &[&[u8]] = &[b"", b"a", b"A", b"a ", b"ab", &[0], &[0, 255], &[97, 0]];

const JSONS: &[&str] =
    &["{}", "[1, 2]", "{\"a\": 1}", "{\"b\":  1, \"a\": null}", "1", "\"x\"", "null"];

impl Kind {
    /// The catalog's type.
    pub(super) fn ty(self) -> Type {
        match self {
            Kind::Small => Type::Integer,
            Kind::Wild => Type::BigInt,
            Kind::Region | Kind::Word => Type::Text,
            Kind::Money => Type::Decimal { precision: 12, scale: 2 },
            Kind::Day => Type::Date,
            Kind::Flag => Type::Boolean,
            Kind::Ratio => Type::Double,
            Kind::At => Type::Timestamp,
            Kind::Instant => Type::TimestampTz,
            Kind::Uuid => Type::Uuid,
            Kind::Clock => Type::Time,
            Kind::Tiny => Type::SmallInt,
            Kind::Natural => Type::BigIntUnsigned,
            Kind::Real => Type::Real,
            Kind::Wide => Type::Decimal { precision: 38, scale: 10 },
            Kind::Bytes => Type::Binary,
            Kind::Json => Type::Json,
        }
    }

    /// A value of the kind.
    pub(super) fn value(self, choices: &mut Choices) -> ScalarValue {
        let text = |text: &&str| ScalarValue::Utf8(Some((*text).to_owned()));
        match self {
            Kind::Small => ScalarValue::Int32(Some(*choices.pick(SMALLS))),
            Kind::Wild => ScalarValue::Int64(Some(*choices.pick(WILDS))),
            Kind::Region => text(choices.pick(REGIONS)),
            Kind::Word => text(choices.pick(WORDS)),
            Kind::Uuid => text(choices.pick(UUIDS)),
            Kind::Money => ScalarValue::Decimal128(Some(*choices.pick(MONEYS)), 12, 2),
            Kind::Day => ScalarValue::Date32(Some(*choices.pick(DAYS))),
            Kind::Flag => ScalarValue::Boolean(Some(choices.below(2) == 1)),
            Kind::Ratio => ScalarValue::Float64(Some(*choices.pick(RATIOS))),
            Kind::At => ScalarValue::TimestampMicrosecond(Some(*choices.pick(INSTANTS)), None),
            Kind::Instant => {
                ScalarValue::TimestampMicrosecond(Some(*choices.pick(INSTANTS)), Some(UTC.into()))
            }
            Kind::Clock => ScalarValue::Time64Microsecond(Some(*choices.pick(CLOCKS))),
            Kind::Tiny => ScalarValue::Int16(Some(*choices.pick(TINIES))),
            Kind::Natural => ScalarValue::UInt64(Some(*choices.pick(NATURALS))),
            Kind::Real => ScalarValue::Float32(Some(*choices.pick(REALS))),
            Kind::Wide => ScalarValue::Decimal128(Some(*choices.pick(WIDES)), 38, 10),
            Kind::Bytes => ScalarValue::Binary(Some(choices.pick(BYTES).to_vec())),
            Kind::Json => text(choices.pick(JSONS)),
        }
    }

    /// NULL of the kind.
    pub(super) fn null(self) -> ScalarValue {
        ScalarValue::try_new_null(&self.ty().arrow()).unwrap_or(ScalarValue::Null)
    }

    /// A literal of the kind, in the global dialect.
    pub(super) fn literal(self, choices: &mut Choices) -> String {
        let value = self.value(choices);
        let shown = shown(&value);
        match self {
            Kind::Small | Kind::Wild | Kind::Flag | Kind::Money | Kind::Tiny | Kind::Natural => {
                shown
            }
            Kind::Wide => shown,
            // With a point, and with an exponent where a decimal would do as well.
            Kind::Bytes => format!("X'{shown}'"),
            Kind::Ratio | Kind::Real if choices.once_in(3) => format!("{shown}e0"),
            Kind::Ratio | Kind::Real => shown,
            Kind::Region | Kind::Word | Kind::Uuid | Kind::Json => {
                format!("'{}'", shown.replace('\'', "''"))
            }
            Kind::Day => format!("DATE '{shown}'"),
            Kind::At => format!("TIMESTAMP '{}'", shown.replace('T', " ")),
            Kind::Instant => {
                format!("TIMESTAMPTZ '{}'", shown.replace('T', " ").replace('Z', "+00:00"))
            }
            // TIME '…' has nanoseconds, which DataFusion does not compare with microseconds.
            Kind::Clock => format!("arrow_cast('{shown}', 'Time64(Microsecond)')"),
        }
    }

    /// A literal as the conditions of a catalog take it.
    pub(super) fn catalog_literal(self, choices: &mut Choices) -> String {
        match self {
            Kind::Instant => {
                let shown = shown(&self.value(choices));
                format!("'{}'", shown.replace('T', " ").replace('Z', "+00:00"))
            }
            Kind::Ratio | Kind::Real => shown(&self.value(choices)),
            _ => self.literal(choices),
        }
    }

    /// Whether a condition of a catalog may be on a column of it.
    pub(super) fn splits(self) -> bool {
        !matches!(self, Kind::Clock | Kind::Bytes | Kind::Json)
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Kind::Region | Kind::Word)
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Kind::Small | Kind::Money | Kind::Ratio)
    }
}

/// A value as Arrow shows it.
fn shown(value: &ScalarValue) -> String {
    use arrow::util::display::array_value_to_string;
    let array = value.to_array().ok();
    array.and_then(|array| array_value_to_string(&array, 0).ok()).unwrap_or_default()
}
