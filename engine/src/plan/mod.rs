//! From a plan over logical tables to a plan over nodes.
//!
//! ```text
//! optimized plan ─need, reduce→ smaller layouts ─describe→ Knowledge ─localize→ fragment scans ─cleanup→
//! filters and columns in the scans ─top_n, cut→ RemoteQuery ─→ physical plan
//! ```
//! Only `describe` waits for nodes; every rule is pure and leaves a plan that can run.

mod budget;
mod cut;
mod gather;
mod localize;
mod need;
mod opaque;
mod rules;
mod top_n;

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::{Result as PlanResult, internal_datafusion_err},
    execution::SessionState,
    execution::context::QueryPlanner,
    logical_expr::LogicalPlan,
    optimizer::{
        Optimizer, OptimizerRule, eliminate_filter::EliminateFilter,
        eliminate_outer_join::EliminateOuterJoin, optimize_projections::OptimizeProjections,
        propagate_empty_relation::PropagateEmptyRelation, push_down_filter::PushDownFilter,
        push_down_limit::PushDownLimit, simplify_expressions::SimplifyExpressions,
    },
    physical_plan::ExecutionPlan,
    physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner},
};

use crate::{nodes::Nodes, remote::RemotePlanner, session::planning::optimizer_rules};

pub(crate) use budget::Budget;
pub(crate) use gather::Reduced;
pub(crate) use localize::Known;
pub(crate) use opaque::Opaque;
pub(crate) use rules::Rules;

/// The engine's query planner.
#[derive(Debug)]
pub(crate) struct Planner {
    nodes: Arc<Nodes>,
}

/// A physical plan, and what became of the fragments on the way to it.
#[derive(Debug)]
pub(crate) struct Planned {
    /// The plan, ready to run.
    pub(crate) physical: Arc<dyn ExecutionPlan>,
    /// The logical tables that were read, each with the layout that was left of it.
    pub(crate) reduced: Vec<Reduced>,
    /// The plan over nodes from which the physical one was made.
    pub(crate) logical: LogicalPlan,
    /// The plans on the way there, each named by what made it.
    pub(crate) stages: Vec<(&'static str, LogicalPlan)>,
}

impl Planner {
    /// A planner over these nodes.
    pub(crate) fn new(nodes: Arc<Nodes>) -> Planner {
        Planner { nodes }
    }

    /// Plans an optimized query over logical tables.
    pub(crate) async fn plan(
        &self,
        plan: &LogicalPlan,
        state: &SessionState,
    ) -> PlanResult<Planned> {
        let rules = Rules::of(state);
        let reduced = gather::gather(plan, &rules)?;
        let leaves: Vec<_> = reduced.iter().flat_map(|reduced| reduced.leaves()).collect();
        let knowledge = self.nodes.describe(leaves).await.map_err(crate::error::external)?;
        let known = Known { knowledge: &knowledge, rules: &rules, state };
        let localized = localize::localize(plan.clone(), &known)
            .inspect_err(|_| self.nodes.forget_places(knowledge.keys()))?;
        let cleaned = cleanup().optimize(localized.clone(), state, |_, _| {})?;
        let sorted = if rules.top_n { top_n::push(cleaned.clone())? } else { cleaned.clone() };
        let logical = cut::cut(sorted.clone(), &rules)?;
        let stages = vec![
            ("optimize", plan.clone()),
            ("localize", localized),
            ("cleanup", cleaned),
            ("top_n", sorted),
        ];
        let remote = RemotePlanner { nodes: Arc::clone(&self.nodes) };
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(remote)]);
        let physical = planner.create_physical_plan(&logical, state).await?;
        Ok(Planned { physical, reduced, logical, stages })
    }
}

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let state = session.as_any().downcast_ref::<SessionState>();
        let state = state.ok_or_else(|| internal_datafusion_err!("a session of another kind"))?;
        Ok(self.plan(plan, state).await?.physical)
    }
}

/// DataFusion's own rules that bring filters, limits and columns down to the fragment scans.
fn cleanup() -> Optimizer {
    let rules: Vec<Arc<dyn OptimizerRule + Send + Sync>> = vec![
        Arc::new(SimplifyExpressions::new()),
        Arc::new(EliminateFilter::new()),
        Arc::new(PropagateEmptyRelation::new()),
        Arc::new(EliminateOuterJoin::new()),
        Arc::new(PushDownLimit::new()),
        Arc::new(PushDownFilter::new()),
        Arc::new(OptimizeProjections::new()),
    ];
    Optimizer::with_rules(optimizer_rules(rules))
}
