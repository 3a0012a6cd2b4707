//! From a query over logical tables to SQL for each node, and back to rows.
//!
//! ```text
//! SQL ─parse, optimize→ plan over logical tables ─reduce, localize, cut→ plan over nodes ─→ rows
//! ```
//!
//! The answer never depends on the layout: it is what one DataFusion over all the rows would say, or a clear
//! error. No global state, no signal handler, no subscriber; it runs on the caller's tokio.
//!
//! ```
//! use futures::TryStreamExt;
//! use intarsia_engine::Engine;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let catalog = folder.path().join("catalog.yaml");
//! std::fs::write(
//!     &catalog,
//!     "
//! version: 1
//! nodes:
//!   shop: { url: 'sqlite:shop.db' }
//! tables:
//!   customers:
//!     columns: { id: bigint not null, name: text }
//!     layout: { stored: shop.customer }
//! ",
//! )?;
//! # std::fs::write(folder.path().join("shop.db"), "")?;
//! let (catalog, _warnings) = intarsia_connectors::load(&catalog)?;
//! let engine = Engine::open(catalog)?;
//! # for node in engine.connectors() {
//! #     let made = "CREATE TABLE customer (id INTEGER, name TEXT)";
//! #     node.run(&[made.to_owned(), "INSERT INTO customer VALUES (1, 'Ada')".to_owned()]).await?;
//! # }
//! let query = engine.session().sql("SELECT name FROM customers WHERE id = 1").await?;
//! println!("{}", query.explain());
//! assert_eq!(query.schema().field(0).name(), "name");
//! let batches: Vec<_> = query.stream()?.try_collect().await?;
//! assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 1);
//! # Ok(())
//! # }
//! ```

pub mod check;
mod engine;
mod error;
mod explain;
mod nodes;
mod offers;
mod plan;
mod remote;
pub mod semantics;
pub mod session;
mod tables;

pub use datafusion::scalar::ScalarValue;
pub use engine::Engine;
pub use error::{Error, ErrorKind, Result};
pub use explain::{Scan, Scans};
pub use offers::{SystemTable, Topic, reserved_words};
pub use session::{
    CATALOG, Canceller, Context, Part, Parts, Prepared, Query, Rows, Session, Setting, Settings,
};
