//! A failing case as a file: catalog, rows and query as they are, whatever becomes of the generator.

use std::{fs, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch},
    compute::{cast, concat_batches},
    datatypes::DataType,
    json::{LineDelimitedWriter, ReaderBuilder},
};
use intarsia_catalog::{Catalog, TableName};
use serde_json::{Map, Value, json};

use super::Query;
use crate::{
    Result,
    data::{Rows, schema},
};

/// A world and a query that once gave two answers.
#[derive(Debug)]
pub struct Kept {
    /// The catalog file.
    pub yaml: String,
    /// Which local types and names were chosen.
    pub variety: u64,
    /// The query.
    pub query: Query,
    rows: Map<String, Value>,
}

impl Kept {
    /// The case of a world.
    pub fn new(yaml: &str, rows: &Rows, query: &Query, variety: u64) -> Result<Kept> {
        let table =
            |(name, batch): (&TableName, &RecordBatch)| Ok((name.to_string(), json(batch)?));
        let rows = rows.iter().map(table).collect::<Result<_>>()?;
        Ok(Kept { yaml: yaml.to_owned(), variety, query: query.clone(), rows })
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Kept> {
        let mut file: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let order = file["order"].as_array().into_iter().flatten();
        let order = order.filter_map(|at| usize::try_from(at.as_u64()?).ok()).collect();
        let sql = file["sql"].as_str().unwrap_or_default().to_owned();
        Ok(Kept {
            yaml: texts(&file["catalog"]).join("\n"),
            variety: file["variety"].as_u64().unwrap_or(0),
            query: Query { sql, order },
            rows: file["rows"].as_object_mut().map(std::mem::take).unwrap_or_default(),
        })
    }

    /// Writes a file.
    pub fn write(&self, path: &Path) -> Result<()> {
        // As lines: the order of columns counts, and a map of serde_json has none.
        let catalog: Vec<_> = self.yaml.lines().collect();
        let file = json!({
            "sql": self.query.sql,
            "order": self.query.order,
            "variety": self.variety,
            "rows": self.rows,
            "catalog": catalog,
        });
        fs::create_dir_all(path.parent().ok_or("a file in no folder")?)?;
        Ok(fs::write(path, format!("{}\n", serde_json::to_string_pretty(&file)?))?)
    }

    /// The rows in the catalog's types.
    pub fn rows(&self, catalog: &Catalog) -> Result<Rows> {
        let mut rows = Rows::new();
        for table in catalog.tables.values() {
            let lines: Vec<_> = self.rows[&table.name.to_string()]
                .as_array()
                .into_iter()
                .flatten()
                .map(Value::to_string)
                .collect();
            let text = lines.join("\n");
            let schema = schema(&table.columns);
            let reader = ReaderBuilder::new(Arc::clone(&schema)).build(text.as_bytes())?;
            let batches = reader.collect::<Result<Vec<_>, _>>()?;
            rows.insert(table.name.clone(), concat_batches(&schema, &batches)?);
        }
        Ok(rows)
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn json(batch: &RecordBatch) -> Result<Value> {
    let mut text = Vec::new();
    let mut writer = LineDelimitedWriter::new(&mut text);
    writer.write(&spelled(batch)?)?;
    writer.finish()?;
    let lines = String::from_utf8(text)?;
    Ok(Value::Array(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?))
}

/// The batch with its decimals as texts: as numbers of JSON they would pass through floats.
fn spelled(batch: &RecordBatch) -> Result<RecordBatch> {
    let column = |(name, array): (&str, &ArrayRef)| {
        let spelled = match array.data_type() {
            DataType::Decimal128(..) => cast(array, &DataType::Utf8)?,
            _ => Arc::clone(array),
        };
        Ok((name.to_owned(), spelled, true))
    };
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let columns = names.zip(batch.columns()).map(column).collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Choices, World};

    #[test]
    fn what_is_kept_comes_back_to_the_last_digit() {
        for seed in 0..50 {
            let world = World::new(&mut Choices::of(seed), &mut Choices::of(!seed)).unwrap();
            let query = world.query(&mut Choices::of(seed));
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("case.json");
            Kept::new(&world.yaml, &world.rows, &query, seed).unwrap().write(&path).unwrap();
            let (catalog, _) =
                Catalog::parse("catalog", world.yaml.as_bytes(), &crate::generate::tests::Urls)
                    .unwrap();
            let rows = Kept::read(&path).unwrap().rows(&catalog).unwrap();
            for (name, batch) in &world.rows {
                assert_eq!(rows[name].columns(), batch.columns(), "{name} of seed {seed}");
            }
        }
    }
}
