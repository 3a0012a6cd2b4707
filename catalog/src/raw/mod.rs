//! The file as written: YAML with the position of every key and value, and no meaning yet.

mod fields;
mod parse;
mod tree;

pub(crate) use fields::{Fields, TORN, entries, is_torn, items, peek, text};
pub use parse::MAX_BYTES;
pub(crate) use parse::parse;
pub(crate) use tree::{Key, Kind, Yaml};
