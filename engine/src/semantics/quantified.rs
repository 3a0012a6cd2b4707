//! What is compared with all rows of a subquery is the outer row's, also where both have a column of one name.
//!
//! ```text
//! Filter: day > ANY (SELECT day FROM t)      Projection: day, …
//!   TableScan: t                          ⇒    Filter: compared > ANY (SELECT day FROM t)
//!                                                Projection: day, …, day AS compared
//!                                                  TableScan: t
//! ```
//! DataFusion (55.2) takes an outer `t.day` for the subquery's own where that reads a `t`, too, and compares each of its
//! rows with itself.

use std::{cell::Cell, collections::BTreeSet};

use datafusion::{
    common::{
        Column, Result,
        config::ConfigOptions,
        not_impl_err,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        Expr, LogicalPlan, LogicalPlanBuilder, expr::SetComparison, expr_rewriter::NamePreserver,
    },
    optimizer::AnalyzerRule,
};

/// Names what is compared with a subquery, where the subquery would take it for its own.
#[derive(Debug)]
pub(super) struct Quantified;

impl AnalyzerRule for Quantified {
    fn name(&self) -> &'static str {
        "quantified"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let named = Cell::new(0);
        let apart = plan.transform_up_with_subqueries(|node| match captures(&node)? {
            true => apart(&node, &named).map(Transformed::yes),
            false => Ok(Transformed::no(node)),
        })?;
        Ok(apart.data)
    }
}

/// Whether a subquery in an expression of `node` takes an outer column for its own.
fn captures(node: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    node.apply_expressions(|expr| {
        found = found || expr.exists(captured)?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

/// Whether an expression is a comparison with a subquery that has a column of the same name anywhere.
fn captured(expr: &Expr) -> Result<bool> {
    let Expr::SetComparison(comparison) = expr else { return Ok(false) };
    let outer: BTreeSet<Column> = comparison.expr.column_refs().into_iter().cloned().collect();
    let mut found = false;
    comparison.subquery.subquery.apply_with_subqueries(|node| {
        found = found || node.schema().columns().iter().any(|column| outer.contains(column));
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

/// The node over a projection in which what is compared has a name that nothing else has.
fn apart(node: &LogicalPlan, named: &Cell<usize>) -> Result<LogicalPlan> {
    let [input] = node.inputs()[..] else {
        return not_impl_err!(
            "a comparison with ANY or ALL in {}, of a column that its subquery has too; give the subquery's table an alias",
            node.display()
        );
    };
    let mut columns: Vec<Expr> = input.schema().columns().into_iter().map(Expr::from).collect();
    let names = NamePreserver::new(node);
    let expressions = node.expressions().into_iter().map(|expr| {
        let name = names.save(&expr);
        let renamed = expr.transform_up(|expr| renamed(expr, named, &mut columns))?;
        Ok(name.restore(renamed.data))
    });
    let expressions = expressions.collect::<Result<Vec<_>>>()?;
    let below = LogicalPlanBuilder::from(input.clone()).project(columns)?.build()?;
    let apart = node.with_new_exprs(expressions, vec![below])?;
    match apart.schema().fields().len() == node.schema().fields().len() {
        true => Ok(apart),
        false => {
            let columns = node.schema().columns().into_iter().map(Expr::from);
            LogicalPlanBuilder::from(apart).project(columns)?.build()
        }
    }
}

/// A captured comparison of a name; what it is the name of is added to `columns`.
fn renamed(expr: Expr, named: &Cell<usize>, columns: &mut Vec<Expr>) -> Result<Transformed<Expr>> {
    if !captured(&expr)? {
        return Ok(Transformed::no(expr));
    }
    let Expr::SetComparison(SetComparison { expr: compared, subquery, op, quantifier }) = expr
    else {
        return Ok(Transformed::no(expr));
    };
    // No query can name it.
    let name = format!("\0compared{}", named.replace(named.get() + 1));
    columns.push(compared.alias(&name));
    let compared = Box::new(Expr::Column(Column::new_unqualified(name)));
    let renamed = SetComparison { expr: compared, subquery, op, quantifier };
    Ok(Transformed::yes(Expr::SetComparison(renamed)))
}
