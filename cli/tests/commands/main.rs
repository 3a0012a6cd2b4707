//! The built program on real SQLite files: what it prints, where, and how it ends.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod check;
mod config;
mod connect;
mod demo;
mod import;
mod interrupt;
mod query;
mod server;
mod shell;
mod support;
mod terminal;
