//! Functions that make much of little: `range(0, 1000000000)` is 30 characters of SQL and 8 GB.
//!
//! DataFusion's memory pool knows only of joins, sorts and aggregates. So what these functions are about to make is
//! reckoned before, and refused where it is more than a query may have.

use std::{mem::size_of, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, Int64Array},
        compute::{cast, kernels::length::length},
        datatypes::{
            DataType, FieldRef, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, TimeUnit,
        },
    },
    common::{DataFusionError, Result},
    logical_expr::{
        ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
        ScalarUDFImpl, Signature,
    },
};

use crate::session::Settings;

/// How many bytes a function is about to make of its arguments, at least.
type Reckoning = fn(&[ArrayRef]) -> Result<u128>;

/// The functions, under DataFusion's names.
const FUNCTIONS: [(&str, Reckoning); 7] = [
    ("range", range),
    ("generate_series", range),
    ("repeat", repeat),
    ("lpad", pad),
    ("rpad", pad),
    ("array_repeat", array),
    ("array_resize", array),
];

/// Bounds those of `functions` that make much of little.
pub(super) fn bound(functions: &mut [Arc<ScalarUDF>]) {
    for function in functions {
        if FUNCTIONS.iter().any(|(name, _)| *name == function.name()) {
            *function = Arc::new(ScalarUDF::from(Bounded(Arc::clone(function))));
        }
    }
}

/// The function, if what it makes fits a query's memory.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded(Arc<ScalarUDF>);

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.0.return_field_from_args(args)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.0.coerce_types(types)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.0.documentation()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let bytes = match FUNCTIONS.iter().find(|(name, _)| *name == self.name()) {
            Some((_, reckoning)) => reckoning(&ColumnarValue::values_to_arrays(&args.args)?)?,
            None => 0,
        };
        let settings = args.config_options.extensions.get::<Settings>();
        let most = settings.map_or(Ok(usize::MAX), |settings| {
            settings.limits().map(|limits| limits.query_memory)
        })?;
        match bytes > most as u128 {
            true => Err(DataFusionError::ResourcesExhausted(format!(
                "`{}` would make {} MiB at once; `intarsia.query_memory` allows {}",
                self.name(),
                bytes >> 20,
                most >> 20
            ))),
            false => self.0.invoke_with_args(args),
        }
    }
}

/// Numbers or times from one to another.
fn range(args: &[ArrayRef]) -> Result<u128> {
    let [.., last] = args else { return Ok(0) };
    let (starts, stops, steps) = match args {
        [starts, stops, steps] => (Some(counts(starts)?), counts(stops)?, Some(steps)),
        [starts, stops] => (Some(counts(starts)?), counts(stops)?, None),
        _ => (None, counts(last)?, None),
    };
    let rows = (0..stops.len()).filter(|row| stops.is_valid(*row)).map(|row| {
        let start = starts.as_ref().map_or(0, |starts| starts.value(row).into());
        let step = steps.map_or(1, |steps| step(steps, row));
        i128::from(stops.value(row)).saturating_sub(start).checked_div(step).unwrap_or(0).max(0)
    });
    let values: i128 = rows.sum();
    Ok(values.unsigned_abs() * size_of::<i64>() as u128)
}

/// What a range counts: numbers, nanoseconds, or days.
fn counts(array: &ArrayRef) -> Result<Int64Array> {
    let array = match array.data_type() {
        DataType::Timestamp(_, zone) => {
            &cast(array, &DataType::Timestamp(TimeUnit::Nanosecond, zone.clone()))?
        }
        _ => array,
    };
    Ok(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
}

const DAY_NANOS: i128 = 86_400_000_000_000;

/// How far a step goes. One between dates is taken for longer than it is: there are not many of them.
fn step(steps: &ArrayRef, row: usize) -> i128 {
    if let Some(steps) = steps.as_primitive_opt::<Int64Type>() {
        return steps.value(row).into();
    }
    steps.as_primitive_opt::<IntervalMonthDayNanoType>().map_or(1, |steps| {
        let IntervalMonthDayNano { months, days, nanoseconds } = steps.value(row);
        (i128::from(months) * 30 + i128::from(days)) * DAY_NANOS + i128::from(nanoseconds)
    })
}

/// A text, so many times.
fn repeat(args: &[ArrayRef]) -> Result<u128> {
    let [texts, times] = args else { return Ok(0) };
    let lengths = cast(&length(texts)?, &DataType::Int64)?;
    let lengths = lengths.as_primitive::<Int64Type>();
    let times = times_of(times)?;
    Ok(lengths.iter().zip(times).map(|(length, times)| positive(length) * times).sum())
}

/// A text of so many characters.
fn pad(args: &[ArrayRef]) -> Result<u128> {
    args.get(1).map_or(Ok(0), |lengths| Ok(times_of(lengths)?.sum()))
}

/// A list of so many elements.
fn array(args: &[ArrayRef]) -> Result<u128> {
    Ok(pad(args)? * size_of::<i64>() as u128)
}

fn times_of(numbers: &ArrayRef) -> Result<impl Iterator<Item = u128>> {
    let numbers = cast(numbers, &DataType::Int64)?;
    let numbers = numbers.as_primitive::<Int64Type>().clone();
    Ok((0..numbers.len())
        .map(move |row| positive(numbers.is_valid(row).then(|| numbers.value(row)))))
}

fn positive(number: Option<i64>) -> u128 {
    number.and_then(|number| u128::try_from(number).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::{
        ErrorKind,
        session::tests::{rows, run, session},
    };

    #[tokio::test]
    async fn what_makes_more_than_a_query_may_have_is_refused() {
        let session = session();
        for sql in [
            "SELECT range(0, 1000000000)",
            "SELECT generate_series(1000000000, id, -1) FROM t",
            "SELECT range(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-03', INTERVAL '1 microsecond')",
            "SELECT repeat(name, 2000000000) FROM t",
            "SELECT lpad(name, 2000000000) FROM t",
            "SELECT rpad(name, 2000000000, 'x') FROM t",
            "SELECT array_repeat(id, 1000000000) FROM t",
            "SELECT array_resize([id], 1000000000) FROM t",
        ] {
            let error = run(&session, sql, Vec::new()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Exhausted, "{sql}: {error}");
            assert!(error.to_string().contains("intarsia.query_memory"), "{sql}: {error}");
        }
    }

    #[tokio::test]
    async fn what_fits_is_as_it_was() {
        let session = session();
        for (sql, answer) in [
            ("SELECT range(9000000000, 1)", "[]"),
            ("SELECT range(2, 10, 3)", "[2, 5, 8]"),
            ("SELECT generate_series(3, 1, -1)", "[3, 2, 1]"),
            ("SELECT range(NULL)", ""),
            (
                "SELECT range(DATE '2024-01-01', DATE '2024-03-01', INTERVAL '1 month')",
                "[2024-01-01, 2024-02-01]",
            ),
            ("SELECT repeat('ab', 3)", "ababab"),
            ("SELECT repeat('ab', -1)", ""),
            ("SELECT lpad('a', 3, 'x')", "xxa"),
            ("SELECT rpad('a', 2)", "a"),
            ("SELECT array_repeat('a', 2)", "[a, a]"),
            ("SELECT list_repeat(1, 2)", "[1, 1]"),
            ("SELECT array_resize([1], 2, 7)", "[1, 7]"),
        ] {
            assert_eq!(rows(&run(&session, sql, Vec::new()).await.unwrap()), [answer], "{sql}");
        }
    }
}
