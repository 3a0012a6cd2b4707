//! `sum`: DataFusion's, but an error where the result does not fit in its type.

mod distinct;
mod groups;

use std::{fmt::Debug, marker::PhantomData, sync::Arc};

use datafusion::{
    arrow::{
        array::ArrayRef,
        datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type, UInt64Type},
    },
    common::{DataFusionError, Result, ScalarValue},
    functions_aggregate::sum::sum_udaf,
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, GroupsAccumulator,
        ReversedUDAF, SetMonotonicity, Signature,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
};

use super::exact::{self, Summand, Total};

/// DataFusion's sum with our accumulators for whole numbers and decimals.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sum {
    stock: Arc<AggregateUDF>,
}

impl Sum {
    pub(super) fn new() -> Sum {
        Sum { stock: sum_udaf() }
    }
}

/// Calls a function that is generic over the summand's type, or else the stock one.
macro_rules! by_type {
    ($ty:expr, $function:path, $($arg:expr),* ; else $otherwise:expr) => {
        match $ty {
            DataType::Int64 => $function(PhantomData::<Int64Type>, $($arg),*),
            DataType::UInt64 => $function(PhantomData::<UInt64Type>, $($arg),*),
            DataType::Decimal128(..) => $function(PhantomData::<Decimal128Type>, $($arg),*),
            _ => $otherwise,
        }
    };
}

impl AggregateUDFImpl for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn signature(&self) -> &Signature {
        self.stock.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.stock.return_type(arg_types)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let ty = args.return_field.data_type().clone();
        if args.is_distinct {
            let stock = self.stock.accumulator(args)?;
            return by_type!(ty, distinct::accumulator, stock, ty.clone(); else Ok(stock));
        }
        by_type!(ty, accumulator, ty.clone(); else self.stock.accumulator(args))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        if args.is_distinct || !args.return_type().is_integer() {
            return self.stock.state_fields(args);
        }
        let name = format_state_name(args.name, "sum");
        Ok(vec![Arc::new(Field::new(name, exact::TOTAL, true))])
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.stock.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let ty = args.return_field.data_type().clone();
        by_type!(ty, groups::accumulator, ty.clone(); else self.stock.create_groups_accumulator(args))
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        let ty = args.return_field.data_type().clone();
        if args.is_distinct {
            return by_type!(ty, distinct::sliding, ty.clone(); else self.stock.create_sliding_accumulator(args));
        }
        by_type!(ty, accumulator, ty.clone(); else self.stock.create_sliding_accumulator(args))
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.stock.documentation()
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.stock.inner().set_monotonicity(data_type)
    }
}

fn accumulator<T: Summand>(_: PhantomData<T>, ty: DataType) -> Result<Box<dyn Accumulator>> {
    Ok(Box::new(Sums::<T> { total: Total::default(), ty, summand: PhantomData }))
}

/// One sum, of all rows or of a window that moves.
#[derive(Debug)]
struct Sums<T> {
    total: Total,
    ty: DataType,
    summand: PhantomData<T>,
}

impl<T: Summand> Accumulator for Sums<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.total.add(exact::column::<T>(values)?);
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.total.subtract(exact::column::<T>(values)?);
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.total.add(exact::column::<Decimal128Type>(states)?);
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.total.partial::<T>(&self.ty)?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.total.value::<T>(&self.ty)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// An error for a state that an accumulator cannot have.
fn impossible() -> DataFusionError {
    DataFusionError::Internal("sum: a state of another shape".to_owned())
}
