//! What a query has read of each node so far, for who watches it run.

use std::{sync::Arc, time::Duration};

use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    physical_plan::{
        ExecutionPlan,
        metrics::{ExecutionPlanMetricsSet, MetricsSet},
    },
};

use crate::remote::RemoteExec;

/// The statements that a query sends to its nodes, with figures that grow while it runs. Outlives the query.
#[derive(Debug, Clone)]
pub struct Scans(Vec<Source>);

/// One statement on one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The node.
    pub node: String,
    /// The table and the parts' names on the way to the fragment, as EXPLAIN shows them.
    pub fragment: String,
    /// What is sent.
    pub sql: String,
    /// Rows that have come so far.
    pub rows: u64,
    /// Bytes that have come so far.
    pub bytes: u64,
    /// Time spent waiting for the node, for a free connection too.
    pub wait: Duration,
}

#[derive(Debug, Clone)]
struct Source {
    node: String,
    fragment: String,
    sql: String,
    metrics: ExecutionPlanMetricsSet,
}

impl Scans {
    /// The scans of plans.
    pub(crate) fn of(plans: &[&Arc<dyn ExecutionPlan>]) -> Scans {
        let mut sources = Vec::new();
        let mut collect = |plan: &Arc<dyn ExecutionPlan>| {
            sources.extend(plan.downcast_ref().map(Source::of));
            Ok(TreeNodeRecursion::Continue)
        };
        for plan in plans {
            let visited = plan.apply(&mut collect);
            debug_assert!(visited.is_ok(), "collecting cannot fail");
        }
        Scans(sources)
    }

    /// The figures now.
    pub fn read(&self) -> Vec<Scan> {
        self.0.iter().map(Source::read).collect()
    }
}

impl Source {
    fn of(scan: &RemoteExec) -> Source {
        Source {
            node: scan.node().to_owned(),
            fragment: scan.label().to_owned(),
            sql: scan.query().sql.clone(),
            metrics: scan.figures().clone(),
        }
    }

    fn read(&self) -> Scan {
        let metrics = self.metrics.clone_inner();
        Scan {
            node: self.node.clone(),
            fragment: self.fragment.clone(),
            sql: self.sql.clone(),
            rows: metrics.output_rows().map_or(0, |rows| rows as u64),
            bytes: sum(&metrics, "bytes"),
            wait: Duration::from_nanos(sum(&metrics, "node_time")),
        }
    }
}

fn sum(metrics: &MetricsSet, name: &str) -> u64 {
    metrics.sum_by_name(name).map_or(0, |value| value.as_usize() as u64)
}
