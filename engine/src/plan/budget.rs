//! budget: a union opens no more fragments of a node at once than the node has connections.
//!
//! ```text
//! UnionExec ┬ RemoteExec eu …   ⇒  LanesExec, 8 at once ┬ RemoteExec eu …
//!           └ … 1,999 more                              └ … 1,999 more
//! ```
//! It comes before DataFusion's physical rules, which ask for the order and the partitions of what is below them.
//!
//! A union whose inputs all fit goes into lanes too, one for each input, for what DataFusion (55.2) knows of the order
//! of a UnionExec is not to be relied on. A column that is another constant in each input it drops from the keys of a
//! sort below a merge, although the partitions of a bounded sort share their threshold: under `ORDER BY part DESC, id
//! LIMIT 5` the ids of one part would keep away the rows of the other. And two columns that are always equal
//! (`SELECT id AS a, id AS b`) are one key for a sort, until the projection is brought below the union, where nobody
//! knows it any more, and the plan is refused.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    common::{
        Result as PlanResult,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{ExecutionPlan, union::UnionExec},
};

use crate::remote::{LanesExec, RemoteExec, ReplicasExec};

/// Inputs of one union that are open at once, whatever their nodes.
const LANES: usize = 128;

/// Puts the inputs of unions into lanes.
#[derive(Debug)]
pub(crate) struct Budget;

impl PhysicalOptimizerRule for Budget {
    fn name(&self) -> &'static str {
        "budget"
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let budgeted = plan.transform_up(|node| {
            let lanes = node.downcast_ref::<UnionExec>().map(in_lanes);
            Ok(match lanes {
                Some(lanes) => Transformed::yes(Arc::new(lanes) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(node),
            })
        })?;
        Ok(budgeted.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The union in lanes.
fn in_lanes(union: &UnionExec) -> LanesExec {
    let inputs: Vec<_> = union.inputs().iter().flat_map(flattened).collect();
    let lanes = lanes(&inputs);
    LanesExec::new(inputs, lanes, union.schema())
}

/// The inputs of a union inside a union, which is in lanes by now, each with its turn in a lane of its own node.
fn flattened(input: &Arc<dyn ExecutionPlan>) -> Vec<Arc<dyn ExecutionPlan>> {
    match input.downcast_ref::<LanesExec>() {
        Some(_) => input.children().into_iter().cloned().collect(),
        None => vec![Arc::clone(input)],
    }
}

/// The inputs of each lane; all at once where they fit.
fn lanes(inputs: &[Arc<dyn ExecutionPlan>]) -> Vec<Vec<usize>> {
    let mut by_node: BTreeMap<Option<String>, Share> = BTreeMap::new();
    for (at, input) in inputs.iter().enumerate() {
        let (node, width) = scarcest(input);
        let share = by_node.entry(node).or_insert(Share { width, inputs: Vec::new() });
        share.width = share.width.min(width);
        share.inputs.push(at);
    }
    let lanes: Vec<Vec<usize>> = by_node.values().flat_map(Share::lanes).collect();
    match lanes.len() == inputs.len() && lanes.len() <= LANES {
        true => (0..inputs.len()).map(|at| vec![at]).collect(),
        false => merged(lanes),
    }
}

/// The inputs that mostly ask one node, and how many of them it can answer at once.
struct Share {
    width: usize,
    inputs: Vec<usize>,
}

impl Share {
    fn lanes(&self) -> Vec<Vec<usize>> {
        dealt(&self.inputs, self.width)
    }
}

/// At most [`LANES`], each input still in one of them.
fn merged(lanes: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    if lanes.len() <= LANES {
        return lanes;
    }
    dealt(&lanes, LANES).into_iter().map(|lanes| lanes.concat()).collect()
}

/// Items dealt like cards to at most so many hands.
fn dealt<T: Clone>(items: &[T], hands: usize) -> Vec<Vec<T>> {
    let hands = hands.clamp(1, items.len().max(1));
    (0..hands).map(|hand| items.iter().skip(hand).step_by(hands).cloned().collect()).collect()
}

/// Of the nodes that `plan` reads the one that can do so the fewest times at once, and how many; what reads none
/// needs no connection, and is done one by one.
fn scarcest(plan: &Arc<dyn ExecutionPlan>) -> (Option<String>, usize) {
    let times = |(node, Demand { streams, connections }): (String, Demand)| {
        (Some(node), (connections / streams.max(1)).max(1))
    };
    demand(plan).into_iter().map(times).min_by_key(|(_, times)| *times).unwrap_or((None, 1))
}

/// What a plan asks of a node.
#[derive(Clone, Copy)]
struct Demand {
    streams: usize,
    connections: usize,
}

fn demand(plan: &Arc<dyn ExecutionPlan>) -> BTreeMap<String, Demand> {
    if let Some(scan) = plan.downcast_ref::<RemoteExec>() {
        let demand = Demand { streams: 1, connections: scan.connections() };
        return [(scan.node().to_owned(), demand)].into();
    }
    let children = plan.children();
    let children = match plan.downcast_ref::<ReplicasExec>() {
        Some(_) => &children[..children.len().min(1)], // one answers, mostly the first
        None => &children[..],
    };
    let mut all: BTreeMap<String, Demand> = BTreeMap::new();
    for (node, one) in children.iter().flat_map(|child| demand(child)) {
        all.entry(node).and_modify(|sum| sum.streams += one.streams).or_insert(one);
    }
    if let Some(lanes) = plan.downcast_ref::<LanesExec>() {
        all.values_mut().for_each(|sum| sum.streams = sum.streams.min(lanes.width()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_dealt_to_no_more_lanes_than_the_node_has_connections() {
        let share = Share { width: 3, inputs: (0..8).collect() };
        assert_eq!(share.lanes(), [vec![0, 3, 6], vec![1, 4, 7], vec![2, 5]]);
        let narrow = Share { width: 5, inputs: vec![7, 9] };
        assert_eq!(narrow.lanes(), [[7], [9]]);
    }

    #[test]
    fn many_nodes_share_lanes() {
        let each = (0..2 * LANES + 1).map(|input| vec![input]).collect();
        let merged = merged(each);
        assert_eq!(merged.len(), LANES);
        assert_eq!(merged[0], [0, LANES, 2 * LANES]);
        let mut all = merged.concat();
        all.sort_unstable();
        assert_eq!(all, (0..2 * LANES + 1).collect::<Vec<_>>());
    }
}
