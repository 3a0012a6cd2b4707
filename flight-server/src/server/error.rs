//! Why a server does not start.

use std::fmt;

/// A result of starting or running a server.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a server does not start: its message names the file, the address or the option and says what is wrong.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Error {
        Error(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
