//! EXPLAIN: what is sent to which node, which fragments are read or pruned and why, and what stays with us and why.

mod local;
mod scans;
mod tree;

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    physical_plan::{ExecutionPlan, metrics::MetricsSet},
};
use intarsia_connectors::Consistency;
use serde_json::json;

use crate::{
    plan::{Planned, Reduced},
    remote::{Readings, RemoteExec},
};

pub use scans::{Scan, Scans};

/// A query's plan, told to a person ([`lines`](Explanation::lines)) or a program ([`json`](Explanation::json)).
#[derive(Debug)]
pub(crate) struct Explanation {
    nodes: Vec<NodeQuery>,
    fragments: Vec<FragmentFate>,
    local: Vec<local::Kept>,
    tree: Vec<String>,
    consistency: Vec<(String, Consistency)>,
}

/// A query sent to a node; the figures only after a run.
#[derive(Debug)]
struct NodeQuery {
    node: String,
    fragment: String,
    sql: String,
    figures: Option<Figures>,
}

#[derive(Debug, Clone, Copy)]
struct Figures {
    rows: usize,
    bytes: usize,
    ms: f64,
}

/// What became of a fragment: read, or pruned for a reason.
#[derive(Debug)]
struct FragmentFate {
    table: String,
    part: String,
    pruned: Option<String>,
}

impl Explanation {
    /// The explanation of a plan; with figures if it has run under `readings`.
    pub(crate) fn of(planned: &Planned, ran: Option<&Readings>) -> Explanation {
        let nodes = node_queries(&planned.physical, ran.is_some());
        let read: BTreeSet<&str> = nodes.iter().map(|query| query.fragment.as_str()).collect();
        let fragments = planned.reduced.iter().flat_map(|reduced| fates(reduced, &read)).collect();
        let shared = |readings: &Readings| {
            readings.consistency().map(|(node, shared)| (node.to_owned(), shared)).collect()
        };
        Explanation {
            fragments,
            local: local::kept(&planned.logical),
            tree: tree::lines(&planned.logical, &nodes),
            consistency: ran.map(shared).unwrap_or_default(),
            nodes,
        }
    }

    /// One text for each row of EXPLAIN. Of many fragments of a table that fare alike only the first are named.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.tree.clone();
        lines.extend(section("fragments", self.fates().into_iter()));
        lines.extend(section(
            "kept local",
            self.local.iter().map(|kept| format!("{}: {}", kept.expression, kept.reason)),
        ));
        let shared =
            self.consistency.iter().map(|(node, shared)| format!("{node}: {}", describe(*shared)));
        lines.extend(section("state read", shared));
        lines
    }

    /// The plan after each step of planning that changed it, for EXPLAIN VERBOSE.
    pub(crate) fn stages(planned: &Planned) -> Vec<String> {
        let (mut lines, mut last) = (Vec::new(), Vec::new());
        for (step, plan) in &planned.stages {
            let tree = tree::lines(plan, &[]);
            if tree != last {
                lines.extend([String::new(), format!("after {step}:")]);
                lines.extend(tree.iter().map(|line| format!("  {line}")));
                last = tree;
            }
        }
        lines
    }

    /// The same for programs; keys as the contract names them.
    pub(crate) fn json(&self) -> serde_json::Value {
        let node = |query: &NodeQuery| {
            let mut object =
                json!({ "name": query.node, "fragment": query.fragment, "sql": query.sql });
            if let Some(figures) = query.figures {
                object["rows"] = json!(figures.rows);
                object["bytes"] = json!(figures.bytes);
                object["ms"] = json!(figures.ms);
            }
            object
        };
        let fragment = |fate: &FragmentFate| json!({ "table": fate.table, "part": fate.part, "read": fate.pruned.is_none(), "reason": fate.pruned });
        json!({
            "nodes": self.nodes.iter().map(node).collect::<Vec<_>>(),
            "fragments": self.fragments.iter().map(fragment).collect::<Vec<_>>(),
            "local": self.local.iter().map(|kept| json!({ "expression": kept.expression, "reason": kept.reason })).collect::<Vec<_>>(),
            "plan": self.tree,
        })
    }

    /// What became of each fragment, a line each.
    fn fates(&self) -> Vec<String> {
        let alike = |a: &FragmentFate, b: &FragmentFate| {
            a.table == b.table && a.pruned.is_some() == b.pruned.is_some()
        };
        let mut lines = Vec::new();
        for fates in self.fragments.chunk_by(alike) {
            let shown = shown(fates.len());
            lines.extend(fates[..shown].iter().map(FragmentFate::line));
            if let Some(FragmentFate { table, pruned, .. }) = fates.get(shown) {
                let fate = if pruned.is_some() { "pruned" } else { "read  " };
                lines.push(format!("{fate} {table}: {} more fragments", fates.len() - shown));
            }
        }
        lines
    }
}

/// Of more alike than this only the first few are shown.
const SHOWN: usize = 20;

/// How many of so many alike are shown.
fn shown(count: usize) -> usize {
    if count > SHOWN { SHOWN / 2 } else { count }
}

impl FragmentFate {
    fn line(&self) -> String {
        let name = if self.part.is_empty() {
            self.table.clone()
        } else {
            format!("{}/{}", self.table, self.part)
        };
        match &self.pruned {
            Some(reason) => format!("pruned {name}: {reason}"),
            None => format!("read   {name}"),
        }
    }
}

fn describe(shared: Consistency) -> &'static str {
    match shared {
        Consistency::Single => "one read",
        Consistency::Snapshot => "one snapshot for all reads",
        Consistency::Separate => "each read has a state of its own",
    }
}

fn section(title: &str, items: impl Iterator<Item = String>) -> Vec<String> {
    let items: Vec<String> = items.map(|item| format!("  {item}")).collect();
    if items.is_empty() {
        items
    } else {
        [String::new(), format!("{title}:")].into_iter().chain(items).collect()
    }
}

fn node_queries(plan: &Arc<dyn ExecutionPlan>, ran: bool) -> Vec<NodeQuery> {
    let mut queries = Vec::new();
    let visited = plan.apply(|plan| {
        if let Some(scan) = plan.downcast_ref::<RemoteExec>() {
            let figures = scan.metrics().filter(|_| ran).map(|metrics| figures(&metrics));
            let (node, fragment) = (scan.node().to_owned(), scan.label().to_owned());
            queries.push(NodeQuery { node, fragment, sql: scan.query().sql.clone(), figures });
        }
        Ok(TreeNodeRecursion::Continue)
    });
    debug_assert!(visited.is_ok(), "collecting cannot fail");
    queries
}

fn figures(metrics: &MetricsSet) -> Figures {
    let sum = |name: &str| metrics.sum_by_name(name).map_or(0, |value| value.as_usize());
    let nanos = u32::try_from(sum("node_time") / 1_000).unwrap_or(u32::MAX);
    Figures {
        rows: metrics.output_rows().unwrap_or_default(),
        bytes: sum("bytes"),
        ms: f64::from(nanos) / 1_000.0,
    }
}

fn fates(reduced: &Reduced, read: &BTreeSet<&str>) -> Vec<FragmentFate> {
    let table = reduced.table.name.to_string();
    let fate = |path: &[String], pruned| FragmentFate {
        table: table.clone(),
        part: path.join("/"),
        pruned,
    };
    let mut fates = Vec::new();
    for path in reduced.layout.iter().flat_map(|layout| {
        layout.leaves().map(|leaf| leaf.path.into_iter().map(str::to_owned).collect::<Vec<_>>())
    }) {
        let label = std::iter::once(table.clone())
            .chain(path.iter().cloned())
            .collect::<Vec<_>>()
            .join("/");
        let folded = (!read.contains(label.as_str())).then(|| {
            "its constant columns contradict the filter, or nothing else asks for it".to_owned()
        });
        fates.push(fate(&path, folded));
    }
    let pruned = reduced.table.layout.pruned(&reduced.table, &reduced.need);
    fates.extend(pruned.map(|pruned| fate(&pruned.path, Some(pruned.reason))));
    fates
}
