//! What there is to ask.

use arrow::{
    array::{Array, AsArray, RecordBatch, StringArray},
    datatypes::{Schema, SchemaRef},
};
use arrow_flight::{
    FlightInfo, IpcMessage,
    sql::{CommandGetImportedKeys, CommandGetPrimaryKeys, CommandGetTables},
};
use futures::{StreamExt, TryStreamExt};

use super::{Answer, Client, Error, ErrorKind, Result};

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `TABLE`, `VIEW` or `SYSTEM TABLE`.
    pub kind: String,
    /// Its columns.
    pub columns: SchemaRef,
}

/// A column that refers to a column of another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The column.
    pub column: String,
    /// The other table, its schema first.
    pub table: String,
    /// The column there.
    pub references: String,
}

impl Client {
    /// All tables and views with their columns, by schema and name.
    ///
    /// # Errors
    /// If the server does not tell.
    pub async fn tables(&self) -> Result<Vec<Table>> {
        let request = CommandGetTables { include_schema: true, ..CommandGetTables::default() };
        let ask = || {
            let (mut protocol, request) = (self.protocol.clone(), request.clone());
            async move { Ok(protocol.get_tables(request).await?) }
        };
        let info = self.login.logged_in(ask).await?;
        let mut tables = Vec::new();
        for batch in self.rows(info).await? {
            tables.extend(
                (0..batch.num_rows()).map(|row| table(&batch, row)).collect::<Result<Vec<_>>>()?,
            );
        }
        Ok(tables)
    }

    /// The columns of a table's primary key, in order.
    ///
    /// # Errors
    /// If the server does not tell.
    pub async fn primary_key(&self, schema: &str, table: &str) -> Result<Vec<String>> {
        let request = CommandGetPrimaryKeys {
            catalog: None,
            db_schema: Some(schema.to_owned()),
            table: table.to_owned(),
        };
        let info = self.protocol.clone().get_primary_keys(request).await?;
        let mut columns = Vec::new();
        for batch in self.rows(info).await? {
            let names = texts(&batch, "column_name")?;
            columns.extend((0..batch.num_rows()).map(|row| value(names, row)));
        }
        Ok(columns)
    }

    /// The columns of a table that refer to other tables.
    ///
    /// # Errors
    /// If the server does not tell.
    pub async fn foreign_keys(&self, schema: &str, table: &str) -> Result<Vec<ForeignKey>> {
        let request = CommandGetImportedKeys {
            catalog: None,
            db_schema: Some(schema.to_owned()),
            table: table.to_owned(),
        };
        let info = self.protocol.clone().get_imported_keys(request).await?;
        let mut keys = Vec::new();
        for batch in self.rows(info).await? {
            let column = |name| texts(&batch, name);
            let [here, schema] = [column("fk_column_name")?, column("pk_db_schema_name")?];
            let [there, references] = [column("pk_table_name")?, column("pk_column_name")?];
            keys.extend((0..batch.num_rows()).map(|row| ForeignKey {
                column: value(here, row),
                table: format!("{}.{}", value(schema, row), value(there, row)),
                references: value(references, row),
            }));
        }
        Ok(keys)
    }

    async fn rows(&self, info: FlightInfo) -> Result<Vec<RecordBatch>> {
        Answer::open(self.protocol.clone(), info).await?.boxed().try_collect().await
    }
}

fn table(batch: &RecordBatch, row: usize) -> Result<Table> {
    let text = |name| Ok::<_, Error>(value(texts(batch, name)?, row));
    let columns = batch.column_by_name("table_schema").and_then(|it| it.as_binary_opt::<i32>());
    let columns = columns.ok_or_else(|| lacking("table_schema"))?;
    let columns = Schema::try_from(IpcMessage(columns.value(row).to_vec().into()))?;
    Ok(Table {
        schema: text("db_schema_name")?,
        name: text("table_name")?,
        kind: text("table_type")?,
        columns: columns.into(),
    })
}

fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt());
    column.ok_or_else(|| lacking(name))
}

/// A text; NULL, as a schema's name may be, is empty.
fn value(texts: &StringArray, row: usize) -> String {
    if texts.is_null(row) { String::new() } else { texts.value(row).to_owned() }
}

fn lacking(column: &str) -> Error {
    let message =
        format!("the server's list of tables has no column `{column}` of the protocol's type");
    Error::new(ErrorKind::Internal, message)
}
