//! The catalog's logical tables as DataFusion sees them.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::{Field, Schema, SchemaRef},
    catalog::{
        CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, Session,
        TableProvider,
    },
    common::Result as PlanResult,
    datasource::{DefaultTableSource, TableType},
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableProviderFilterPushDown, TableScan},
    physical_plan::ExecutionPlan,
};
use intarsia_catalog::{Catalog, DEFAULT_SCHEMA, Table};

/// A logical table. It promises no key to the optimizer: uniqueness across nodes is the owners' word only.
#[derive(Debug)]
pub(crate) struct GlobalTable {
    table: Arc<Table>,
    schema: SchemaRef,
}

impl GlobalTable {
    pub(crate) fn new(table: &Arc<Table>) -> GlobalTable {
        let fields = table
            .columns
            .iter()
            .map(|column| Field::new(&column.name, column.ty.arrow(), column.nullable));
        GlobalTable {
            table: Arc::clone(table),
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
        }
    }

    /// The logical table under a scan, if it is one.
    pub(crate) fn of(scan: &TableScan) -> Option<&GlobalTable> {
        scan.source
            .downcast_ref::<DefaultTableSource>()?
            .table_provider
            .downcast_ref::<GlobalTable>()
    }

    /// The table.
    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.table
    }
}

#[async_trait]
impl TableProvider for GlobalTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Every filter is taken: the localized plan applies them all.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> PlanResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Exact; filters.len()])
    }

    /// For paths that do not go through the engine's planner: plans this one scan with the session's own.
    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let source = Arc::new(DefaultTableSource::new(Arc::new(GlobalTable::new(&self.table))));
        let name = self.table.name.to_string();
        let scan = LogicalPlanBuilder::scan_with_filters(
            name,
            source,
            projection.cloned(),
            filters.to_vec(),
        )?;
        let plan: LogicalPlan = scan.limit(0, limit)?.build()?;
        state.create_physical_plan(&plan).await
    }
}

/// A DataFusion catalog of the logical tables, by schema.
pub(crate) fn provider(catalog: &Catalog) -> PlanResult<Arc<dyn CatalogProvider>> {
    let mut schemas: BTreeMap<&str, MemorySchemaProvider> = BTreeMap::new();
    schemas.entry(DEFAULT_SCHEMA).or_default();
    for (name, table) in &catalog.tables {
        let schema = schemas.entry(&name.schema).or_default();
        schema.register_table(name.name.clone(), Arc::new(GlobalTable::new(table)))?;
    }
    let provider = MemoryCatalogProvider::new();
    for (name, schema) in schemas {
        provider.register_schema(name, Arc::new(schema))?;
    }
    Ok(Arc::new(provider))
}
