//! The catalog, resolved: nothing optional is left that has a default, and every name is known.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use crate::{Layout, Type};

/// Nodes, logical tables and settings.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The nodes by name.
    pub nodes: BTreeMap<String, Arc<Node>>,
    /// The logical tables by name.
    pub tables: BTreeMap<TableName, Arc<Table>>,
    /// The settings as written, by name (without `intarsia.`).
    pub settings: BTreeMap<String, String>,
}

/// The database software that a node's URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Backend {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB; which of them, the server says.
    MySql,
    /// An SQLite file.
    Sqlite,
}

/// An autonomous database.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name in the catalog.
    pub name: String,
    /// What it speaks.
    pub backend: Backend,
    /// Where it is.
    pub address: Address,
    /// The password, resolved.
    pub password: Option<Secret>,
    /// A free text: where the node stands.
    pub zone: Option<String>,
    /// At most this many connections at once.
    pub connections: usize,
}

/// Connections per node where the catalog says nothing.
pub const CONNECTIONS: usize = 8;

/// Where a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A server.
    Server {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
        /// The user to log in as.
        user: Option<String>,
        /// The database.
        database: String,
        /// The URL's query parameters, of known names only, decoded.
        parameters: BTreeMap<String, String>,
    },
    /// A file, absolute or relative to the working directory.
    File(PathBuf),
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, for the one who logs in with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The name of a logical table: `schema.name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema; `public` by default.
    pub schema: String,
    /// The table.
    pub name: String,
}

/// The schema of tables whose name says none.
pub const DEFAULT_SCHEMA: &str = "public";

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema == DEFAULT_SCHEMA {
            f.write_str(&self.name)
        } else {
            write!(f, "{}.{}", self.schema, self.name)
        }
    }
}

/// A logical table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// What it is, for people.
    pub comment: Option<String>,
    /// The global schema, in order.
    pub columns: Vec<Column>,
    /// The primary key's columns, by position; empty if there is none.
    pub primary_key: Vec<usize>,
    /// Where its rows are.
    pub layout: Layout,
}

/// A column of a logical table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, exactly.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may be NULL.
    pub nullable: bool,
}
