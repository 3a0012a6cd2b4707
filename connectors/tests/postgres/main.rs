//! PostgreSQL as a node, against a real server that the tests start.

mod connect;
mod describe;
mod hostile;
mod server;
mod streams;
mod support;
mod types;
