//! Connectors around connectors, to see and to disturb what a query asks of its nodes. For tests: under them
//! stand real databases.

mod faulty;
mod recording;

pub use faulty::{Call, Fault, Faults, Strike};
pub use recording::Recording;
