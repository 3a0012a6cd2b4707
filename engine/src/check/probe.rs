//! Parts of tables, asked as tables of their own.

use std::sync::Arc;

use datafusion::{
    arrow::{array::RecordBatch, compute::concat_batches},
    common::{Column, Result as PlanResult},
    datasource::DefaultTableSource,
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder},
};
use futures::TryStreamExt;
use intarsia_catalog::{Layout, Table};

use crate::{Context, Engine, Result, session::Query, tables::GlobalTable};

/// A session for questions about parts.
pub(super) struct Probe {
    context: Context,
}

impl Probe {
    /// A session in which no part is left out for what it promises: promises are in question here.
    pub(super) fn new(engine: &Engine) -> Result<Probe> {
        Ok(Probe { context: engine.context().with("disabled_rules", "reduce")? })
    }

    /// Plans a question.
    pub(super) async fn plan(&self, plan: &LogicalPlan) -> Result<Query> {
        self.context.plan_of(plan).await
    }

    /// Asks a question.
    pub(super) async fn rows(&self, plan: &LogicalPlan) -> Result<RecordBatch> {
        let query = self.plan(plan).await?;
        let schema = query.schema();
        let batches: Vec<RecordBatch> = query.stream()?.try_collect().await?;
        Ok(concat_batches(&schema, &batches).map_err(datafusion::error::DataFusionError::from)?)
    }
}

/// A part of a table under a name for the plan: its columns at `columns`.
pub(super) fn part(
    name: &str,
    table: &Table,
    layout: &Layout,
    columns: &[usize],
) -> PlanResult<LogicalPlanBuilder> {
    let part = Arc::new(Table { layout: layout.clone(), ..table.clone() });
    let source = Arc::new(DefaultTableSource::new(Arc::new(GlobalTable::new(&part))));
    LogicalPlanBuilder::scan(name, source, Some(columns.to_vec()))
}

/// The table without its word that columns are never NULL, so that it can be asked where they are.
pub(super) fn with_nulls(table: &Table) -> Table {
    let mut table = table.clone();
    table.columns.iter_mut().for_each(|column| column.nullable = true);
    table
}

/// The table's columns at `columns`, of the part that the plan calls `name`.
pub(super) fn columns(name: &str, table: &Table, columns: &[usize]) -> Vec<Column> {
    columns.iter().map(|&at| Column::new(Some(name), &table.columns[at].name)).collect()
}

/// The same as expressions without the part's name.
pub(super) fn outputs(name: &str, table: &Table, at: &[usize]) -> Vec<Expr> {
    let output = |column: Column| {
        let plain = column.name.clone();
        Expr::Column(column).alias(plain)
    };
    columns(name, table, at).into_iter().map(output).collect()
}
