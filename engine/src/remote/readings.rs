//! The reads of one running query, a [`Reading`] for each node, shared by all of its scans there.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    error::DataFusionError,
    physical_plan::ExecutionPlan,
};
use intarsia_connectors::{Consistency, Error, ErrorKind, Reading, Reads};
use tokio::sync::OnceCell;
use tracing::Span;

use super::exec::RemoteExec;
use crate::{error::external, nodes::Nodes};

/// The readings of one query, found by the scans in their task's context.
#[derive(Debug)]
pub(crate) struct Readings {
    nodes: Arc<Nodes>,
    by_node: BTreeMap<String, Arc<dyn Reading>>,
    prepared: OnceCell<()>,
    span: Span,
}

impl Readings {
    /// Readings for every node that `plan` asks.
    pub(crate) fn for_plan(
        nodes: &Arc<Nodes>,
        plan: &Arc<dyn ExecutionPlan>,
    ) -> Result<Readings, Error> {
        Readings::new(nodes, &[plan], Span::current())
    }

    /// Readings for those nodes that a part of the same query asks, which runs `plans`. They share nothing with others.
    pub(crate) fn for_part(&self, plans: &[&Arc<dyn ExecutionPlan>]) -> Result<Readings, Error> {
        Readings::new(&self.nodes, plans, self.span.clone())
    }

    fn new(
        nodes: &Arc<Nodes>,
        plans: &[&Arc<dyn ExecutionPlan>],
        span: Span,
    ) -> Result<Readings, Error> {
        let mut by_node = BTreeMap::new();
        for (node, reads) in counted(plans) {
            by_node.insert(node.clone(), nodes.connector(&node)?.reading(reads));
        }
        Ok(Readings { nodes: Arc::clone(nodes), by_node, prepared: OnceCell::new(), span })
    }

    /// The span that the query was planned in: the statements on the nodes are part of it.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// The reading of a node.
    pub(crate) fn of(&self, node: &str) -> Result<Arc<dyn Reading>, Error> {
        self.by_node.get(node).cloned().ok_or_else(|| {
            Error::new(ErrorKind::Internal, node, "a scan of a node that the plan does not name")
        })
    }

    /// Takes what several nodes' reads will share, node by node in the order of their names, so that no two
    /// queries ever wait for each other. A node that fails here fails again, with its error, when it is read.
    pub(crate) async fn prepared(&self) {
        let prepare = || async {
            for reading in self.by_node.values().filter(|_| self.by_node.len() > 1) {
                drop(reading.prepare().await);
            }
        };
        self.prepared.get_or_init(prepare).await;
    }

    /// What the reads of each node shared.
    pub(crate) fn consistency(&self) -> impl Iterator<Item = (&str, Consistency)> {
        self.by_node.iter().map(|(node, reading)| (node.as_str(), reading.consistency()))
    }

    /// The plan's error for a node's; a broken promise makes us forget what the node said of its relations.
    pub(crate) fn blame(&self, error: Error) -> DataFusionError {
        if error.kind() == ErrorKind::Mismatch {
            self.nodes.forget(error.node());
        }
        external(error)
    }
}

/// How many streams the plans open on each node, and whether any relation is read twice.
fn counted(plans: &[&Arc<dyn ExecutionPlan>]) -> BTreeMap<String, Reads> {
    let mut reads: BTreeMap<String, Reads> = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut count = |plan: &Arc<dyn ExecutionPlan>| {
        if let Some(scan) = plan.downcast_ref::<RemoteExec>() {
            let entry =
                reads.entry(scan.node().to_owned()).or_insert(Reads { streams: 0, repeats: false });
            entry.streams += 1;
            entry.repeats |= !seen.insert(scan.query().relation.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    };
    for plan in plans {
        let visited = plan.apply(&mut count);
        debug_assert!(visited.is_ok(), "counting cannot fail");
    }
    reads
}
