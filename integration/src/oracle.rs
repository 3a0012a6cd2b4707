//! The same rows in one DataFusion, under the engine's own SQL semantics: what every layout must answer.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::{
    catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider},
    datasource::MemTable,
};
use futures::TryStreamExt;
use intarsia_catalog::{Catalog, TableName};
use intarsia_engine::{Context, Session};

use crate::{Result, compare::Answer, data::Rows};

/// A session over `rows` in memory, under the names of the tables of `catalog`.
pub fn oracle(catalog: &Catalog, rows: &Rows) -> Result<Session> {
    let database = MemoryCatalogProvider::new();
    for name in catalog.tables.keys() {
        let batch = rows.get(name).ok_or_else(|| format!("no rows of table {name}"))?;
        register(&database, name, batch)?;
    }
    Ok(Session::over(Context::over(Arc::new(database))?))
}

/// All that a session answers.
pub async fn ask(session: &Session, sql: &str) -> Result<Answer> {
    let query = session.sql(sql).await?;
    let schema = query.schema();
    let batches: Vec<RecordBatch> = query.stream()?.try_collect().await?;
    Answer::new(schema, &batches)
}

fn register(database: &dyn CatalogProvider, name: &TableName, rows: &RecordBatch) -> Result<()> {
    let schema = match database.schema(&name.schema) {
        Some(schema) => schema,
        None => {
            let schema: Arc<dyn SchemaProvider> = Arc::new(MemorySchemaProvider::new());
            database.register_schema(&name.schema, Arc::clone(&schema))?;
            schema
        }
    };
    let table = MemTable::try_new(rows.schema(), vec![vec![rows.clone()]])?;
    schema.register_table(name.name.clone(), Arc::new(table))?;
    Ok(())
}
