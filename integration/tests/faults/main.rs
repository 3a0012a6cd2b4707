//! Nodes that go wrong: an answer is then the right one or an error that names the node, and never a shorter one.
#![cfg(test)] // tells clippy that helpers may panic, too

mod calls;
mod wire;

use intarsia_engine::{Error, ErrorKind};

/// What the engine says should be done about an error.
fn kind(error: &intarsia_integration::Error) -> ErrorKind {
    error
        .downcast_ref::<Error>()
        .unwrap_or_else(|| panic!("not the engine's error: {error}"))
        .kind()
}
