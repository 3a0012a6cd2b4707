//! A fragment: one local relation of one node, with the columns that a query takes from it.

use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
    sync::Arc,
};

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use intarsia_catalog::{Encoding, Place, Type};
use intarsia_connectors::{LocalColumn, Server};

/// A column that a scan can give: a local column under the promise of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScanColumn {
    /// Its name in the scan's schema, unique there.
    pub(crate) name: String,
    /// The promised type.
    pub(crate) ty: Type,
    /// Whether it may be NULL by promise.
    pub(crate) nullable: bool,
    /// The column as the node describes it.
    pub(crate) local: LocalColumn,
    /// How SQLite's numbers stand for dates and times.
    pub(crate) encoding: Option<Encoding>,
}

/// One local relation, as a query sees it.
#[derive(Debug)]
pub(crate) struct Fragment {
    /// The table and the part names on the way to it, for people: `customers/us/2`.
    pub(crate) label: String,
    /// Where it is, the schema filled in.
    pub(crate) place: Place,
    /// Which server answers.
    pub(crate) server: Server,
    /// The columns that may be asked for.
    pub(crate) columns: Vec<ScanColumn>,
    /// The schema of all of `columns`.
    pub(crate) schema: SchemaRef,
}

impl Fragment {
    /// A fragment with the schema of its columns.
    pub(crate) fn new(
        label: String,
        place: Place,
        server: Server,
        columns: Vec<ScanColumn>,
    ) -> Fragment {
        let field =
            |column: &ScanColumn| Field::new(&column.name, column.ty.arrow(), column.nullable);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        Fragment { label, place, server, columns, schema }
    }

    /// The column of that name in the scan's schema.
    pub(crate) fn column(&self, name: &str) -> Option<&ScanColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    fn identity(&self) -> (&str, &Place) {
        (&self.label, &self.place)
    }
}

impl PartialEq for Fragment {
    fn eq(&self, other: &Fragment) -> bool {
        self.identity() == other.identity() && self.columns == other.columns
    }
}

impl Eq for Fragment {}

impl PartialOrd for Fragment {
    fn partial_cmp(&self, other: &Fragment) -> Option<Ordering> {
        Some(self.identity().cmp(&other.identity()))
    }
}

impl Hash for Fragment {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}
