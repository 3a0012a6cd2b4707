//! Batches to messages of the protocol.

mod messages;
mod wire;

pub use messages::{Encoder, pieces};
pub use wire::{Types, schema};
