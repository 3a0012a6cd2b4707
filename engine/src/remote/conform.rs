//! conform: the value of an expression of the catalog as its global column's type, by the same rules as a
//! stored column, checked.

use std::{hash::Hash, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, Int64Array, Scalar, new_null_array},
        compute::{CastOptions, cast_with_options, kernels::cmp::distinct, kernels::numeric},
        datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type, TimeUnit},
        util::display::{ArrayFormatter, FormatOptions},
    },
    common::{Result as PlanResult, plan_err},
    error::DataFusionError,
    logical_expr::{
        ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
        Signature, Volatility,
    },
};
use intarsia_catalog::{Column, Encoding, Place, Type};
use intarsia_connectors::{Error, ErrorKind};

use crate::error::external;

/// `value` as a value of `column`, an error at run time where it does not fit.
pub(crate) fn conform(
    value: Expr,
    column: &Column,
    encoding: Option<Encoding>,
    place: &Place,
) -> Expr {
    let conform = Conform {
        column: column.clone(),
        encoding,
        place: place.clone(),
        signature: Signature::any(1, Volatility::Immutable),
    };
    ScalarUDF::new_from_impl(conform).call(vec![value])
}

/// The function behind [`conform`]; one for each column of each relation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Conform {
    column: Column,
    encoding: Option<Encoding>,
    place: Place,
    signature: Signature,
}

impl Hash for Conform {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.column.name.hash(state);
        self.place.hash(state);
    }
}

impl ScalarUDFImpl for Conform {
    fn name(&self) -> &'static str {
        "conform"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> PlanResult<DataType> {
        Ok(self.column.ty.arrow())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> PlanResult<FieldRef> {
        let from = args.arg_fields[0].data_type();
        if self.encoding.is_none() && !converts(from, self.column.ty) {
            return plan_err!(
                "relation `{}`: the expression for column `{}` is {from}, the catalog says {}: write a CAST",
                self.place,
                self.column.name,
                self.column.ty
            );
        }
        Ok(Arc::new(Field::new(self.name(), self.column.ty.arrow(), self.column.nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> PlanResult<ColumnarValue> {
        match &args.args[0] {
            ColumnarValue::Array(array) => Ok(ColumnarValue::Array(self.array(array)?)),
            ColumnarValue::Scalar(scalar) => {
                let array = self.array(&scalar.to_array()?)?;
                Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(
                    &array, 0,
                )?))
            }
        }
    }
}

const STRICT: CastOptions<'static> =
    CastOptions { safe: false, format_options: FormatOptions::new() };

impl Conform {
    fn array(&self, array: &ArrayRef) -> PlanResult<ArrayRef> {
        let decoded = match self.encoding {
            Some(encoding) => decode(array, encoding)?,
            None => Arc::clone(array),
        };
        let target = self.column.ty.arrow();
        let cast = if *decoded.data_type() == target {
            Arc::clone(&decoded)
        } else {
            self.cast(&decoded, &target)?
        };
        if !self.column.nullable && cast.null_count() > 0 {
            return Err(self.misfit("NULL"));
        }
        Ok(cast)
    }

    /// The cast, and back: what does not come back the same has lost something.
    fn cast(&self, array: &ArrayRef, target: &DataType) -> PlanResult<ArrayRef> {
        // A plain NULL has a type of its own, to which nothing can be cast back.
        if *array.data_type() == DataType::Null {
            return Ok(new_null_array(target, array.len()));
        }
        let there = cast_with_options(array, target, &STRICT);
        let back = there
            .as_ref()
            .ok()
            .and_then(|there| cast_with_options(there, array.data_type(), &STRICT).ok());
        match (there, back) {
            (Ok(there), Some(back)) => {
                let differs = distinct(&back, array)?;
                match differs.iter().position(|differs| differs == Some(true)) {
                    Some(row) => Err(self.misfit(&shown(array, row)?)),
                    None => Ok(there),
                }
            }
            _ => Err(self.first_misfit(array, target)?),
        }
    }

    /// The first value that cannot be cast at all.
    fn first_misfit(&self, array: &ArrayRef, target: &DataType) -> PlanResult<DataFusionError> {
        let misfit =
            |row: &usize| cast_with_options(&array.slice(*row, 1), target, &STRICT).is_err();
        let row = (0..array.len()).find(misfit).unwrap_or_default();
        Ok(self.misfit(&shown(array, row)?))
    }

    fn misfit(&self, value: &str) -> DataFusionError {
        let Column { name, ty, nullable } = &self.column;
        let promise = if *nullable { ty.to_string() } else { format!("{ty} not null") };
        let message = format!(
            "relation `{}`: the expression for column `{name}` gives {value}, which is no {promise}",
            self.place
        );
        external(Error::new(ErrorKind::Mismatch, &self.place.node, message))
    }
}

fn shown(array: &ArrayRef, row: usize) -> PlanResult<String> {
    let options = FormatOptions::default();
    Ok(ArrayFormatter::try_new(array, &options)?.value(row).try_to_string()?)
}

/// Which Arrow types are taken for a type of the catalog without a CAST.
fn converts(from: &DataType, ty: Type) -> bool {
    use DataType as D;
    let exact = from.is_integer() || matches!(from, D::Decimal128(..) | D::Decimal256(..));
    match ty {
        _ if *from == D::Null => true,
        Type::Boolean => *from == D::Boolean,
        Type::SmallInt
        | Type::SmallIntUnsigned
        | Type::Integer
        | Type::IntegerUnsigned
        | Type::BigInt
        | Type::BigIntUnsigned
        | Type::Decimal { .. } => exact,
        Type::Real | Type::Double => matches!(from, D::Float32 | D::Float64),
        Type::Text | Type::Uuid | Type::Json => from.is_string(),
        Type::Binary => {
            matches!(from, D::Binary | D::BinaryView | D::LargeBinary | D::FixedSizeBinary(_))
        }
        Type::Date => *from == D::Date32,
        Type::Time => matches!(from, D::Time32(_) | D::Time64(_)),
        Type::Timestamp => matches!(from, D::Timestamp(_, None)),
        Type::TimestampTz => matches!(from, D::Timestamp(_, Some(_))),
    }
}

/// Numbers as the instants that they stand for.
fn decode(array: &ArrayRef, encoding: Encoding) -> PlanResult<ArrayRef> {
    let micros = match encoding {
        Encoding::UnixSeconds => scaled(array, 1_000_000)?,
        Encoding::UnixMillis => scaled(array, 1_000)?,
        Encoding::UnixMicros => scaled(array, 1)?,
        Encoding::JulianDay => julian(array)?,
    };
    Ok(cast_with_options(&micros, &DataType::Timestamp(TimeUnit::Microsecond, None), &STRICT)?)
}

fn scaled(array: &ArrayRef, unit: i64) -> PlanResult<ArrayRef> {
    let whole = cast_with_options(array, &DataType::Int64, &STRICT)?;
    let unit = Int64Array::new_scalar(unit);
    Ok(numeric::mul(&whole, &unit as &Scalar<_>)?)
}

/// Julian day 2440587.5 is 1970-01-01 00:00:00; rounded to the millisecond.
fn julian(array: &ArrayRef) -> PlanResult<ArrayRef> {
    let days = cast_with_options(array, &DataType::Float64, &STRICT)?;
    let days = days.as_primitive::<Float64Type>();
    let millis = days.unary::<_, Float64Type>(|day| ((day - 2_440_587.5) * 86_400_000.0).round());
    let millis = cast_with_options(&millis, &DataType::Int64, &STRICT)?;
    let millis: ArrayRef = Arc::new(millis.as_primitive::<Int64Type>().clone());
    scaled(&millis, 1_000)
}
