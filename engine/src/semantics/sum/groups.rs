//! Sums of many groups at once.

use std::{marker::PhantomData, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, BooleanArray, Decimal128Array, PrimitiveArray},
        buffer::NullBuffer,
        compute::prep_null_mask_filter,
        datatypes::{DataType, Decimal128Type},
    },
    common::Result,
    logical_expr::{EmitTo, GroupsAccumulator},
    physical_expr::NullState,
};

use super::super::exact::{self, Summand};

pub(super) fn accumulator<T: Summand>(
    _: PhantomData<T>,
    ty: DataType,
) -> Result<Box<dyn GroupsAccumulator>> {
    Ok(Box::new(Groups::<T> {
        sums: Vec::new(),
        seen: NullState::new(),
        overflowed: false,
        ty,
        summand: PhantomData,
    }))
}

#[derive(Debug)]
struct Groups<T> {
    sums: Vec<i128>,
    /// Which groups have a value that is not NULL.
    seen: NullState,
    /// A total went past 128 bits, which only decimals reach.
    overflowed: bool,
    ty: DataType,
    summand: PhantomData<T>,
}

impl<T: Summand> Groups<T> {
    fn add<V: Summand>(
        &mut self,
        values: &PrimitiveArray<V>,
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total_groups: usize,
    ) -> Result<()> {
        self.sums.resize(total_groups, 0);
        let (sums, overflowed) = (&mut self.sums, &mut self.overflowed);
        self.seen.accumulate(groups, values, filter, total_groups, |group, value| {
            let (sum, past) = sums[group].overflowing_add(value.into());
            sums[group] = sum;
            *overflowed |= past;
        });
        if self.overflowed { Err(exact::overflow(None, &self.ty)) } else { Ok(()) }
    }

    fn take(&mut self, emit_to: EmitTo) -> (Vec<i128>, Option<NullBuffer>) {
        (emit_to.take_needed(&mut self.sums), self.seen.build(emit_to))
    }

    fn fit(&self, sum: i128) -> Result<T::Native> {
        T::fit(sum, &self.ty).ok_or_else(|| exact::overflow(Some(sum), &self.ty))
    }
}

impl<T: Summand> GroupsAccumulator for Groups<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.add(exact::column::<T>(values)?, group_indices, opt_filter, total_num_groups)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        let values = exact::column::<Decimal128Type>(values)?;
        self.add(values, group_indices, None, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (sums, nulls) = self.take(emit_to);
        let values = sums.into_iter().map(|sum| self.fit(sum)).collect::<Result<Vec<_>>>()?;
        let values = PrimitiveArray::<T>::new(values.into(), nulls);
        Ok(Arc::new(values.with_data_type(self.ty.clone())))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (sums, nulls) = self.take(emit_to);
        let sums = Decimal128Array::new(sums.into(), nulls);
        Ok(vec![Arc::new(sums.with_data_type(T::partial(&self.ty)))])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let values = exact::column::<T>(values)?;
        let kept = opt_filter.map(|filter| match filter.null_count() {
            0 => NullBuffer::new(filter.values().clone()),
            _ => NullBuffer::new(prep_null_mask_filter(filter).values().clone()),
        });
        let nulls = NullBuffer::union(values.nulls(), kept.as_ref());
        let sums = values.values().iter().map(|value| (*value).into()).collect::<Vec<i128>>();
        let sums = Decimal128Array::new(sums.into(), nulls);
        Ok(vec![Arc::new(sums.with_data_type(T::partial(&self.ty)))])
    }

    fn size(&self) -> usize {
        self.sums.capacity() * size_of::<i128>() + self.seen.size()
    }
}
