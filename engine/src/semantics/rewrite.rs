//! Rewriting the expressions of a plan, subqueries included, without a change to its columns' names.

use std::cell::Cell;

use datafusion::{
    common::{DFSchema, Result, tree_node::Transformed},
    logical_expr::{Expr, LogicalPlan, expr_rewriter::NamePreserver, utils::merge_schema},
};

/// Rewrites every expression of `plan` by `change`, which is given the columns that the expression can name.
pub(super) fn expressions(
    plan: LogicalPlan,
    change: impl Fn(Expr, &DFSchema) -> Result<Transformed<Expr>>,
) -> Result<LogicalPlan> {
    let changed = Cell::new(false);
    plan.transform_up_with_subqueries(|node| {
        let rewritten = expressions_of(node, &change)?;
        changed.set(changed.get() || rewritten.transformed);
        // The schemas of a long chain's columns take long to work out: only where something below has changed.
        rewritten.transform_data(|node| match changed.get() {
            true => node.recompute_schema().map(Transformed::yes),
            false => Ok(Transformed::no(node)),
        })
    })
    .map(|transformed| transformed.data)
}

fn expressions_of(
    node: LogicalPlan,
    change: &impl Fn(Expr, &DFSchema) -> Result<Transformed<Expr>>,
) -> Result<Transformed<LogicalPlan>> {
    let schema = merge_schema(&node.inputs());
    let names = NamePreserver::new(&node);
    node.map_expressions(|expr| {
        let name = names.save(&expr);
        let changed = change(expr, &schema)?;
        Ok(if changed.transformed {
            changed.update_data(|expr| name.restore(expr))
        } else {
            changed
        })
    })
}
