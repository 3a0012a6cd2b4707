//! Catalogs, schemas, tables and their columns.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use arrow::{
    array::{RecordBatch, StringArray},
    compute::like,
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
};
use arrow_flight::{
    error::FlightError,
    sql::{
        CommandGetDbSchemas, CommandGetTables,
        metadata::{GetCatalogsBuilder, GetDbSchemasBuilder, GetTablesBuilder},
    },
};
use intarsia_catalog::{Catalog, DEFAULT_SCHEMA, Table};
use intarsia_engine::{CATALOG, SystemTable};

use super::types;
use crate::encode::{
    Types,
    columns::{SqlType, described, with_keys},
    schema as wire_schema,
};

type Rows = Result<RecordBatch, FlightError>;

/// A logical table of the catalog.
const TABLE: &str = "TABLE";
/// There is none yet; clients ask for it by name.
const VIEW: &str = "VIEW";
/// What describes the others.
const SYSTEM_TABLE: &str = "SYSTEM TABLE";

pub(super) fn catalogs_schema() -> SchemaRef {
    GetCatalogsBuilder::new().schema()
}

pub(super) fn schemas_schema() -> SchemaRef {
    CommandGetDbSchemas::default().into_builder().schema()
}

pub(super) fn tables_schema(asked: &CommandGetTables) -> SchemaRef {
    let asked = CommandGetTables { include_schema: asked.include_schema, ..Default::default() };
    asked.into_builder().schema()
}

pub(super) fn table_types_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("table_type", DataType::Utf8, false)]))
}

/// The one catalog: clients see no nodes.
pub(super) fn catalogs() -> Rows {
    let mut rows = GetCatalogsBuilder::new();
    rows.append(CATALOG);
    rows.build()
}

pub(super) fn table_types() -> Rows {
    let types = StringArray::from(vec![SYSTEM_TABLE, TABLE, VIEW]);
    Ok(RecordBatch::try_new(table_types_schema(), vec![Arc::new(types)])?)
}

/// The schemas, the default one also where it has no table.
pub(super) fn schemas(
    asked: CommandGetDbSchemas,
    catalog: &Catalog,
    system: &[SystemTable],
) -> Rows {
    let mut rows = GetDbSchemasBuilder::from(asked);
    let tables = catalog.tables.keys().map(|name| name.schema.as_str());
    let names = tables.chain(system.iter().map(|table| table.schema)).chain([DEFAULT_SCHEMA]);
    for name in names.collect::<BTreeSet<_>>() {
        rows.append(CATALOG, name);
    }
    rows.build()
}

/// The tables that are asked for, by schema and name; only their columns are described.
pub(super) fn tables(asked: CommandGetTables, catalog: &Catalog, system: &[SystemTable]) -> Rows {
    let include_schema = asked.include_schema;
    let any: Option<&str> = None;
    let mut rows = GetTablesBuilder::new(any, any, any, Vec::<String>::new(), include_schema);
    for listed in wanted(asked, listed(catalog, system))? {
        let columns = if include_schema { listed.columns() } else { Schema::empty() };
        rows.append(CATALOG, listed.schema, listed.name, listed.kind, &columns)?;
    }
    rows.build()
}

/// A table, its columns not yet described.
struct Listed<'a> {
    schema: &'a str,
    name: &'a str,
    kind: &'static str,
    origin: Origin<'a>,
}

enum Origin<'a> {
    Catalog(&'a Table),
    System(&'a SystemTable),
}

fn listed<'a>(catalog: &'a Catalog, system: &'a [SystemTable]) -> Vec<Listed<'a>> {
    let system_schema = |name: &str| system.iter().any(|table| table.schema == name);
    let logical = catalog.tables.iter().filter(|(name, _)| !system_schema(&name.schema));
    let logical = logical.map(|(name, table)| Listed {
        schema: &name.schema,
        name: &name.name,
        kind: TABLE,
        origin: Origin::Catalog(table),
    });
    let system = system.iter().map(|table| Listed {
        schema: table.schema,
        name: &table.name,
        kind: SYSTEM_TABLE,
        origin: Origin::System(table),
    });
    logical.chain(system).collect()
}

/// Those that a command asks for. A catalog is a name, the empty one of tables without a catalog; schema and table are
/// patterns with `%`, `_` and `\`.
fn wanted(asked: CommandGetTables, all: Vec<Listed<'_>>) -> Result<Vec<Listed<'_>>, ArrowError> {
    if asked.catalog.is_some_and(|catalog| catalog != CATALOG) {
        return Ok(Vec::new());
    }
    let kinds = asked.table_types;
    let kept = all.into_iter().filter(|it| kinds.is_empty() || kinds.iter().any(|k| k == it.kind));
    let kept = matching(kept.collect(), asked.db_schema_filter_pattern, |listed| listed.schema)?;
    matching(kept, asked.table_name_filter_pattern, |listed| listed.name)
}

/// Those whose `text` is like the pattern, if there is one.
fn matching<'a>(
    all: Vec<Listed<'a>>,
    pattern: Option<String>,
    text: impl Fn(&Listed<'a>) -> &'a str,
) -> Result<Vec<Listed<'a>>, ArrowError> {
    let Some(pattern) = pattern else { return Ok(all) };
    let texts = StringArray::from_iter_values(all.iter().map(text));
    let matches = like(&texts, &StringArray::new_scalar(pattern))?;
    let kept = all.into_iter().zip(&matches).filter(|(_, matches)| *matches == Some(true));
    Ok(kept.map(|(listed, _)| listed).collect())
}

impl Listed<'_> {
    /// The columns as a query of them would have them, and to which table they belong.
    fn columns(&self) -> Schema {
        let columns = match self.origin {
            Origin::Catalog(table) => columns(table),
            Origin::System(table) => Schema::clone(&wire_schema(&table.columns, Types::Released)),
        };
        let place =
            [("CATALOG_NAME", CATALOG), ("DB_SCHEMA_NAME", self.schema), ("TABLE_NAME", self.name)];
        let placed = |field: &Arc<Field>| {
            let place = place.map(|(key, value)| (key, value.to_owned()));
            with_keys(Field::clone(field), place)
        };
        let fields: Vec<_> = columns.fields().iter().map(placed).collect();
        Schema::new_with_metadata(fields, columns.metadata().clone())
    }
}

/// Columns under the catalog's own names of types, and the table's comment on the whole.
fn columns(table: &Table) -> Schema {
    let fields = table.columns.iter().map(|column| {
        let field = Field::new(&column.name, column.ty.arrow(), column.nullable);
        let ty = SqlType::of(field.data_type()).named(types::name(column.ty));
        described(field, &ty)
    });
    let comment = table.comment.iter();
    let comment = comment.map(|text| ("ARROW:FLIGHT:SQL:REMARKS".to_owned(), text.clone()));
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), comment.collect::<HashMap<_, _>>())
}
