//! Everything between a plan and a node: fragments, verdicts, the one writer of SQL, and the scan that sends it.

mod conform;
mod dialect;
mod exec;
mod fragment;
mod lanes;
pub(crate) mod leaf;
mod query;
mod readings;
mod replicas;
mod source;
mod sql;
mod trace;
pub(crate) mod value;
mod verdict;

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as PlanResult,
    logical_expr::{
        LogicalPlan, SortExpr, UserDefinedLogicalNode,
        physical_planning_context::PhysicalPlanningContext,
    },
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties, coalesce_partitions::CoalescePartitionsExec,
    },
    physical_planner::{ExtensionPlanner, PhysicalPlanner},
};

use crate::{error::external, nodes::Nodes};

pub(crate) use exec::RemoteExec;
pub(crate) use fragment::Fragment;
pub(crate) use lanes::LanesExec;
pub(crate) use query::{RemoteQuery, Select};
pub(crate) use readings::Readings;
pub(crate) use replicas::{Replicas, ReplicasExec};
pub(crate) use source::FragmentSource;
pub(crate) use verdict::{Verdict, comparison, filter as verdict};

/// Whether the fragment's node sorts by `key` as we do.
pub(crate) fn orders(key: &SortExpr, fragment: &Fragment) -> bool {
    query::order_key(key, fragment, dialect::of(&fragment.server)).is_some()
}

/// Makes a [`RemoteExec`] of every [`RemoteQuery`] and a plan that fails over of every [`Replicas`].
#[derive(Debug)]
pub(crate) struct RemotePlanner {
    /// The nodes, for their caps on connections.
    pub(crate) nodes: Arc<Nodes>,
}

#[async_trait]
impl ExtensionPlanner for RemotePlanner {
    async fn plan_extension(
        &self,
        _: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        _: &dyn Session,
        _: &PhysicalPlanningContext,
    ) -> PlanResult<Option<Arc<dyn ExecutionPlan>>> {
        if node.as_any().is::<Replicas>() {
            return Ok(Some(Arc::new(ReplicasExec::new(inputs.iter().map(single).collect()))));
        }
        let Some(remote) = node.as_any().downcast_ref::<RemoteQuery>() else { return Ok(None) };
        let connector = self.nodes.connector(&remote.select.fragment.place.node);
        let connections = connector.map_err(external)?.node().connections;
        Ok(Some(Arc::new(RemoteExec::new(remote, connections))))
    }
}

/// The plan in one partition, so that its first batch tells whether its node answers.
fn single(plan: &Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    match plan.output_partitioning().partition_count() {
        1 => Arc::clone(plan),
        _ => Arc::new(CoalescePartitionsExec::new(Arc::clone(plan))),
    }
}
