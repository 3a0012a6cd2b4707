//! JSON, as one array or one object a line: arrow's writer, with encoders of our own for what JSON numbers cannot
//! carry. Decimals, and whole numbers beyond 2^53, are strings; so are `NaN` and the infinities, which JSON lacks.

use std::{fmt::Debug, io::Write, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, PrimitiveArray, RecordBatch},
    compute::cast,
    datatypes::{ArrowPrimitiveType, DataType, FieldRef, Float64Type, Int64Type, UInt64Type},
    error::ArrowError,
    json::{
        Encoder, EncoderFactory, EncoderOptions, Writer, WriterBuilder,
        writer::{JsonFormat, LineDelimited, NullableEncoder},
    },
};

use super::{Out, Render, cells};
use crate::status::Result;

/// Whole numbers up to this, either way, are exact wherever JSON numbers are read as doubles.
const EXACT: u64 = 1 << 53;

/// One array of objects, an object a line.
pub(super) fn array(out: Out<'_>) -> Json<'_, Lines> {
    Json { writer: builder().build(out) }
}

/// One object a line.
pub(super) fn lines(out: Out<'_>) -> Json<'_, LineDelimited> {
    Json { writer: builder().build(out) }
}

fn builder() -> WriterBuilder {
    WriterBuilder::new().with_explicit_nulls(true).with_encoder_factory(Arc::new(Exact))
}

/// Writes objects with the columns' names as keys.
pub(super) struct Json<'a, F: JsonFormat> {
    writer: Writer<Out<'a>, F>,
}

impl<F: JsonFormat + Send> Render for Json<'_, F> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch)?;
        Ok(self.writer.get_mut().flush()?)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.finish()?;
        Ok(self.writer.get_mut().flush()?)
    }
}

/// The array with an object a line, so that it can be read, searched and compared by lines.
#[derive(Debug, Default)]
pub(super) struct Lines;

impl JsonFormat for Lines {
    fn start_stream<W: Write>(&self, out: &mut W) -> Result<(), ArrowError> {
        Ok(out.write_all(b"[")?)
    }

    fn start_row<W: Write>(&self, out: &mut W, first: bool) -> Result<(), ArrowError> {
        Ok(out.write_all(if first { b"\n" } else { b",\n" })?)
    }

    fn end_stream<W: Write>(&self, out: &mut W) -> Result<(), ArrowError> {
        Ok(out.write_all(b"\n]\n")?)
    }
}

/// Chooses the encoders that differ from arrow's.
#[derive(Debug)]
struct Exact;

impl EncoderFactory for Exact {
    fn make_default_encoder<'a>(
        &self,
        _: &'a FieldRef,
        array: &'a dyn Array,
        _: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let encoder: Box<dyn Encoder + 'a> = match array.data_type() {
            DataType::Int64 => Box::new(Whole(array.as_primitive::<Int64Type>())),
            DataType::UInt64 => Box::new(Whole(array.as_primitive::<UInt64Type>())),
            DataType::Float16 | DataType::Float32 | DataType::Float64 if !finite(array)? => {
                Box::new(texts(array, |text| text.parse::<f64>().is_ok_and(f64::is_finite))?)
            }
            kind if kind.is_decimal() || kind.is_temporal() => Box::new(texts(array, |_| false)?),
            _ => return Ok(None),
        };
        Ok(Some(NullableEncoder::new(encoder, array.nulls().cloned())))
    }
}

/// Whole numbers: numbers as long as these are exact, then strings.
struct Whole<'a, T: ArrowPrimitiveType>(&'a PrimitiveArray<T>);

impl<T: ArrowPrimitiveType<Native: Into<i128>>> Encoder for Whole<'_, T> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        let value: i128 = self.0.value(row).into();
        let quote: &[u8] = if value.unsigned_abs() <= EXACT.into() { b"" } else { b"\"" };
        out.extend_from_slice(quote);
        out.extend_from_slice(value.to_string().as_bytes());
        out.extend_from_slice(quote);
    }
}

/// JSON that is ready to be copied, a value a row.
struct Ready(Vec<String>);

impl Encoder for Ready {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0[row].as_bytes());
    }
}

/// The values' texts as strings, except those that are `bare`. Made before the first is written, since an encoder
/// cannot fail and a date past the calendar's end has no text. None of these texts needs an escape.
fn texts(array: &dyn Array, bare: impl Fn(&str) -> bool) -> Result<Ready, ArrowError> {
    let formatter = cells::formatter(array)?;
    let text = |row: usize| {
        if array.is_null(row) {
            return Ok(String::new());
        }
        let text = formatter.value(row).try_to_string()?;
        Ok(if bare(&text) { text } else { format!("\"{text}\"") })
    };
    Ok(Ready((0..array.len()).map(text).collect::<Result<_, ArrowError>>()?))
}

fn finite(array: &dyn Array) -> Result<bool, ArrowError> {
    let doubles: ArrayRef = cast(array, &DataType::Float64)?;
    Ok(doubles.as_primitive::<Float64Type>().iter().flatten().all(f64::is_finite))
}
