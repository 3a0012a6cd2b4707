//! What can go wrong between us and a node.

use std::fmt;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the caller should do. A kind exists only where a caller acts differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The node could not be reached, refused the login or broke off: retry, or another replica.
    Unavailable,
    /// The node answered, but not as the catalog promises (a missing relation or column, another type, a value that does not fit).
    Mismatch,
    /// The node refused the statement.
    Refused,
    /// A limit was hit.
    Exhausted,
    /// Somebody asked to stop.
    Cancelled,
    /// A bug here.
    Internal,
}

/// An error of a node. Its message names the node and the thing; it never holds a secret.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    node: String,
    message: String,
}

impl Error {
    /// An error of `kind` at `node`. The message does not repeat the node's name.
    pub fn new(kind: ErrorKind, node: impl Into<String>, message: impl Into<String>) -> Error {
        Error { kind, node: node.into(), message: message.into() }
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The node's name.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// What happened, without the node's name.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node `{}`: {}", self.node, self.message)
    }
}

impl std::error::Error for Error {}
