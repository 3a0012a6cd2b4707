//! What stays with us, and why: filters that a node would judge otherwise, and sorts that it would do otherwise.

use std::sync::Arc;

use datafusion::{
    common::tree_node::TreeNodeRecursion,
    logical_expr::{LogicalPlan, utils::split_conjunction},
};

use crate::remote::{Fragment, RemoteQuery, Verdict, orders, verdict};

/// An expression that is evaluated here, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    pub(super) expression: String,
    pub(super) reason: String,
}

/// Every filter and bounded sort that stands right above a node's query.
pub(super) fn kept(plan: &LogicalPlan) -> Vec<Kept> {
    let mut all = Vec::new();
    let visited = plan.apply_with_subqueries(|plan| {
        match plan {
            LogicalPlan::Filter(filter) => {
                if let Some(fragment) = fragment(&filter.input) {
                    all.extend(
                        split_conjunction(&filter.predicate)
                            .into_iter()
                            .map(|filter| kept_filter(filter, &fragment)),
                    );
                }
            }
            LogicalPlan::Sort(sort) if sort.fetch.is_some() => {
                if let Some(fragment) = fragment(&sort.input) {
                    let keys = sort.expr.iter().filter(|key| !orders(key, &fragment));
                    all.extend(keys.map(|key| Kept {
                        expression: format!("ORDER BY {key}"),
                        reason: format!("{} orders it its own way", fragment.server),
                    }));
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    });
    debug_assert!(visited.is_ok(), "collecting cannot fail");
    all.sort();
    all.dedup();
    all
}

fn fragment(plan: &LogicalPlan) -> Option<Arc<Fragment>> {
    match plan {
        LogicalPlan::Extension(extension) => {
            let remote = extension.node.as_any().downcast_ref::<RemoteQuery>()?;
            Some(Arc::clone(&remote.select.fragment))
        }
        LogicalPlan::Projection(projection) => fragment(&projection.input),
        _ => None,
    }
}

fn kept_filter(filter: &datafusion::logical_expr::Expr, fragment: &Fragment) -> Kept {
    let reason = match verdict(filter, fragment) {
        Verdict::Local(reason) => reason,
        Verdict::Superset(_) => {
            format!("{} may let more rows through; checked again here", fragment.server)
        }
        Verdict::Exact(_) => "the rule `filter` is off".to_owned(),
    };
    Kept { expression: filter.to_string(), reason }
}
