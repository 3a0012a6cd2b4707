//! Traps: places where a database would answer otherwise than one DataFusion over all the rows, each a test by name.
//!
//! Every trap runs on PostgreSQL, MariaDB, MySQL and SQLite, on servers as installed and on servers with hostile
//! defaults, with the planner's rules on and off.
#![cfg(test)] // tells clippy that helpers may panic, too

mod aggregates;
mod arithmetic;
mod dates;
mod execution;
mod fragments;
mod nulls;
mod support;
mod text;
mod types;
