//! Statements under handles: planned when they come in, run when their rows are asked for.

mod handles;
mod places;
mod plans;
mod prepared;
mod running;
mod statement;
mod turns;
mod workers;

use tonic::Status;

pub(crate) use handles::Handles;
pub(crate) use plans::{HoldsPlan, Plans};
pub(crate) use prepared::{Prepared, PreparedStore};
pub(crate) use running::{Again, Report, Run, Running, Work};
pub(crate) use statement::{Asked, LIFE, PER_USER, Planned, Statement, Store, Text};
pub(crate) use turns::Turns;
pub(crate) use workers::Workers;

/// A new random id of 32 hex digits, which nobody can guess.
pub(crate) fn fresh_id() -> Result<String, Status> {
    let high = getrandom::u64().map_err(no_randomness)?;
    let low = getrandom::u64().map_err(no_randomness)?;
    Ok(format!("{high:016x}{low:016x}"))
}

fn no_randomness(error: getrandom::Error) -> Status {
    tracing::error!(%error, "the system gives no random numbers");
    Status::internal("the system gives no random numbers")
}
