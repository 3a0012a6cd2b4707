//! Queries that can be stopped: what makes many rows of few yields now and then.
//!
//! DataFusion yields at its scans. A cross join of small tables reads them once and then works for hours in one poll,
//! in which neither a deadline nor a cancel would be noticed. A yield above a join is of no use as long as nothing comes
//! out of it; so what a join probes with comes in slices.

use std::sync::Arc;

use datafusion::{
    common::{Result, config::ConfigOptions},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan,
        coop::CooperativeExec,
        execution_plan::replace_children_if_necessary,
        joins::{HashJoinExec, NestedLoopJoinExec},
    },
};

use super::slices::SlicesExec;

/// Puts a yield above each operator that makes more rows than it reads, of very many above some, and slices what joins
/// probe with.
#[derive(Debug)]
pub(super) struct Yielding;

/// Yields on the way down a plan. Each takes its share of a task's budget before it looks further down, so that
/// of more than the budget has shares (128) the lowest would never have their turn.
const NESTED: usize = 32;

impl PhysicalOptimizerRule for Yielding {
    fn name(&self) -> &'static str {
        "yielding"
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let every = height(&plan).div_ceil(NESTED).max(1);
        yielding(plan, every, 0)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The most operators that make rows, on any way down.
fn height(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let below = plan.children().into_iter().map(height).max().unwrap_or(0);
    below + usize::from(multiplies(plan.as_ref()))
}

/// The plan with a yield above every so many of them, the uppermost first: `above` is how many there were.
fn yielding(
    plan: Arc<dyn ExecutionPlan>,
    every: usize,
    above: usize,
) -> Result<Arc<dyn ExecutionPlan>> {
    let makes_rows = multiplies(plan.as_ref());
    let below = above + usize::from(makes_rows);
    let children =
        plan.children().into_iter().map(|child| yielding(Arc::clone(child), every, below));
    let mut children = children.collect::<Result<Vec<_>>>()?;
    if probes(plan.as_ref()) {
        children[1] = Arc::new(SlicesExec::new(Arc::clone(&children[1])));
    }
    let plan = replace_children_if_necessary(plan, children)?;
    Ok(match makes_rows && above.is_multiple_of(every) {
        true => Arc::new(CooperativeExec::new(plan)),
        false => plan,
    })
}

fn multiplies(node: &dyn ExecutionPlan) -> bool {
    ["JoinExec", "UnnestExec", "RecursiveQueryExec"].iter().any(|kind| node.name().ends_with(kind))
}

/// Whether a node joins a batch of its right side with any number of rows of its left side at once.
fn probes(node: &dyn ExecutionPlan) -> bool {
    node.is::<HashJoinExec>() || node.is::<NestedLoopJoinExec>()
}
