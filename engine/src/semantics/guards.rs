//! A branch of CASE or COALESCE is evaluated only where it is reached.
//!
//! ```text
//! CASE WHEN c THEN 1 / x = 2 ELSE FALSE END  →  CASE TRUE WHEN c THEN 1 / x = 2 ELSE FALSE END
//! ```
//! DataFusion (55.2) makes AND and OR of a CASE of truth values, and evaluates both sides of those on most rows. It
//! leaves the form with an operand alone.

use datafusion::{
    arrow::datatypes::DataType,
    common::{
        DFSchema, Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{
        BinaryExpr, Case, Expr, ExprSchemable, LogicalPlan, Operator, expr::ScalarFunction, lit,
    },
    optimizer::AnalyzerRule,
};

use super::rewrite;

/// Gives an operand to each CASE and COALESCE of truth values with a branch that may fail.
#[derive(Debug)]
pub(super) struct Guards;

impl AnalyzerRule for Guards {
    fn name(&self) -> &'static str {
        "guards"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite::expressions(plan, |expr, schema| expr.transform_up(|expr| guard(expr, schema)))
    }
}

fn guard(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Case(case) if case.expr.is_none() && is_guard(&case, schema)? => {
            Ok(Transformed::yes(with_operand(case)))
        }
        Expr::ScalarFunction(function) if is_coalesce(&function, schema)? => {
            Ok(Transformed::yes(with_operand(as_case(function))))
        }
        other => Ok(Transformed::no(other)),
    }
}

/// Whether a CASE of truth values has a part that may fail and is not reached by every row.
fn is_guard(case: &Case, schema: &DFSchema) -> Result<bool> {
    let mut parts = case.when_then_expr.iter().flat_map(|(when, then)| [when, then]).skip(1);
    if !parts.any(|part| may_fail(part)) && !case.else_expr.iter().any(|part| may_fail(part)) {
        return Ok(false);
    }
    match case.when_then_expr.first() {
        Some((_, then)) => Ok(then.get_type(schema)? == DataType::Boolean),
        None => Ok(false),
    }
}

fn is_coalesce(function: &ScalarFunction, schema: &DFSchema) -> Result<bool> {
    let ScalarFunction { func, args } = function;
    Ok(func.name() == "coalesce"
        && args.iter().skip(1).any(may_fail)
        && !args.iter().any(Expr::is_volatile)
        && args[0].get_type(schema)? == DataType::Boolean)
}

/// Anything but comparisons of columns and literals.
fn may_fail(expr: &Expr) -> bool {
    let safe = |expr: &Expr| match expr {
        Expr::BinaryExpr(BinaryExpr { op, .. }) => compares(*op),
        Expr::Column(_)
        | Expr::OuterReferenceColumn(..)
        | Expr::Literal(..)
        | Expr::Alias(_)
        | Expr::Not(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_)
        | Expr::Between(_)
        | Expr::InList(_)
        | Expr::Like(_)
        | Expr::Case(_) => true,
        _ => false,
    };
    expr.exists(|part| Ok(!safe(part))).unwrap_or(true)
}

fn compares(op: Operator) -> bool {
    use Operator as O;
    let pure = [O::Eq, O::NotEq, O::Lt, O::LtEq, O::Gt, O::GtEq, O::And, O::Or];
    pure.contains(&op) || matches!(op, O::IsDistinctFrom | O::IsNotDistinctFrom)
}

fn as_case(function: ScalarFunction) -> Case {
    let mut args = function.args;
    let last = args.pop().map(Box::new);
    let branch = |arg: Expr| (Box::new(arg.clone().is_not_null()), Box::new(arg));
    Case::new(None, args.into_iter().map(branch).collect(), last)
}

fn with_operand(case: Case) -> Expr {
    Expr::Case(Case { expr: Some(Box::new(lit(true))), ..case })
}
