//! Arrow Flight SQL for Intarsia: the only crate with gRPC types. It sees queries, schemas and rows, never a
//! node, a fragment or a plan.
//!
//! So far it holds what every call of the service ends in: an engine's error as a [status](status::status).

pub mod client;
pub mod status;
