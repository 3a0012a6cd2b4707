//! SQLite as a node, against real files.

mod support;

mod describe;
mod read;
