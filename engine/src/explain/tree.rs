//! The plan over nodes as a tree of lines.

use std::sync::Arc;

use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    logical_expr::{Expr, LogicalPlan},
};

use super::{NodeQuery, shown};
use crate::remote::{FragmentSource, RemoteQuery};

/// One line for each operator, two for each node's query: where, and the SQL.
pub(super) fn lines(plan: &LogicalPlan, queries: &[NodeQuery]) -> Vec<String> {
    let mut lines = Vec::new();
    branch(plan, queries, &Indent { first: String::new(), rest: String::new() }, &mut lines);
    lines
}

struct Indent {
    first: String,
    rest: String,
}

fn branch(plan: &LogicalPlan, queries: &[NodeQuery], indent: &Indent, lines: &mut Vec<String>) {
    if let Some(remote) = remote(plan) {
        let (head, sql) = remote_lines(remote, queries);
        lines.push(format!("{}{head}", indent.first));
        lines.push(format!("{}  {sql}", indent.rest));
        return;
    }
    lines.push(format!("{}{}", indent.first, head(plan)));
    let subqueries = subqueries(plan);
    let inputs: Vec<_> = subqueries.iter().map(|plan| &**plan).chain(plan.inputs()).collect();
    let shown = shown(inputs.len());
    for (at, input) in inputs[..shown].iter().enumerate() {
        let last = at + 1 == inputs.len();
        let first = format!("{}{}", indent.rest, if last { "└─ " } else { "├─ " });
        let rest = format!("{}{}", indent.rest, if last { "   " } else { "│  " });
        branch(input, queries, &Indent { first, rest }, lines);
    }
    if inputs.len() > shown {
        lines.push(format!("{}└─ … {} more inputs", indent.rest, inputs.len() - shown));
    }
}

/// The queries inside of an operator's expressions.
fn subqueries(plan: &LogicalPlan) -> Vec<Arc<LogicalPlan>> {
    let mut all = Vec::new();
    let visited = plan.apply_expressions(|expr| {
        expr.apply(|expr| {
            match expr {
                Expr::ScalarSubquery(subquery) => all.push(Arc::clone(&subquery.subquery)),
                Expr::Exists(exists) => all.push(Arc::clone(&exists.subquery.subquery)),
                Expr::InSubquery(inside) => all.push(Arc::clone(&inside.subquery.subquery)),
                _ => {}
            }
            Ok(TreeNodeRecursion::Continue)
        })
    });
    debug_assert!(visited.is_ok(), "collecting cannot fail");
    all
}

/// An operator; the scan of a fragment with the fragment's name.
fn head(plan: &LogicalPlan) -> String {
    let text = plan.display().to_string();
    let fragment = match plan {
        LogicalPlan::TableScan(scan) => scan.source.downcast_ref::<FragmentSource>(),
        _ => None,
    };
    match (fragment, text.split_once("fragment")) {
        (Some(source), Some((_, rest))) => format!("FragmentScan: {}{rest}", source.fragment.label),
        _ => text,
    }
}

fn remote(plan: &LogicalPlan) -> Option<&RemoteQuery> {
    match plan {
        LogicalPlan::Extension(extension) => extension.node.as_any().downcast_ref::<RemoteQuery>(),
        _ => None,
    }
}

/// `RemoteQuery eu (PostgreSQL 15.1): customers/eu` and its SQL; with rows, bytes and time after a run.
fn remote_lines(remote: &RemoteQuery, queries: &[NodeQuery]) -> (String, String) {
    let fragment = &remote.select.fragment;
    let sql = remote.select.query().sql;
    let mut head =
        format!("RemoteQuery {} ({}): {}", fragment.place.node, fragment.server, fragment.label);
    let same = |query: &&NodeQuery| {
        query.fragment == fragment.label && query.sql == sql && query.node == fragment.place.node
    };
    if let Some(figures) = queries.iter().find(same).and_then(|query| query.figures) {
        head.push_str(&format!(
            " [{} rows, {} bytes, {:.1} ms]",
            figures.rows, figures.bytes, figures.ms
        ));
    }
    (head, sql)
}
