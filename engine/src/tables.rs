//! The catalog's logical tables as DataFusion sees them.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::{Field, Schema, SchemaRef},
    catalog::{
        CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, Session,
        TableProvider,
    },
    common::{Result as PlanResult, TableReference},
    datasource::{DefaultTableSource, TableType},
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableProviderFilterPushDown, TableScan},
    physical_plan::ExecutionPlan,
};
use intarsia_catalog::{Catalog, DEFAULT_SCHEMA, Table, TableName};

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
        let TableName { schema, name } = &self.table.name;
        let name = TableReference::partial(schema.as_str(), name.as_str());
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datafusion::{
        arrow::util::pretty::pretty_format_batches, physical_plan::collect, prelude::SessionConfig,
    };
    use datafusion::{
        common::ScalarValue,
        execution::TaskContext,
        logical_expr::{col, lit},
    };
    use intarsia_catalog::Secrets;

    use super::*;
    use crate::{Engine, remote::Readings};

    struct Files;

    impl Secrets for Files {
        fn env(&self, name: &str) -> Result<String, String> {
            Err(format!("no `{name}`"))
        }

        fn file(&self, path: &str) -> Result<String, String> {
            Err(format!("no file `{path}`"))
        }
    }

    const TABLES: &str = r#"
  stored:
    columns: { id: bigint not null, region: text, note: text }
    layout: { stored: { at: a.whole, columns: { note: "upper(remark)" } } }
  horizontal:
    columns: { id: bigint not null, region: text, note: text }
    layout:
      horizontal:
        - { where: region = 'EU', stored: a.eu }
        - { where: region <> 'EU' OR region IS NULL, stored: b.rest }
  vertical:
    columns: { id: bigint not null, region: text, note: text }
    primary_key: [id]
    layout:
      vertical:
        - { columns: [region], stored: a.regions }
        - { columns: [note], stored: b.notes, keys: optional }
  Odd.Name:
    columns: { id: bigint not null, region: text, note: text }
    primary_key: [id]
    layout:
      horizontal:
        - { where: region = 'EU', stored: a.eu }
        - where: region <> 'EU' OR region IS NULL
          vertical:
            - { columns: [region], stored: a.far }
            - { columns: [note], stored: b.notes, keys: optional }
  replicated:
    columns: { id: bigint not null, region: text, note: text }
    layout: { stored: [b.whole, a.copy] }
"#;

    const A: &[&str] = &[
        "CREATE TABLE whole (id INTEGER NOT NULL, region TEXT, remark TEXT)",
        "INSERT INTO whole VALUES (1, 'EU', 'x'), (2, 'US', 'y'), (3, NULL, NULL)",
        "CREATE TABLE eu (id INTEGER NOT NULL, region TEXT, note TEXT)",
        "INSERT INTO eu VALUES (1, 'EU', 'X')",
        "CREATE TABLE regions (id INTEGER NOT NULL, region TEXT)",
        "INSERT INTO regions VALUES (1, 'EU'), (2, 'US'), (3, NULL)",
        "CREATE TABLE far (id INTEGER NOT NULL, region TEXT)",
        "INSERT INTO far VALUES (2, 'US'), (3, NULL)",
        "CREATE TABLE copy (id INTEGER NOT NULL, region TEXT, note TEXT)",
        "INSERT INTO copy VALUES (1, 'EU', 'X'), (2, 'US', 'Y'), (3, NULL, NULL)",
    ];

    const B: &[&str] = &[
        "CREATE TABLE rest (id INTEGER NOT NULL, region TEXT, note TEXT)",
        "INSERT INTO rest VALUES (2, 'US', 'Y'), (3, NULL, NULL)",
        "CREATE TABLE notes (id INTEGER NOT NULL, note TEXT)",
        "INSERT INTO notes VALUES (1, 'X'), (2, 'Y')",
        "CREATE TABLE whole (id INTEGER NOT NULL, region TEXT, note TEXT)",
        "INSERT INTO whole VALUES (1, 'EU', 'X'), (2, 'US', 'Y'), (3, NULL, NULL)",
    ];

    async fn engine(folder: &std::path::Path) -> Engine {
        let file = |name: &str| folder.join(format!("{name}.db"));
        for name in ["a", "b"] {
            std::fs::File::create(file(name)).unwrap();
        }
        let yaml = format!(
            "version: 1\nnodes:\n  a: {{ url: \"sqlite:{}\" }}\n  b: {{ url: \"sqlite:{}\" }}\ntables:{TABLES}",
            file("a").display(),
            file("b").display()
        );
        let (catalog, _) = Catalog::parse("catalog.yaml", yaml.as_bytes(), &Files).unwrap();
        let engine = Engine::open(catalog).unwrap();
        for (connector, statements) in engine.connectors().zip([A, B]) {
            let statements: Vec<_> = statements.iter().map(|one| (*one).to_owned()).collect();
            connector.run(&statements).await.unwrap();
        }
        engine
    }

    /// The rows of a scan as DataFusion asks for one, sorted, columns by `|`.
    async fn scanned(
        engine: &Engine,
        table: &GlobalTable,
        projection: Option<&Vec<usize>>,
        (filters, limit): (&[Expr], Option<usize>),
    ) -> Vec<String> {
        let context = engine.context();
        let plan = table.scan(context.state(), projection, filters, limit).await.unwrap();
        let wanted = match projection {
            Some(projection) => Arc::new(table.schema().project(projection).unwrap()),
            None => table.schema(),
        };
        assert_eq!(plan.schema(), wanted);
        let readings = Readings::for_plan(engine.nodes(), &plan).unwrap();
        let config = SessionConfig::new().with_extension(Arc::new(readings));
        let task = Arc::new(TaskContext::default().with_session_config(config));
        let table = pretty_format_batches(&collect(plan, task).await.unwrap()).unwrap().to_string();
        let rows = table.lines().filter(|line| line.starts_with('|')).skip(1);
        let rows = rows.map(|row| row.replace([' ', '|'], ""));
        rows.collect::<BTreeSet<_>>().into_iter().collect()
    }

    #[tokio::test]
    async fn a_scan_outside_of_the_planner_is_right_on_every_layout() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path()).await;
        let null = || lit(ScalarValue::Utf8(None));
        for table in engine.catalog().tables.values() {
            let table = &GlobalTable::new(table);
            let all = scanned(&engine, table, None, (&[], None)).await;
            assert_eq!(all, ["1EUX", "2USY", "3"], "{table:?}");
            let eu = [col("region").eq(lit("EU"))];
            assert_eq!(scanned(&engine, table, None, (&eu, None)).await, ["1EUX"], "{table:?}");
            // The filter's column is not among those asked for, which are in another order.
            let some = scanned(&engine, table, Some(&vec![2, 0]), (&eu, None)).await;
            assert_eq!(some, ["X1"], "{table:?}");
            let far = [col("note").not_eq(lit("X")), col("id").gt(lit(1_i64))];
            let some = scanned(&engine, table, Some(&vec![1]), (&far, None)).await;
            assert_eq!(some, ["US"], "{table:?}");
            let never = [col("region").eq(null())];
            let none = scanned(&engine, table, Some(&vec![1]), (&never, None)).await;
            assert_eq!(none, [""; 0], "{table:?}");
            let one = scanned(&engine, table, Some(&vec![0]), (&[], Some(1))).await;
            assert_eq!(one.len(), 1, "{table:?}");
            let one = scanned(&engine, table, Some(&vec![0]), (&eu, Some(2))).await;
            assert_eq!(one, ["1"], "{table:?}");
        }
    }
}
