//! A fragment as a table source: DataFusion's optimizer brings filters, columns and limits to it, as far as the
//! node's verdicts allow.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::SchemaRef,
    common::Result as PlanResult,
    logical_expr::{Expr, TableProviderFilterPushDown, TableSource},
};

use super::{
    fragment::Fragment,
    verdict::{self, Verdict},
};

/// Filters that are taken at a time: together they stay below the depth of expressions that SQLite refuses.
const FILTERS: usize = 150;

/// The source of a scan of one fragment.
#[derive(Debug)]
pub(crate) struct FragmentSource {
    /// The fragment.
    pub(crate) fragment: Arc<Fragment>,
    /// Whether filters may go to the node.
    pub(crate) filters: bool,
}

impl TableSource for FragmentSource {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.fragment.schema)
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> PlanResult<Vec<TableProviderFilterPushDown>> {
        if !self.filters {
            return Ok(vec![TableProviderFilterPushDown::Unsupported; filters.len()]);
        }
        let support = |(at, filter): (usize, &&Expr)| match verdict::filter(filter, &self.fragment)
        {
            _ if at >= FILTERS => TableProviderFilterPushDown::Unsupported,
            Verdict::Exact(_) => TableProviderFilterPushDown::Exact,
            Verdict::Superset(_) => TableProviderFilterPushDown::Inexact,
            Verdict::Local(_) => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().enumerate().map(support).collect())
    }
}
