//! What there is to ask: tables, their columns and keys, from a catalog or a server.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use intarsia_catalog::{self as catalog, Layout};
use intarsia_flight_server::client;

use super::Source;
use crate::status::Result;

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Its schema.
    pub(crate) schema: String,
    /// Its name.
    pub(crate) name: String,
    /// `TABLE`, `VIEW` or `SYSTEM TABLE`.
    pub(crate) kind: String,
    /// What it is, for people.
    pub(crate) comment: Option<String>,
    /// Its columns, in order.
    pub(crate) columns: Vec<Column>,
    /// Where its rows are, as far as that is known here.
    pub(crate) of_catalog: Option<Arc<catalog::Table>>,
}

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type, as the catalog spells types.
    pub(crate) kind: String,
    /// Whether it may be NULL.
    pub(crate) nullable: bool,
}

/// The keys of a table.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// The columns of the primary key.
    pub(crate) primary: Vec<String>,
    /// The columns that refer to other tables: column, table, column there.
    pub(crate) foreign: Vec<(String, String, String)>,
}

impl Source {
    /// All tables with their columns, by schema and name.
    pub(crate) async fn tables(&self) -> Result<Vec<Table>> {
        match self {
            Source::Nodes(session) => {
                let tables = session.engine().map(|engine| engine.catalog().tables.values());
                Ok(tables.into_iter().flatten().map(Table::from).collect())
            }
            Source::Server(client) => {
                Ok(client.tables().await?.into_iter().map(Table::from).collect())
            }
        }
    }

    /// The keys of a table.
    pub(crate) async fn keys(&self, table: &Table) -> Result<Keys> {
        match (self, &table.of_catalog) {
            (Source::Server(client), _) => {
                let primary = client.primary_key(&table.schema, &table.name).await?;
                let foreign = client.foreign_keys(&table.schema, &table.name).await?;
                let foreign = foreign.into_iter().map(|key| {
                    let default = key.table.strip_prefix(DEFAULT).map(str::to_owned);
                    (key.column, default.unwrap_or(key.table), key.references)
                });
                Ok(Keys { primary, foreign: foreign.collect() })
            }
            (Source::Nodes(session), Some(table)) => {
                let parent = |name: &catalog::TableName| {
                    session.engine().and_then(|engine| engine.catalog().tables.get(name))
                };
                Ok(keys(table, parent))
            }
            (Source::Nodes(_), None) => Ok(Keys::default()),
        }
    }
}

fn keys<'a>(
    table: &catalog::Table,
    parent: impl Fn(&catalog::TableName) -> Option<&'a Arc<catalog::Table>>,
) -> Keys {
    let name = |column: &usize| table.columns[*column].name.clone();
    let primary = table.primary_key.iter().map(name).collect();
    let Layout::Horizontal(split) = &table.layout else { return Keys { primary, foreign: vec![] } };
    let foreign =
        split.follows.iter().filter_map(|follows| Some((follows, parent(&follows.table)?)));
    let foreign = foreign.flat_map(|(follows, parent)| {
        follows.key.iter().map(|(own, there)| {
            (name(own), follows.table.to_string(), parent.columns[*there].name.clone())
        })
    });
    Keys { primary, foreign: foreign.collect() }
}

impl From<&Arc<catalog::Table>> for Table {
    fn from(table: &Arc<catalog::Table>) -> Table {
        let column = |column: &catalog::Column| Column {
            name: column.name.clone(),
            kind: column.ty.to_string(),
            nullable: column.nullable,
        };
        Table {
            schema: table.name.schema.clone(),
            name: table.name.name.clone(),
            kind: "TABLE".to_owned(),
            comment: table.comment.clone(),
            columns: table.columns.iter().map(column).collect(),
            of_catalog: Some(Arc::clone(table)),
        }
    }
}

impl From<client::Table> for Table {
    fn from(table: client::Table) -> Table {
        let column = |field: &Arc<Field>| Column {
            name: field.name().clone(),
            kind: type_name(field),
            nullable: field.is_nullable(),
        };
        Table {
            columns: table.columns.fields().iter().map(column).collect(),
            comment: table.columns.metadata().get(REMARKS).cloned(),
            schema: table.schema,
            name: table.name,
            kind: table.kind,
            of_catalog: None,
        }
    }
}

/// What a table of the default schema is shown without.
const DEFAULT: &str = "public.";
/// What a server says of a table or column for people.
const REMARKS: &str = "ARROW:FLIGHT:SQL:REMARKS";
/// The name that a server gives a column's type.
const TYPE_NAME: &str = "ARROW:FLIGHT:SQL:TYPE_NAME";

/// The type of a server's column: by the server's name for it, else as the catalog spells what holds such values.
fn type_name(field: &Field) -> String {
    let name = match field.data_type() {
        DataType::Decimal128(precision, scale) => return format!("decimal({precision},{scale})"),
        _ if field.metadata().contains_key(TYPE_NAME) => {
            return field.metadata()[TYPE_NAME].to_lowercase();
        }
        DataType::Boolean => "boolean",
        DataType::Int8 | DataType::Int16 => "smallint",
        DataType::Int32 => "integer",
        DataType::Int64 => "bigint",
        DataType::UInt8 | DataType::UInt16 => "smallint unsigned",
        DataType::UInt32 => "integer unsigned",
        DataType::UInt64 => "bigint unsigned",
        DataType::Float32 => "real",
        DataType::Float64 => "double",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "binary",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Timestamp(_, None) => "timestamp",
        DataType::Timestamp(_, Some(_)) => "timestamptz",
        other => return other.to_string(),
    };
    name.to_owned()
}
