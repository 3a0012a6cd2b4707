//! The rows of logical tables, spread over nodes as the tables' layouts say.

mod inverse;
mod literal;
mod local;
mod spelling;
mod split;

use std::{collections::BTreeMap, sync::Arc};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use intarsia_catalog::{Catalog, Column, Layout, Stored, Table, TableName};

pub use split::{Fragment, split};

use crate::{Result, cluster::Database};

/// All the rows of each logical table; the batch's columns are the table's.
pub type Rows = BTreeMap<TableName, RecordBatch>;

/// The Arrow schema of a logical table.
pub fn schema(columns: &[Column]) -> SchemaRef {
    use arrow::datatypes::{Field, Schema};
    let field = |column: &Column| Field::new(&column.name, column.ty.arrow(), column.nullable);
    SchemaRef::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// Makes every relation that `catalog` names on its node, and fills it with its share of `rows`.
///
/// Local types, collations, the case of names that the catalog leaves open, and columns that nobody asked for
/// differ with `variety`; what the catalog promises holds for all of them.
pub async fn load(
    catalog: &Catalog,
    rows: &Rows,
    nodes: &BTreeMap<String, Database>,
    variety: u64,
) -> Result<()> {
    for table in catalog.tables.values() {
        for fragment in split(catalog, table, rows)? {
            for replica in 0..fragment.stored.replicas.len() {
                fill(table, &fragment, replica, nodes, variety).await?;
            }
        }
    }
    Ok(())
}

/// Drops every relation that `catalog` names, if it is there.
pub async fn unload(catalog: &Catalog, nodes: &BTreeMap<String, Database>) -> Result<()> {
    let mut statements: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for table in catalog.tables.values() {
        for stored in leaves(&table.layout) {
            for replica in &stored.replicas {
                let node = nodes.get(&replica.place.node).ok_or("a place on no node")?;
                let drop = local::drop(node.flavor(), &replica.place);
                statements.entry(replica.place.node.clone()).or_default().push(drop);
            }
        }
    }
    for (node, statements) in statements {
        nodes[&node].run(&statements).await?;
    }
    Ok(())
}

/// Every leaf of a layout.
fn leaves(layout: &Layout) -> Vec<Arc<Stored>> {
    match layout {
        Layout::Stored(stored) => vec![Arc::clone(stored)],
        Layout::Horizontal(split) => {
            split.parts.iter().flat_map(|part| leaves(&part.layout)).collect()
        }
        Layout::Vertical(split) => {
            split.parts.iter().flat_map(|part| leaves(&part.layout)).collect()
        }
    }
}

async fn fill(
    table: &Table,
    fragment: &Fragment,
    replica: usize,
    nodes: &BTreeMap<String, Database>,
    variety: u64,
) -> Result<()> {
    let place = &fragment.stored.replicas[replica].place;
    let node = nodes.get(&place.node).ok_or_else(|| format!("no database for {place}"))?;
    let relation = local::relation(table, fragment, replica, node.flavor(), variety)?;
    let mut statements = relation.create();
    for rows in relation.inserts()? {
        statements.push(rows);
        if statements.len() > 50 {
            node.run(&std::mem::take(&mut statements)).await?;
        }
    }
    node.run(&statements).await.map_err(|error| format!("{place}: {error}").into())
}
