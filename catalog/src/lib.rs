//! Where the rows of logical tables are.
//!
//! A catalog file names *nodes* (autonomous databases) and *logical tables*, and says with one recursive
//! [`Layout`] how each table's rows and columns are spread over relations of those nodes. This crate reads
//! the file, proves from its conditions that every row has exactly one home, and [reduces](Layout) a layout
//! to the parts that a query needs.
//!
//! Text in, [`Catalog`] out: no async, no I/O, no environment, no driver, no plan. Secrets are resolved by
//! a function that the caller passes in.

pub mod check;
mod domain;
mod error;
#[cfg(test)]
mod generate;
mod hash;
mod layout;
mod model;
mod names;
pub mod predicate;
mod raw;
mod reduce;
mod region;
mod resolve;
pub mod settings;
mod types;
pub mod value;

pub use error::{Problem, Problems};
pub use hash::hash;
pub use layout::{
    Encoding, Follows, Horizontal, HorizontalPart, Keys, Layout, Leaf, Local, Place, Stored,
    StoredTable, Vertical, VerticalPart,
};
pub use model::{
    Address, Backend, CONNECTIONS, Catalog, Column, DEFAULT_SCHEMA, Node, Secret, Table, TableName,
};
pub use predicate::{Compare, Predicate};
pub use raw::MAX_BYTES;
pub use reduce::{Need, Pruned};
pub use resolve::Secrets;
pub use types::{Type, UTC};
pub use value::Value;
