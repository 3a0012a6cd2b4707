//! The thesis as tests: one script, every layout, real databases.
//!
//! [`cluster`] starts servers, [`data`] spreads the rows of a logical table over them as its layout says, and
//! [`oracle`] holds the same rows in one DataFusion: whatever Intarsia answers must be what the oracle answers.

pub mod cluster;
pub mod compare;
pub mod data;
pub mod deployment;
pub mod generate;
pub mod oracle;
pub mod script;
pub mod tpch;

/// What went wrong while a test was prepared.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
