//! localize: a scan of a logical table becomes a union and join of scans of its fragments, with the same schema.
//!
//! ```text
//! TableScan customers [id, name], region = 'EU'
//!   ⇒ Projection [id, name] ← Filter region = 'EU' ← Union ┬ fragment scan eu.public.customers
//!                                                          └ …
//! ```
//! A vertical split becomes an inner join of its parts on the primary key, a left join where a part may lack
//! keys. A scan of which no part is left becomes an empty relation.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    common::{
        Column, JoinType, Result as PlanResult, TableReference,
        tree_node::{Transformed, TreeNode},
    },
    execution::SessionState,
    logical_expr::{
        EmptyRelation, Expr, LogicalPlan, LogicalPlanBuilder, TableScan, Union,
        expr_rewriter::strip_outer_reference,
    },
};
use intarsia_catalog::{Horizontal, Keys, Layout, Table, Vertical, VerticalPart};

use super::{gather::Reduced, need, rules::Rules};
use crate::{nodes::Knowledge, remote::leaf, tables::GlobalTable};

/// What localization knows besides the plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// What the nodes said of their relations.
    pub(crate) knowledge: &'a Knowledge,
    /// The rules that are on.
    pub(crate) rules: &'a Rules,
    /// The session, for the expressions of the catalog.
    pub(crate) state: &'a SessionState,
}

/// Replaces every scan of a logical table, in subqueries too.
pub(crate) fn localize(plan: LogicalPlan, known: &Known<'_>) -> PlanResult<LogicalPlan> {
    let localized = plan.transform_up_with_subqueries(|plan| match &plan {
        LogicalPlan::TableScan(scan) => match GlobalTable::of(scan) {
            Some(global) => Ok(Transformed::yes(scan_of(global.table(), scan, known)?)),
            None => Ok(Transformed::no(plan)),
        },
        _ => Ok(Transformed::no(plan)),
    })?;
    localized.data.recompute_schema()
}

fn scan_of(table: &Arc<Table>, scan: &TableScan, known: &Known<'_>) -> PlanResult<LogicalPlan> {
    let Some(layout) = Reduced::of(table, scan, known.rules).layout else {
        let schema = Arc::clone(&scan.projected_schema);
        return Ok(LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema }));
    };
    let fragments = Fragments { table, known };
    let plan =
        fragments.layout(&layout, &need::used(table, scan), &mut vec![table.name.to_string()])?;
    let mut builder = LogicalPlanBuilder::from(plan);
    for filter in &scan.filters {
        builder = builder.filter(unqualified(filter)?)?;
    }
    let outputs = scan.projected_schema.iter().map(|(qualifier, field)| {
        Expr::Column(Column::new_unqualified(field.name()))
            .alias_qualified(qualifier.cloned(), field.name())
    });
    builder = builder.project(outputs.collect::<Vec<_>>())?;
    match scan.fetch {
        Some(fetch) => builder.limit(0, Some(fetch))?.build(),
        None => builder.build(),
    }
}

/// The filter over columns without qualifiers, as the fragments' plans name them.
fn unqualified(filter: &Expr) -> PlanResult<Expr> {
    let strip = |expr| match expr {
        Expr::Column(column) => {
            Ok(Transformed::yes(Expr::Column(Column::new_unqualified(column.name))))
        }
        other => Ok(Transformed::no(other)),
    };
    Ok(strip_outer_reference(filter.clone()).transform(strip)?.data)
}

struct Fragments<'a> {
    table: &'a Arc<Table>,
    known: &'a Known<'a>,
}

impl Fragments<'_> {
    /// A plan that gives the columns `wanted`, by position, unqualified under their global names, ascending.
    fn layout(
        &self,
        layout: &Layout,
        wanted: &BTreeSet<usize>,
        path: &mut Vec<String>,
    ) -> PlanResult<LogicalPlan> {
        match layout {
            Layout::Stored(stored) => {
                leaf::plan(self.table, stored, wanted, &leaf::Leaf { path, known: self.known })
            }
            Layout::Horizontal(horizontal) => self.horizontal(horizontal, wanted, path),
            Layout::Vertical(vertical) => self.vertical(vertical, wanted, path),
        }
    }

    fn horizontal(
        &self,
        horizontal: &Horizontal,
        wanted: &BTreeSet<usize>,
        path: &mut Vec<String>,
    ) -> PlanResult<LogicalPlan> {
        let mut inputs = Vec::with_capacity(horizontal.parts.len());
        for part in &horizontal.parts {
            path.push(part.name.clone());
            inputs.push(Arc::new(self.layout(&part.layout, wanted, path)?));
            path.pop();
        }
        match inputs.pop() {
            Some(only) if inputs.is_empty() => Ok(Arc::unwrap_or_clone(only)),
            Some(last) => {
                inputs.push(last);
                Ok(LogicalPlan::Union(Union::try_new(inputs)?))
            }
            None => datafusion::common::internal_err!(
                "a horizontal layout of `{}` has no part",
                self.table.name
            ),
        }
    }

    /// Complete parts first, so that optional ones can be joined from the left.
    fn vertical(
        &self,
        vertical: &Vertical,
        wanted: &BTreeSet<usize>,
        path: &mut Vec<String>,
    ) -> PlanResult<LogicalPlan> {
        let (complete, optional): (Vec<_>, Vec<_>) =
            vertical.parts.iter().partition(|part| part.keys == Keys::Complete);
        let parts: Vec<_> = complete.into_iter().chain(optional).collect();
        if let [only] = parts[..] {
            return self.part(only, wanted, path);
        }
        let key: BTreeSet<usize> = self.table.primary_key.iter().copied().collect();
        let mut joined: Option<LogicalPlanBuilder> = None;
        let mut outputs = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let alias = format!("part{at}");
            let own: BTreeSet<usize> =
                part.columns.iter().copied().filter(|column| wanted.contains(column)).collect();
            let given = if at == 0 {
                key.intersection(wanted).chain(&own).copied().collect()
            } else {
                own.clone()
            };
            outputs
                .extend(given.iter().map(|&column: &usize| (column, self.output(&alias, column))));
            let plan = self.part(part, &key.union(&own).copied().collect(), path)?;
            let side = LogicalPlanBuilder::from(plan).alias(alias.as_str())?;
            joined = Some(match joined {
                None => side,
                Some(left) => self.join(left, side.build()?, part.keys, &alias)?,
            });
        }
        outputs.sort_by_key(|(column, _)| *column);
        let joined = joined.ok_or_else(|| {
            datafusion::common::internal_datafusion_err!(
                "a vertical layout of `{}` has no part",
                self.table.name
            )
        })?;
        joined.project(outputs.into_iter().map(|(_, output)| output))?.build()
    }

    fn part(
        &self,
        part: &VerticalPart,
        wanted: &BTreeSet<usize>,
        path: &mut Vec<String>,
    ) -> PlanResult<LogicalPlan> {
        path.push(part.name.clone());
        let plan = self.layout(&part.layout, wanted, path);
        path.pop();
        plan
    }

    fn join(
        &self,
        left: LogicalPlanBuilder,
        right: LogicalPlan,
        keys: Keys,
        alias: &str,
    ) -> PlanResult<LogicalPlanBuilder> {
        let kind = if keys == Keys::Complete { JoinType::Inner } else { JoinType::Left };
        let key = |alias: &str| {
            self.table.primary_key.iter().map(|&at| self.qualified(alias, at)).collect::<Vec<_>>()
        };
        left.join(right, kind, (key("part0"), key(alias)), None)
    }

    fn qualified(&self, alias: &str, column: usize) -> Column {
        Column::new(Some(TableReference::bare(alias)), &self.table.columns[column].name)
    }

    fn output(&self, alias: &str, column: usize) -> Expr {
        Expr::Column(self.qualified(alias, column)).alias(&self.table.columns[column].name)
    }
}
