//! Exact totals: what a sum is made of, wherever overflow is looked for only at the end.
//!
//! A sum must not depend on the order of its rows: partitions, batches and windows pass through totals that do not
//! fit although the sum does. So totals of whole numbers are kept in 128 bits, which no number of rows overflows.

use std::fmt::Debug;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray},
        datatypes::{
            DECIMAL128_MAX_PRECISION, DataType, Decimal128Type, DecimalType, Int64Type, UInt64Type,
        },
    },
    common::{DataFusionError, Result, ScalarValue},
};

/// The type of a total of whole numbers on its way between partitions.
pub(super) const TOTAL: DataType = DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0);

/// A number whose sums are exact or an error.
pub(super) trait Summand:
    ArrowPrimitiveType<Native: Into<i128>> + Debug + Send + Sync
{
    /// The total as a value of type `ty`, if it fits.
    fn fit(total: i128, ty: &DataType) -> Option<Self::Native>;

    /// The type of a partial total, where the sum's is `ty`.
    fn partial(ty: &DataType) -> DataType;
}

impl Summand for Int64Type {
    fn fit(total: i128, _: &DataType) -> Option<i64> {
        total.try_into().ok()
    }

    fn partial(_: &DataType) -> DataType {
        TOTAL
    }
}

impl Summand for UInt64Type {
    fn fit(total: i128, _: &DataType) -> Option<u64> {
        total.try_into().ok()
    }

    fn partial(_: &DataType) -> DataType {
        TOTAL
    }
}

impl Summand for Decimal128Type {
    fn fit(total: i128, ty: &DataType) -> Option<i128> {
        let DataType::Decimal128(precision, _) = ty else { return None };
        Decimal128Type::is_valid_decimal_precision(total, *precision).then_some(total)
    }

    fn partial(ty: &DataType) -> DataType {
        ty.clone()
    }
}

/// A total and of how many values.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Total {
    sum: i128,
    count: u64,
    /// Past 128 bits, which only decimals reach.
    overflowed: bool,
}

impl Total {
    pub(super) fn add<T: Summand>(&mut self, values: &PrimitiveArray<T>) {
        each(values, |value| self.sum = self.carry(self.sum.overflowing_add(value)));
        self.count += non_null(values);
    }

    pub(super) fn subtract<T: Summand>(&mut self, values: &PrimitiveArray<T>) {
        each(values, |value| self.sum = self.carry(self.sum.overflowing_sub(value)));
        self.count -= non_null(values);
    }

    pub(super) fn add_one(&mut self, value: i128) {
        self.sum = self.carry(self.sum.overflowing_add(value));
        self.count += 1;
    }

    pub(super) fn subtract_one(&mut self, value: i128) {
        self.sum = self.carry(self.sum.overflowing_sub(value));
        self.count -= 1;
    }

    fn carry(&mut self, (sum, overflowed): (i128, bool)) -> i128 {
        self.overflowed |= overflowed;
        sum
    }

    /// The sum of type `ty`; NULL of no values.
    pub(super) fn value<T: Summand>(&self, ty: &DataType) -> Result<ScalarValue> {
        let fit = || Self::fit::<T>(self.sum, self.overflowed, ty);
        ScalarValue::new_primitive::<T>((self.count > 0).then(fit).transpose()?, ty)
    }

    /// The total on its way to another partition.
    pub(super) fn partial<T: Summand>(&self, ty: &DataType) -> Result<ScalarValue> {
        if self.overflowed {
            return Err(overflow(None, ty));
        }
        let sum = (self.count > 0).then_some(self.sum);
        ScalarValue::new_primitive::<Decimal128Type>(sum, &T::partial(ty))
    }

    fn fit<T: Summand>(sum: i128, overflowed: bool, ty: &DataType) -> Result<T::Native> {
        let known = (!overflowed).then_some(sum);
        known.and_then(|sum| T::fit(sum, ty)).ok_or_else(|| overflow(known, ty))
    }
}

fn each<T: Summand>(values: &PrimitiveArray<T>, mut take: impl FnMut(i128)) {
    if values.null_count() == 0 {
        values.values().iter().for_each(|value| take((*value).into()));
    } else {
        values.iter().flatten().for_each(|value| take(value.into()));
    }
}

fn non_null(values: &dyn Array) -> u64 {
    u64::try_from(values.len() - values.null_count()).unwrap_or(u64::MAX)
}

/// The error of a sum that does not fit; `sum` where it is known.
pub(super) fn overflow(sum: Option<i128>, ty: &DataType) -> DataFusionError {
    let kind = if ty.is_integer() { "integer" } else { "decimal" };
    let sum = match (sum, ty) {
        (Some(sum), DataType::Decimal128(precision, scale)) => {
            format!("the sum {} ", Decimal128Type::format_decimal(sum, *precision, *scale))
        }
        (Some(sum), _) => format!("the sum {sum} "),
        (None, _) => "a sum ".to_owned(),
    };
    DataFusionError::Execution(format!("{kind} overflow: {sum}does not fit in {ty}"))
}

/// The column of summands.
pub(super) fn column<T: Summand>(columns: &[ArrayRef]) -> Result<&PrimitiveArray<T>> {
    let column = columns.first().and_then(|column| column.as_primitive_opt::<T>());
    column.ok_or_else(|| DataFusionError::Internal("sum: a column of another type".to_owned()))
}
