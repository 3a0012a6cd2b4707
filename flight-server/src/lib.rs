//! Arrow Flight SQL for Intarsia: the only crate with gRPC types. It sees queries, schemas and rows, never a
//! node, a fragment or a plan.
//!
//! ```text
//! connection ─server→ call ─auth→ caller ─service→ command ─statements→ planned query, under a handle ─encode→ messages
//! ```

pub mod auth;
pub mod client;
pub mod encode;
mod http;
mod metadata;
pub mod observe;
mod reload;
pub mod server;
pub mod service;
mod sessions;
mod statements;
pub mod status;
pub mod tls;
