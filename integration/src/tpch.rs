//! TPC-H: its rows at any scale, and its 22 queries.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    compute::{cast, concat_batches},
};
use intarsia_catalog::{Catalog, Column, Table};
use tpchgen::generators as make;
use tpchgen_arrow as rows;

use crate::{
    Result,
    data::{Rows, schema},
};

/// The catalog: every form of layout over PostgreSQL, MySQL and SQLite.
pub const CATALOG: &str = include_str!("../tpch/catalog.yaml");

/// The rows of every table of `catalog` at a scale factor.
pub fn generate(catalog: &Catalog, scale: f64) -> Result<Rows> {
    catalog
        .tables
        .values()
        .map(|table| Ok((table.name.clone(), table_rows(table, scale)?)))
        .collect()
}

fn table_rows(table: &Table, scale: f64) -> Result<RecordBatch> {
    let (columns, name) = (&table.columns, table.name.name.as_str());
    match name {
        "region" => typed(columns, rows::RegionArrow::new(make::RegionGenerator::new(scale, 1, 1))),
        "nation" => typed(columns, rows::NationArrow::new(make::NationGenerator::new(scale, 1, 1))),
        "supplier" => {
            typed(columns, rows::SupplierArrow::new(make::SupplierGenerator::new(scale, 1, 1)))
        }
        "customer" => {
            typed(columns, rows::CustomerArrow::new(make::CustomerGenerator::new(scale, 1, 1)))
        }
        "part" => typed(columns, rows::PartArrow::new(make::PartGenerator::new(scale, 1, 1))),
        "partsupp" => {
            typed(columns, rows::PartSuppArrow::new(make::PartSuppGenerator::new(scale, 1, 1)))
        }
        "orders" => typed(columns, rows::OrderArrow::new(make::OrderGenerator::new(scale, 1, 1))),
        "lineitem" => {
            typed(columns, rows::LineItemArrow::new(make::LineItemGenerator::new(scale, 1, 1)))
        }
        other => Err(format!("TPC-H has no table `{other}`").into()),
    }
}

/// The generator's batches in the catalog's types.
fn typed<E: std::error::Error + Send + Sync + 'static>(
    columns: &[Column],
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
) -> Result<RecordBatch> {
    let schema = schema(columns);
    let typed = batches.map(|batch| {
        let batch = batch?;
        let columns = batch.columns().iter().zip(schema.fields());
        let arrays: Result<Vec<_>, _> =
            columns.map(|(array, field)| cast(array, field.data_type())).collect();
        Ok(RecordBatch::try_new(Arc::clone(&schema), arrays?)?)
    });
    let batches = typed.collect::<Result<Vec<_>>>()?;
    Ok(concat_batches(&schema, &batches)?)
}

/// The queries, from the first.
pub const QUERIES: [&str; 22] = [
    include_str!("../tpch/q01.sql"),
    include_str!("../tpch/q02.sql"),
    include_str!("../tpch/q03.sql"),
    include_str!("../tpch/q04.sql"),
    include_str!("../tpch/q05.sql"),
    include_str!("../tpch/q06.sql"),
    include_str!("../tpch/q07.sql"),
    include_str!("../tpch/q08.sql"),
    include_str!("../tpch/q09.sql"),
    include_str!("../tpch/q10.sql"),
    include_str!("../tpch/q11.sql"),
    include_str!("../tpch/q12.sql"),
    include_str!("../tpch/q13.sql"),
    include_str!("../tpch/q14.sql"),
    include_str!("../tpch/q15.sql"),
    include_str!("../tpch/q16.sql"),
    include_str!("../tpch/q17.sql"),
    include_str!("../tpch/q18.sql"),
    include_str!("../tpch/q19.sql"),
    include_str!("../tpch/q20.sql"),
    include_str!("../tpch/q21.sql"),
    include_str!("../tpch/q22.sql"),
];
