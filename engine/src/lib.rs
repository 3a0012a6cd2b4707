//! From a query over logical tables to SQL for each node, and back to rows.
//!
//! ```text
//! SQL ─parse, optimize→ plan over logical tables ─reduce, localize, cut→ plan over nodes ─→ rows
//! ```
//!
//! The answer never depends on the layout: it is what one DataFusion over all the rows would say, or a clear
//! error. No global state, no signal handler, no subscriber; it runs on the caller's tokio.

mod engine;
mod error;
mod explain;
mod nodes;
mod plan;
mod remote;
pub mod semantics;
pub mod session;
mod tables;

pub use engine::Engine;
pub use error::{Error, ErrorKind, Result};
pub use session::{Canceller, Context, Parts, Query, Rows, Session, Settings};
