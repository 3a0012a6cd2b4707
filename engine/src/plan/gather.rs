//! reduce: finds every scan of a logical table in a plan, and keeps of its layout what the scan needs.

use std::sync::Arc;

use datafusion::{
    common::{Result as PlanResult, tree_node::TreeNodeRecursion},
    logical_expr::{LogicalPlan, TableScan},
};
use intarsia_catalog::{Layout, Need, Predicate, StoredTable, Table};

use super::{need::need, rules::Rules};
use crate::tables::GlobalTable;

/// A scan of a logical table, and what is left of the table's layout.
#[derive(Debug, Clone)]
pub(crate) struct Reduced {
    /// The table.
    pub(crate) table: Arc<Table>,
    /// What the query wants of it.
    pub(crate) need: Need,
    /// The parts that can contribute; `None` if none can.
    pub(crate) layout: Option<Layout>,
}

impl Reduced {
    /// Reduces the layout of `table` to what `scan` needs.
    pub(crate) fn of(table: &Arc<Table>, scan: &TableScan, rules: &Rules) -> Reduced {
        let mut need = need(table, scan);
        if !rules.reduce {
            need.condition = Predicate::Unknown;
        }
        let layout = table.layout.reduce(table, &need);
        Reduced { table: Arc::clone(table), need, layout }
    }

    /// The replicas of each fragment that is left.
    pub(crate) fn leaves(&self) -> Vec<Vec<StoredTable>> {
        let mut leaves = Vec::new();
        if let Some(layout) = &self.layout {
            collect(layout, &mut leaves);
        }
        leaves
    }
}

fn collect(layout: &Layout, leaves: &mut Vec<Vec<StoredTable>>) {
    match layout {
        Layout::Stored(stored) => leaves.push(stored.replicas.clone()),
        Layout::Horizontal(horizontal) => {
            horizontal.parts.iter().for_each(|part| collect(&part.layout, leaves))
        }
        Layout::Vertical(vertical) => {
            vertical.parts.iter().for_each(|part| collect(&part.layout, leaves))
        }
    }
}

/// Every scan of a logical table in `plan`, subqueries included.
pub(crate) fn gather(plan: &LogicalPlan, rules: &Rules) -> PlanResult<Vec<Reduced>> {
    let mut all = Vec::new();
    plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::TableScan(scan) = plan
            && let Some(global) = GlobalTable::of(scan)
        {
            all.push(Reduced::of(global.table(), scan, rules));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(all)
}
