//! What there is to ask: tables, columns, keys and types, and what the server can do.
//!
//! An answer is made from its command alone, which is therefore the ticket too: nothing is kept between GetFlightInfo
//! and DoGet, and any connection may redeem it. ADBC compares the schemas with its own, nullability included.

mod info;
mod keys;
mod tables;
mod types;
mod union;

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use arrow_flight::{
    error::FlightError,
    sql::{
        Command, CommandGetSqlInfo, CommandGetXdbcTypeInfo,
        metadata::{SqlInfoData, XdbcTypeInfoData, XdbcTypeInfoDataBuilder},
    },
};
use intarsia_engine::{Engine, SystemTable};
use tonic::Status;

use crate::status;

pub(crate) use info::Kept;
use keys::{ForeignKeys, PrimaryKeys};

/// Answers commands about what there is.
pub(crate) struct Metadata {
    engine: Engine,
    infos: SqlInfoData,
    types: XdbcTypeInfoData,
}

/// The columns of the answer to a command; `None` if it is none about what there is.
pub(crate) fn schema(command: &Command) -> Option<SchemaRef> {
    Some(match command {
        Command::CommandGetCatalogs(_) => tables::catalogs_schema(),
        Command::CommandGetDbSchemas(_) => tables::schemas_schema(),
        Command::CommandGetTables(asked) => tables::tables_schema(asked),
        Command::CommandGetTableTypes(_) => tables::table_types_schema(),
        Command::CommandGetPrimaryKeys(_) => PrimaryKeys::schema(),
        Command::CommandGetExportedKeys(_)
        | Command::CommandGetImportedKeys(_)
        | Command::CommandGetCrossReference(_) => ForeignKeys::schema(),
        Command::CommandGetSqlInfo(_) => union::schema(),
        Command::CommandGetXdbcTypeInfo(_) => XdbcTypeInfoDataBuilder::new().schema(),
        _ => return None,
    })
}

impl Metadata {
    /// About the catalog of `engine`, and a server that keeps so much.
    ///
    /// # Errors
    /// If a list is malformed, which its test excludes.
    pub(crate) fn new(engine: Engine, kept: Kept) -> Result<Metadata, FlightError> {
        let infos = info::infos(&engine, kept).build()?;
        Ok(Metadata { engine, infos, types: types::types().build()? })
    }

    /// The rows that a command asks for. Tables are told from the catalog: no node is asked.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a pattern that cannot be matched; UNIMPLEMENTED for another command.
    pub(crate) async fn rows(&self, command: Command) -> Result<RecordBatch, Status> {
        let catalog = self.engine.catalog();
        let rows = match command {
            Command::CommandGetCatalogs(_) => tables::catalogs(),
            Command::CommandGetDbSchemas(asked) => {
                tables::schemas(asked, catalog, &self.system().await?)
            }
            Command::CommandGetTables(asked) => {
                tables::tables(asked, catalog, &self.system().await?)
            }
            Command::CommandGetTableTypes(_) => tables::table_types(),
            Command::CommandGetPrimaryKeys(asked) => PrimaryKeys::of(&asked, catalog),
            Command::CommandGetExportedKeys(asked) => ForeignKeys::exported(&asked, catalog),
            Command::CommandGetImportedKeys(asked) => ForeignKeys::imported(&asked, catalog),
            Command::CommandGetCrossReference(asked) => ForeignKeys::between(&asked, catalog),
            Command::CommandGetSqlInfo(asked) => self.infos(asked),
            Command::CommandGetXdbcTypeInfo(asked) => self.types(asked),
            _ => return Err(Status::unimplemented("this command asks for no metadata")),
        };
        rows.map_err(|error| Status::invalid_argument(error.to_string()))
    }

    async fn system(&self) -> Result<Vec<SystemTable>, Status> {
        self.engine.system_tables().await.map_err(|error| status::status(&error))
    }

    fn infos(&self, asked: CommandGetSqlInfo) -> Result<RecordBatch, FlightError> {
        Ok(union::named(&asked.into_builder(&self.infos).build()?)?)
    }

    fn types(&self, asked: CommandGetXdbcTypeInfo) -> Result<RecordBatch, FlightError> {
        asked.into_builder(&self.types).build()
    }
}
