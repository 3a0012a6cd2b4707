//! The engine's one error, with kinds that say what the caller should do.

use std::fmt;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the caller should do. Add a kind only when a caller would act differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Fix the query or the catalog; a retry cannot help.
    Invalid,
    /// Rephrase; this is not done here.
    Unsupported,
    /// A node did not answer or broke off; retry.
    Unavailable,
    /// Memory, disk or a limit: ask for less, or later.
    Exhausted,
    /// Its time was up.
    Deadline,
    /// Somebody asked to stop.
    Cancelled,
    /// A node answered, but not as the catalog promises.
    Mismatch,
    /// A bug here; report it.
    Internal,
}

/// An error with a message for people. It never holds a secret.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// An error of `kind`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into() }
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
