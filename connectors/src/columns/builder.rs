//! A builder for each promised type, and the family-wise appends.

use std::sync::Arc;

use arrow_array::{
    ArrayRef,
    builder::{
        BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder,
        Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder,
        Time64MicrosecondBuilder, TimestampMicrosecondBuilder, UInt16Builder, UInt32Builder,
        UInt64Builder,
    },
};
use intarsia_catalog::{Type, UTC};

use super::{Misfit, values};

/// A column of an answer under construction: appends are checked against its type and its nullability.
#[derive(Debug)]
pub(crate) struct Builder {
    pub(super) ty: Type,
    nullable: bool,
    pub(super) values: Values,
}

/// The values so far, in Arrow's own builder of the promised type.
#[derive(Debug)]
pub(super) enum Values {
    Boolean(BooleanBuilder),
    SmallInt(Int16Builder),
    SmallIntUnsigned(UInt16Builder),
    Integer(Int32Builder),
    IntegerUnsigned(UInt32Builder),
    BigInt(Int64Builder),
    BigIntUnsigned(UInt64Builder),
    Real(Float32Builder),
    Double(Float64Builder),
    Decimal(Decimal128Builder, values::Digits),
    Text(StringBuilder),
    Uuid(StringBuilder),
    Binary(BinaryBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp(TimestampMicrosecondBuilder),
}

/// Runs an expression on whichever builder there is.
macro_rules! with_builder {
    ($values:expr, $builder:ident => $body:expr) => {
        match $values {
            Values::Boolean($builder) => $body,
            Values::SmallInt($builder) => $body,
            Values::SmallIntUnsigned($builder) => $body,
            Values::Integer($builder) => $body,
            Values::IntegerUnsigned($builder) => $body,
            Values::BigInt($builder) => $body,
            Values::BigIntUnsigned($builder) => $body,
            Values::Real($builder) => $body,
            Values::Double($builder) => $body,
            Values::Decimal($builder, _) => $body,
            Values::Text($builder) | Values::Uuid($builder) => $body,
            Values::Binary($builder) => $body,
            Values::Date($builder) => $body,
            Values::Time($builder) => $body,
            Values::Timestamp($builder) => $body,
        }
    };
}

impl Builder {
    /// An empty column of type `ty`.
    pub(crate) fn new(ty: Type, nullable: bool) -> Builder {
        Builder { ty, nullable, values: Values::new(ty) }
    }

    /// The promised type.
    pub(crate) fn ty(&self) -> Type {
        self.ty
    }

    /// Appends NULL.
    #[inline]
    pub(crate) fn null(&mut self) -> Result<(), Misfit> {
        if !self.nullable {
            return Err(Misfit::null());
        }
        with_builder!(&mut self.values, builder => builder.append_null());
        Ok(())
    }

    /// The error for a value, as the node shows it, that is none of the promised type.
    #[cold]
    pub(crate) fn misfit(&self, value: impl std::fmt::Display) -> Misfit {
        Misfit::new(value, self.ty)
    }

    /// The finished array; the builder is empty again.
    pub(super) fn finish(&mut self) -> ArrayRef {
        with_builder!(&mut self.values, builder => Arc::new(builder.finish()))
    }
}

impl Values {
    fn new(ty: Type) -> Values {
        match ty {
            Type::Boolean => Values::Boolean(BooleanBuilder::new()),
            Type::SmallInt => Values::SmallInt(Int16Builder::new()),
            Type::SmallIntUnsigned => Values::SmallIntUnsigned(UInt16Builder::new()),
            Type::Integer => Values::Integer(Int32Builder::new()),
            Type::IntegerUnsigned => Values::IntegerUnsigned(UInt32Builder::new()),
            Type::BigInt => Values::BigInt(Int64Builder::new()),
            Type::BigIntUnsigned => Values::BigIntUnsigned(UInt64Builder::new()),
            Type::Real => Values::Real(Float32Builder::new()),
            Type::Double => Values::Double(Float64Builder::new()),
            Type::Decimal { precision, scale } => Values::Decimal(
                Decimal128Builder::new().with_data_type(ty.arrow()),
                values::Digits::new(precision, scale),
            ),
            Type::Text | Type::Json => Values::Text(StringBuilder::new()),
            Type::Uuid => Values::Uuid(StringBuilder::new()),
            Type::Binary => Values::Binary(BinaryBuilder::new()),
            Type::Date => Values::Date(Date32Builder::new()),
            Type::Time => Values::Time(Time64MicrosecondBuilder::new()),
            Type::Timestamp => Values::Timestamp(TimestampMicrosecondBuilder::new()),
            Type::TimestampTz => {
                Values::Timestamp(TimestampMicrosecondBuilder::new().with_timezone(UTC))
            }
        }
    }
}
