//! MySQL and MariaDB as nodes, against real servers that the tests start.
#![cfg(test)] // tells clippy that helpers may panic, too

mod server;
mod support;

mod connect;
mod describe;
mod session;
mod stream;
mod types;
