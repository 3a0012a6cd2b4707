//! Batches to messages of the protocol.

pub(crate) mod columns;
mod messages;
mod wire;

pub use messages::{Encoder, pieces};
pub use wire::{Types, schema};
pub(crate) use wire::{nullable, parameter};
