//! Local expressions run backwards: from the values of a global column to those of the local columns that an
//! expression under `columns` reads.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, AsArray, StringArray, TimestampMicrosecondArray},
    compute::cast,
    datatypes::{DataType, Date32Type, Decimal128Type, Int64Type},
};
use datafusion::sql::sqlparser::ast::{self, BinaryOperator, Expr};
use intarsia_catalog::{Column, Encoding, Type};

use super::{literal::quoted, local::Source};
use crate::Result;

/// A time of day that a cast to DATE takes away again.
const SOME_TIME_MICROS: i64 = 45_296_000_000;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The local columns that `expression` reads, with values for which it gives `array`.
pub(super) fn sources(
    column: &Column,
    expression: &Expr,
    encoding: Option<Encoding>,
    array: &ArrayRef,
) -> Result<Vec<Source>> {
    let one = |name: String, ty, values: ArrayRef| {
        let nullable = column.nullable;
        let (exact, natural, values) = (true, true, Ok(values));
        Ok(vec![Source { name, exact, natural, ty, encoding, nullable, values }])
    };
    match expression {
        Expr::Nested(inner) => sources(column, inner, encoding, array),
        Expr::Value(_) | Expr::UnaryOp { .. } | Expr::TypedString(_) => Ok(Vec::new()),
        Expr::Identifier(name) => one(identifier(name), column.ty, Arc::clone(array)),
        Expr::Cast { expr, .. } if column.ty == Type::Date => {
            one(local_name(expr)?, Type::Timestamp, at_some_time(array))
        }
        Expr::Cast { expr, .. } => {
            one(local_name(expr)?, Type::Text, cast(array, &DataType::Utf8)?)
        }
        Expr::Case { operand: Some(operand), conditions, .. } => {
            one(local_name(operand)?, Type::Integer, looked_up(array, conditions)?)
        }
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::StringConcat => halves(column, left, right, array),
            _ => one(local_name(left)?, Type::BigInt, computed(array, op, right)?),
        },
        other => Err(format!("the tests cannot run `{other}` backwards").into()),
    }
}

/// A `rows` condition of the form `column = literal`.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) column: String,
    pub(super) ty: Type,
    /// What rows of the fragment say.
    pub(super) belongs: String,
    /// What other rows say.
    pub(super) strangers: Vec<String>,
}

/// Reads a `rows` condition.
pub(super) fn filter(condition: &Expr) -> Result<Filter> {
    let unknown = || format!("the tests know no rows that break `{condition}`");
    let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = condition else {
        return Err(unknown().into());
    };
    let column = local_name(left)?;
    let null = "NULL".to_owned();
    match text(right) {
        Some(text) => Ok(Filter {
            column,
            ty: Type::Text,
            belongs: quoted(&text),
            strangers: vec![
                quoted(&format!("{text} ")),
                quoted(&text.to_lowercase().repeat(2)),
                null,
            ],
        }),
        None => {
            let number: i64 = right.to_string().parse().map_err(|_| unknown())?;
            let strangers = vec![(number + 1).to_string(), null, (number - 1).to_string()];
            Ok(Filter { column, ty: Type::Integer, belongs: number.to_string(), strangers })
        }
    }
}

fn local_name(expression: &Expr) -> Result<String> {
    match expression {
        Expr::Identifier(name) => Ok(identifier(name)),
        Expr::Nested(inner) => local_name(inner),
        other => Err(format!("the tests cannot run `{other}` backwards").into()),
    }
}

fn identifier(name: &ast::Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Value(value) => match &value.value {
            ast::Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn at_some_time(dates: &ArrayRef) -> ArrayRef {
    let dates = dates.as_primitive::<Date32Type>().iter();
    let times = dates.map(|day| Some(i64::from(day?) * MICROS_PER_DAY + SOME_TIME_MICROS));
    Arc::new(times.collect::<TimestampMicrosecondArray>())
}

/// The number whose WHEN gives each text.
fn looked_up(array: &ArrayRef, conditions: &[ast::CaseWhen]) -> Result<ArrayRef> {
    let number = |value: Option<&str>| {
        let Some(value) = value else { return Ok(None) };
        let when = conditions.iter().find(|when| text(&when.result).as_deref() == Some(value));
        let when = when.ok_or_else(|| format!("no WHEN gives `{value}`"))?;
        Ok(Some(when.condition.to_string().parse::<i32>()?))
    };
    let numbers: Result<Vec<_>> = array.as_string::<i32>().iter().map(number).collect();
    Ok(Arc::new(arrow::array::Int32Array::from(numbers?)))
}

/// `local + k`, `local - k`, and `local / 100.0` (or another power of ten) for a decimal.
fn computed(array: &ArrayRef, op: &BinaryOperator, right: &Expr) -> Result<ArrayRef> {
    if let BinaryOperator::Divide = op {
        let digits = array.as_primitive::<Decimal128Type>();
        let digits: Result<Vec<_>, _> =
            digits.iter().map(|digits| digits.map(i64::try_from).transpose()).collect();
        return Ok(Arc::new(arrow::array::Int64Array::from(digits?)));
    }
    let k: i64 = right.to_string().parse()?;
    let k = if let BinaryOperator::Plus = op { -k } else { k };
    let wide = cast(array, &DataType::Int64)?;
    let shifted = wide.as_primitive::<Int64Type>().unary::<_, Int64Type>(|value| value + k);
    Ok(Arc::new(shifted))
}

/// `left || right`: each text is cut in the middle.
fn halves(column: &Column, left: &Expr, right: &Expr, array: &ArrayRef) -> Result<Vec<Source>> {
    let texts = array.as_string::<i32>();
    let cut =
        |text: &str| text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let part = |name: &Expr, part: &dyn Fn(&str) -> String| -> Result<Source> {
        let values: StringArray = texts.iter().map(|text| text.map(part)).collect();
        Ok(Source {
            name: local_name(name)?,
            exact: true,
            natural: true,
            ty: Type::Text,
            encoding: None,
            nullable: column.nullable,
            values: Ok(Arc::new(values)),
        })
    };
    Ok(vec![
        part(left, &|text| text[..cut(text)].to_owned())?,
        part(right, &|text| text[cut(text)..].to_owned())?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::sql::sqlparser::{dialect::GenericDialect, parser::Parser};

    fn expression(text: &str) -> Expr {
        Parser::new(&GenericDialect {}).try_with_sql(text).unwrap().parse_expr().unwrap()
    }

    fn run_backwards(ty: Type, text: &str, array: &ArrayRef) -> Vec<(String, Type, ArrayRef)> {
        let column = Column { name: "c".to_owned(), ty, nullable: true };
        let sources = sources(&column, &expression(text), None, array).unwrap();
        sources.into_iter().map(|source| (source.name, source.ty, source.values.unwrap())).collect()
    }

    #[test]
    fn sums_and_quotients() {
        let numbers: ArrayRef = Arc::new(arrow::array::Int32Array::from(vec![Some(7), None]));
        let [(name, ty, values)] = &run_backwards(Type::Integer, "x + 3", &numbers)[..] else {
            panic!()
        };
        assert_eq!((name.as_str(), *ty), ("x", Type::BigInt));
        assert_eq!(values.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(4), None]);
        let cents = arrow::array::Decimal128Array::from(vec![1999]).with_precision_and_scale(12, 2);
        let decimal = Type::Decimal { precision: 12, scale: 2 };
        let sources =
            run_backwards(decimal, "cents / 100.0", &(Arc::new(cents.unwrap()) as ArrayRef));
        assert_eq!(sources[0].2.as_primitive::<Int64Type>().value(0), 1999);
    }

    #[test]
    fn texts() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("éa"), Some("x"), None]));
        let sources = run_backwards(Type::Text, "\"First Half\" || b", &texts);
        let values = |at: usize| sources[at].2.as_string::<i32>().iter().collect::<Vec<_>>();
        assert_eq!((sources[0].0.as_str(), sources[1].0.as_str()), ("First Half", "b"));
        assert_eq!(
            (values(0), values(1)),
            (vec![Some("é"), Some(""), None], vec![Some("a"), Some("x"), None])
        );
        let case = run_backwards(Type::Text, "CASE k WHEN 1 THEN 'éa' WHEN 2 THEN 'x' END", &texts);
        let numbers =
            case[0].2.as_primitive::<arrow::datatypes::Int32Type>().iter().collect::<Vec<_>>();
        assert_eq!(numbers, [Some(1), Some(2), None]);
    }

    #[test]
    fn strangers_break_the_condition() {
        let filter = filter(&expression("kind = 'A'")).unwrap();
        assert_eq!(filter.belongs, "'A'");
        assert_eq!(filter.strangers, ["'A '", "'aa'", "NULL"]);
    }
}
