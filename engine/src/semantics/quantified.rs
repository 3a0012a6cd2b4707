//! What is compared with all rows of a subquery is the outer row's, also where both have a column of one name.
//!
//! ```text
//! day > ANY (SELECT day FROM t)  →  day > ANY (SELECT day AS compared FROM t)
//! ```
//! DataFusion (55.2) takes the left `t.day` for the subquery's own, and compares each of its rows with itself.

use std::sync::Arc;

use datafusion::{
    common::{
        Column, Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, expr::SetComparison},
    optimizer::AnalyzerRule,
};

use super::rewrite;

/// The name of such a column; no query can name it.
const COMPARED: &str = "\0compared";

/// Renames the column of a subquery that is compared with a column of the same name.
#[derive(Debug)]
pub(super) struct Quantified;

impl AnalyzerRule for Quantified {
    fn name(&self) -> &'static str {
        "quantified"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite::expressions(plan, |expr, _| expr.transform_up(renamed))
    }
}

fn renamed(expr: Expr) -> Result<Transformed<Expr>> {
    let Expr::SetComparison(mut comparison) = expr else { return Ok(Transformed::no(expr)) };
    let Some(column) = captured(&comparison) else {
        return Ok(Transformed::no(Expr::SetComparison(comparison)));
    };
    let subquery = Arc::unwrap_or_clone(comparison.subquery.subquery);
    let named = LogicalPlanBuilder::from(subquery)
        .project([Expr::Column(column).alias(COMPARED)])?
        .build()?;
    comparison.subquery.subquery = Arc::new(named);
    Ok(Transformed::yes(Expr::SetComparison(comparison)))
}

/// The subquery's column, if the other side has one of the same name.
fn captured(comparison: &SetComparison) -> Option<Column> {
    let schema = comparison.subquery.subquery.schema();
    let column = schema.columns().into_iter().next()?;
    comparison.expr.column_refs().contains(&column).then_some(column)
}
