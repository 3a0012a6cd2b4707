//! SQLite as a node, against real files.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod support;

mod describe;
mod faults;
mod read;
mod streams;
mod types;
