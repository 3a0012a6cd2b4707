//! Sums of distinct values.

use std::{collections::HashMap, marker::PhantomData};

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray},
        datatypes::DataType,
    },
    common::{Result, ScalarValue},
    logical_expr::Accumulator,
};

use super::{
    super::exact::{self, Summand, Total},
    impossible,
};

/// Keeps the values as the `stock` accumulator does; only the sum over them is ours.
pub(super) fn accumulator<T: Summand>(
    _: PhantomData<T>,
    stock: Box<dyn Accumulator>,
    ty: DataType,
) -> Result<Box<dyn Accumulator>> {
    Ok(Box::new(Distinct::<T> { stock, ty, summand: PhantomData }))
}

#[derive(Debug)]
struct Distinct<T> {
    stock: Box<dyn Accumulator>,
    ty: DataType,
    summand: PhantomData<T>,
}

impl<T: Summand> Accumulator for Distinct<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.stock.update_batch(values)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.stock.merge_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.stock.state()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let state = self.stock.state()?;
        let Some(ScalarValue::List(values)) = state.first() else { return Err(impossible()) };
        let mut total = Total::default();
        total.add(values.values().as_primitive_opt::<T>().ok_or_else(impossible)?);
        total.value::<T>(&self.ty)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.stock.size()
    }
}

/// For a window that moves: how often each value is in it.
pub(super) fn sliding<T: Summand>(_: PhantomData<T>, ty: DataType) -> Result<Box<dyn Accumulator>> {
    Ok(Box::new(Sliding::<T> {
        counts: HashMap::new(),
        total: Total::default(),
        ty,
        summand: PhantomData,
    }))
}

#[derive(Debug)]
struct Sliding<T> {
    counts: HashMap<i128, usize>,
    total: Total,
    ty: DataType,
    summand: PhantomData<T>,
}

impl<T: Summand> Accumulator for Sliding<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for value in exact::column::<T>(values)?.iter().flatten() {
            let count = self.counts.entry(value.into()).or_default();
            *count += 1;
            if *count == 1 {
                self.total.add_one(value.into());
            }
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for value in exact::column::<T>(values)?.iter().flatten() {
            let count = self.counts.get_mut(&value.into()).ok_or_else(impossible)?;
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&value.into());
                self.total.subtract_one(value.into());
            }
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.total.value::<T>(&self.ty)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let values = states.first().and_then(|state| state.as_list_opt::<i32>());
        let values = values.ok_or_else(impossible)?;
        values.iter().flatten().try_for_each(|values| self.update_batch(&[values]))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let fit =
            |value: &i128| ScalarValue::new_primitive::<T>(T::fit(*value, &self.ty), &self.ty);
        let values = self.counts.keys().map(fit).collect::<Result<Vec<_>>>()?;
        Ok(vec![ScalarValue::List(ScalarValue::new_list_nullable(&values, &self.ty))])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.counts.capacity() * size_of::<(i128, usize)>()
    }
}
