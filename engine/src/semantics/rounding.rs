//! How many digits ROUND keeps is known before types are settled.
//!
//! DataFusion (55.2) makes `round(price, 1)` a decimal of one digit if the 1 is a literal. While it settles types it wraps
//! the literal in a cast, and takes the result for a decimal of as many digits as `price`; what is compared or unified with
//! it is then cast to a type that it has not. A literal of the type that ROUND takes stays one.

use datafusion::{
    common::{
        Result, ScalarValue,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{Expr, LogicalPlan, expr::ScalarFunction},
    optimizer::AnalyzerRule,
};

use super::rewrite;

/// Gives ROUND its digits as it takes them.
#[derive(Debug)]
pub(super) struct Rounding;

impl AnalyzerRule for Rounding {
    fn name(&self) -> &'static str {
        "rounding"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite::expressions(plan, |expr, _| expr.transform_up(|expr| Ok(rounded(expr))))
    }
}

fn rounded(expr: Expr) -> Transformed<Expr> {
    let Expr::ScalarFunction(ScalarFunction { func, mut args }) = expr else {
        return Transformed::no(expr);
    };
    let digits = match &args[..] {
        [_, digits] if func.name() == "round" => whole(digits),
        _ => None,
    };
    let found = digits.is_some();
    if let Some(digits) = digits {
        args[1] = Expr::Literal(ScalarValue::Int32(Some(digits)), None);
    }
    let expr = Expr::ScalarFunction(ScalarFunction { func, args });
    if found { Transformed::yes(expr) } else { Transformed::no(expr) }
}

/// A literal that is a whole number, but not yet of 32 bits.
fn whole(expr: &Expr) -> Option<i32> {
    match expr {
        Expr::Literal(ScalarValue::Int64(Some(number)), _) => i32::try_from(*number).ok(),
        Expr::Negative(inner) => whole(inner)?.checked_neg(),
        _ => None,
    }
}
