//! PostgreSQL as a node, against a real server that the tests start.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod connect;
mod describe;
mod hostile;
mod server;
mod streams;
mod support;
mod types;
