//! opaque: that an expression equals something says nothing of the order of rows.
//!
//! ```text
//! FilterExec f(x) = 1 AND y = 2   ⇒   FilterExec (f(x) = 1) IS NOT DISTINCT FROM true AND y = 2
//! ```
//! DataFusion (55.2) takes `f(x)` for a constant above the filter and leaves it out of sorts. It forgets so where
//! columns are left out at the filter, which happens after the sorts were chosen, and then refuses its own plan. A
//! column it remembers. The expressions of a stored column (`id: CAST(code AS BIGINT)`) are such expressions.

use std::sync::Arc;

use datafusion::{
    common::{
        Result as PlanResult,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::Operator,
    physical_expr::{
        PhysicalExpr, conjunction,
        expressions::{BinaryExpr, Column, Literal, lit},
        split_conjunction,
    },
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan,
        filter::{FilterExec, FilterExecBuilder},
    },
};

/// Hides equalities of expressions in filters.
#[derive(Debug)]
pub(crate) struct Opaque;

impl PhysicalOptimizerRule for Opaque {
    fn name(&self) -> &'static str {
        "opaque"
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let hidden = plan.transform_up(|node| {
            let hidden = node.downcast_ref::<FilterExec>().and_then(hidden).transpose()?;
            Ok(match hidden {
                Some(filter) => Transformed::yes(Arc::new(filter) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(node),
            })
        })?;
        Ok(hidden.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The filter without equalities of expressions, if it has any.
fn hidden(filter: &FilterExec) -> Option<PlanResult<FilterExec>> {
    let conditions = split_conjunction(filter.predicate());
    if !conditions.iter().any(|condition| equates_expressions(condition)) {
        return None;
    }
    let opaque = conditions.into_iter().map(|condition| match equates_expressions(condition) {
        true => is_true(Arc::clone(condition)),
        false => Arc::clone(condition),
    });
    let predicate = conjunction(opaque);
    Some(FilterExecBuilder::from(filter).with_predicate(predicate).build())
}

/// Whether a side of an equality is neither a column nor a value.
fn equates_expressions(condition: &Arc<dyn PhysicalExpr>) -> bool {
    let plain = |side: &Arc<dyn PhysicalExpr>| {
        side.downcast_ref::<Column>().is_some() || side.downcast_ref::<Literal>().is_some()
    };
    condition.downcast_ref::<BinaryExpr>().is_some_and(|binary| {
        *binary.op() == Operator::Eq && !(plain(binary.left()) && plain(binary.right()))
    })
}

fn is_true(condition: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
    Arc::new(BinaryExpr::new(condition, Operator::IsNotDistinctFrom, lit(true)))
}
