//! The scripts' world: a few small tables with every kind of odd value, one layout file each way to spread them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{array::RecordBatch, csv::ReaderBuilder};
use async_trait::async_trait;
use intarsia_catalog::{Catalog, Table};
use intarsia_engine::Session;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType};

use crate::{
    Result,
    compare::{Answer, Cell},
    data::{Rows, schema},
    oracle::ask,
};

/// The line of a layout file that the columns of a table stand for.
const INCLUDE: &str = "#columns ";

/// A layout file with the columns of its tables filled in: `#columns NAME` becomes `data/NAME.yaml`.
pub fn catalog(layout: &Path) -> Result<String> {
    let text = fs::read_to_string(layout)?;
    let mut catalog = String::new();
    for line in text.lines() {
        match line.trim().strip_prefix(INCLUDE) {
            None => catalog.push_str(&format!("{line}\n")),
            Some(name) => {
                let columns = fs::read_to_string(folder("data").join(format!("{name}.yaml")))?;
                columns.lines().for_each(|line| catalog.push_str(&format!("    {line}\n")));
            }
        }
    }
    Ok(catalog)
}

/// The rows of the tables of `catalog`: `data/NAME.csv`, where `\N` is NULL.
pub fn rows(catalog: &Catalog) -> Result<Rows> {
    catalog.tables.values().map(|table| Ok((table.name.clone(), read(table)?))).collect()
}

fn read(table: &Table) -> Result<RecordBatch> {
    let file = fs::File::open(folder("data").join(format!("{}.csv", table.name.name)))?;
    let null = regex()?;
    let reader = ReaderBuilder::new(schema(&table.columns)).with_header(true).with_null_regex(null);
    let batches = reader.build(file)?.collect::<Result<Vec<_>, _>>()?;
    Ok(arrow::compute::concat_batches(&schema(&table.columns), &batches)?)
}

fn regex() -> Result<regex::Regex> {
    Ok(regex::Regex::new(r"^\\N$")?)
}

/// The files below a folder of this crate with the extension `extension`, in order.
pub fn files(name: &str, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder(name))?.collect::<Result<Vec<_>, _>>()?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    paths.sort();
    Ok(paths)
}

/// A folder of this crate.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A session that answers scripts.
#[derive(Debug, Clone)]
pub struct Answerer(pub Arc<Session>);

/// Why a statement failed.
#[derive(Debug)]
pub struct Failure(String);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

#[async_trait]
impl AsyncDB for Answerer {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let answer = ask(&self.0, sql).await.map_err(|error| Failure(error.to_string()))?;
        Ok(DBOutput::Rows { types: types(&answer), rows: texts(&answer) })
    }

    async fn shutdown(&mut self) {}
}

fn types(answer: &Answer) -> Vec<DefaultColumnType> {
    let kind = |field: &Arc<arrow::datatypes::Field>| match field.data_type() {
        ty if ty.is_integer() => DefaultColumnType::Integer,
        ty if ty.is_floating() || ty.is_decimal() => DefaultColumnType::FloatingPoint,
        ty if ty.is_string() => DefaultColumnType::Text,
        _ => DefaultColumnType::Any,
    };
    answer.schema.fields().iter().map(kind).collect()
}

/// Cells as scripts spell them: spaces would separate, so they and an empty text are made visible.
fn texts(answer: &Answer) -> Vec<Vec<String>> {
    let text = |cell: &Cell| match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Float(value) => float(*value),
        Cell::Text(text) if text.is_empty() => "(empty)".to_owned(),
        Cell::Text(text) => text.replace(' ', "␠").replace('\n', "␤"),
    };
    answer.rows.iter().map(|row| row.iter().map(text).collect()).collect()
}

/// Twelve significant digits: the rest depends on the order of a sum.
fn float(value: f64) -> String {
    format!("{:?}", format!("{value:.11e}").parse::<f64>().unwrap_or(value))
}
