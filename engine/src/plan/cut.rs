//! cut: the largest subtree that one node can do becomes a [`RemoteQuery`].
//!
//! ```text
//! Sort [k] fetch n ← fragment scan, every filter Exact  ⇒  RemoteQuery SELECT … WHERE … ORDER BY k LIMIT n
//! fragment scan                                         ⇒  RemoteQuery SELECT … WHERE …
//! ```
//! A sort stays with us where the node orders a key its own way, or where a filter of the scan is checked again
//! above it. The sort is done again above in any case: a union does not keep it.

use std::sync::Arc;

use datafusion::{
    common::{
        Result as PlanResult,
        tree_node::{Transformed, TreeNodeRecursion},
    },
    logical_expr::{Extension, LogicalPlan, Projection, Sort, TableScan},
};

use super::rules::Rules;
use crate::remote::{FragmentSource, RemoteQuery, Select, orders};

/// Cuts every subtree of `plan` that a node can do.
pub(crate) fn cut(plan: LogicalPlan, rules: &Rules) -> PlanResult<LogicalPlan> {
    let cut = plan.transform_down_with_subqueries(|plan| match subtree(&plan, rules) {
        Some(query) => Ok(Transformed::new(remote(query), true, TreeNodeRecursion::Jump)),
        None => Ok(Transformed::no(plan)),
    })?;
    Ok(cut.data)
}

fn remote(query: RemoteQuery) -> LogicalPlan {
    LogicalPlan::Extension(Extension { node: Arc::new(query) })
}

fn subtree(plan: &LogicalPlan, rules: &Rules) -> Option<RemoteQuery> {
    match plan {
        LogicalPlan::TableScan(scan) => scan_of(scan, rules),
        LogicalPlan::Sort(sort) if rules.top_n => sorted(sort, subtree(&sort.input, rules)?),
        LogicalPlan::Projection(projection) => {
            projected(projection, subtree(&projection.input, rules)?)
        }
        _ => None,
    }
}

fn scan_of(scan: &TableScan, rules: &Rules) -> Option<RemoteQuery> {
    let source = scan.source.downcast_ref::<FragmentSource>()?;
    let columns = match &scan.projection {
        Some(projection) => projection.clone(),
        None => (0..source.fragment.columns.len()).collect(),
    };
    let fetch = scan.fetch.filter(|_| rules.limit);
    let select = Select {
        fragment: Arc::clone(&source.fragment),
        columns,
        filters: scan.filters.clone(),
        order: Vec::new(),
        fetch,
    };
    Some(RemoteQuery { select, schema: Arc::clone(&scan.projected_schema) })
}

/// Only a bounded sort is worth a node's while, and only over a query that is not bounded yet. A scan under a
/// sort holds Exact filters alone: a Superset one would be checked again between the two.
fn sorted(sort: &Sort, query: RemoteQuery) -> Option<RemoteQuery> {
    let bounded =
        sort.fetch.is_some() && query.select.fetch.is_none() && query.select.order.is_empty();
    if !bounded || !sort.expr.iter().all(|key| orders(key, &query.select.fragment)) {
        return None;
    }
    let select = Select { order: sort.expr.clone(), fetch: sort.fetch, ..query.select };
    Some(RemoteQuery { select, ..query })
}

/// A projection that only picks and renames columns. Of a sorted query it leaves out no key in which a value may
/// break its promise: such a value is to be seen where it puts its row first.
fn projected(projection: &Projection, query: RemoteQuery) -> Option<RemoteQuery> {
    let mut columns = Vec::with_capacity(projection.expr.len());
    for expr in &projection.expr {
        let unaliased = expr.clone().unalias_nested().data;
        let at = query.schema.maybe_index_of_column(unaliased.try_as_col()?)?;
        columns.push(query.select.columns[at]);
    }
    let select = Select { columns, ..query.select };
    select.shows_its_keys().then(|| RemoteQuery { select, schema: Arc::clone(&projection.schema) })
}
