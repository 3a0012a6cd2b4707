//! Numbers in SQL text: one with a point is a decimal, one with an exponent is a double, and where a decimal literal
//! meets a floating-point number in a comparison it is a double.
//!
//! DataFusion reads both as decimals, or both as doubles. Here it reads decimals; numbers with an exponent go through
//! it as a call of a function that nobody can spell by accident, [`double`], and are literals again afterwards.
//! Comparisons need a rule because DataFusion compares a double with a decimal as decimal(30,15): an error from 1e15
//! up, and wrong near 0.3.

use std::{ops::ControlFlow, sync::Arc};

use datafusion::{
    arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, DecimalType, Field, FieldRef},
    common::{
        DFSchema, DataFusionError, Result, ScalarValue,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{
        BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ReturnFieldArgs,
        ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, expr::ScalarFunction,
    },
    optimizer::AnalyzerRule,
    sql::sqlparser::ast::{
        Expr as SqlExpr, Statement, UnaryOperator, Value, ValueWithSpan, VisitMut, VisitorMut,
    },
};

use super::{call::call, parameters, rewrite};

/// Turns the numbers with an exponent into doubles, whatever the planner makes of numbers.
pub(crate) fn mark_doubles(statement: &mut Statement) {
    // The visitor breaks off never.
    let _: ControlFlow<()> = statement.visit(&mut Marker);
}

struct Marker;

impl VisitorMut for Marker {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut SqlExpr) -> ControlFlow<()> {
        let marked = match &*expr {
            SqlExpr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => {
                with_exponent(inner).map(|value| call(NAME, format!("-{}", value.value), value))
            }
            other => with_exponent(other).map(|value| call(NAME, value.value.to_string(), value)),
        };
        if let Some(marked) = marked {
            *expr = marked;
        }
        ControlFlow::Continue(())
    }
}

fn with_exponent(expr: &SqlExpr) -> Option<&ValueWithSpan> {
    match expr {
        SqlExpr::Value(value) => match &value.value {
            Value::Number(digits, _) if digits.contains(['e', 'E']) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

const NAME: &str = "double literal";

/// The function that stands for a double until the plan is analyzed.
pub(super) fn double() -> Arc<ScalarUDF> {
    let signature = Signature::exact(vec![DataType::Utf8], Volatility::Immutable);
    Arc::new(ScalarUDF::from(Double { signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Double {
    signature: Signature,
}

impl Double {
    fn literal(args: &[Expr]) -> Result<Expr> {
        let number = match args {
            [Expr::Literal(ScalarValue::Utf8(Some(digits)), _)] => {
                digits.replace('_', "").parse::<f64>().ok()
            }
            _ => None,
        };
        let number = number.ok_or_else(|| DataFusionError::Plan("no number".to_owned()))?;
        Ok(Expr::Literal(ScalarValue::Float64(Some(number)), None))
    }
}

impl ScalarUDFImpl for Double {
    fn name(&self) -> &'static str {
        NAME
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        Ok(Double::literal(args)?.to_string())
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(Double::literal(args)?.schema_name().to_string())
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(NAME, DataType::Float64, false)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Scalar(text)] => {
                Ok(ColumnarValue::Scalar(text.cast_to(&DataType::Float64)?))
            }
            _ => Err(DataFusionError::Plan("no number".to_owned())),
        }
    }
}

/// Makes doubles and parameters literals, and of decimal literals what they are compared with.
#[derive(Debug)]
pub(super) struct Literals;

impl AnalyzerRule for Literals {
    fn name(&self) -> &'static str {
        "literals"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite::expressions(plan, |expr, schema| expr.transform_up(|expr| settle(expr, schema)))
    }
}

fn settle(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.inner().is::<Double>() => {
            Double::literal(&args).map(Transformed::yes)
        }
        Expr::ScalarFunction(function) => Ok(match parameters::value(&function) {
            Some(value) => Transformed::yes(Expr::Literal(value, None)),
            None => Transformed::no(Expr::ScalarFunction(function)),
        }),
        Expr::BinaryExpr(BinaryExpr { mut left, op, mut right }) => {
            let compared = is_comparison(op) && compare(vec![&mut left, &mut right], schema)?;
            let expr = Expr::BinaryExpr(BinaryExpr { left, op, right });
            Ok(Transformed::new_transformed(expr, compared))
        }
        Expr::Between(mut between) => {
            let sides = vec![&mut *between.expr, &mut *between.low, &mut *between.high];
            let compared = compare(sides, schema)?;
            Ok(Transformed::new_transformed(Expr::Between(between), compared))
        }
        Expr::InList(mut list) => {
            let sides = std::iter::once(&mut *list.expr).chain(&mut list.list).collect();
            let compared = compare(sides, schema)?;
            Ok(Transformed::new_transformed(Expr::InList(list), compared))
        }
        Expr::Case(mut case) => {
            let Some(base) = &mut case.expr else { return Ok(Transformed::no(Expr::Case(case))) };
            let whens = case.when_then_expr.iter_mut().map(|(when, _)| &mut **when);
            let compared = compare(std::iter::once(&mut **base).chain(whens).collect(), schema)?;
            Ok(Transformed::new_transformed(Expr::Case(case), compared))
        }
        Expr::InSubquery(mut inner) => {
            let compared = compare_column(&mut inner.expr, &inner.subquery.subquery);
            Ok(Transformed::new_transformed(Expr::InSubquery(inner), compared))
        }
        Expr::SetComparison(mut inner) => {
            let compared = compare_column(&mut inner.expr, &inner.subquery.subquery);
            Ok(Transformed::new_transformed(Expr::SetComparison(inner), compared))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn is_comparison(op: Operator) -> bool {
    use Operator as O;
    matches!(
        op,
        O::Eq
            | O::NotEq
            | O::Lt
            | O::LtEq
            | O::Gt
            | O::GtEq
            | O::IsDistinctFrom
            | O::IsNotDistinctFrom
    )
}

/// Makes doubles of the decimal literals among `sides`, if one of them is a floating-point number.
fn compare(mut sides: Vec<&mut Expr>, schema: &DFSchema) -> Result<bool> {
    if !sides.iter().any(|side| as_double(side).is_some()) {
        return Ok(false);
    }
    for side in &sides {
        if as_double(side).is_none() && side.get_type(schema)?.is_floating() {
            sides.iter_mut().for_each(|side| make_double(side));
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes a double of a decimal literal that is compared with the column of `subquery`.
fn compare_column(side: &mut Expr, subquery: &LogicalPlan) -> bool {
    let column = subquery.schema().fields().first();
    let floating = column.is_some_and(|column| column.data_type().is_floating());
    let literal = as_double(side).is_some();
    if floating {
        make_double(side);
    }
    floating && literal
}

fn make_double(side: &mut Expr) {
    if let Some(double) = as_double(side) {
        *side = Expr::Literal(ScalarValue::Float64(Some(double)), None);
    }
}

/// The double nearest to a decimal literal, as its text reads.
fn as_double(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Literal(ScalarValue::Decimal128(Some(value), precision, scale), _) => {
            Decimal128Type::format_decimal(*value, *precision, *scale).parse().ok()
        }
        Expr::Literal(ScalarValue::Decimal256(Some(value), precision, scale), _) => {
            Decimal256Type::format_decimal(*value, *precision, *scale).parse().ok()
        }
        Expr::Negative(inner) => as_double(inner).map(|double| -double),
        _ => None,
    }
}
