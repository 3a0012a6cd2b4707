//! Why a call failed, by what the caller should do: the kinds of the server's errors, read back from gRPC's codes.

use std::{error::Error as StdError, fmt, iter};

use arrow::error::ArrowError;
use arrow_flight::error::FlightError;
use tonic::{Code, Status, transport};

/// A result of the client.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the caller should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Fix the statement, the values or the URL; a retry cannot help.
    Invalid,
    /// The server does not offer this.
    Unsupported,
    /// Log in, or as somebody else.
    Unauthenticated,
    /// The server, or a node behind it, cannot be reached; retry.
    Unavailable,
    /// Memory, disk or a limit: ask for less, or later.
    Exhausted,
    /// Its time was up.
    Deadline,
    /// Somebody asked to stop.
    Cancelled,
    /// A fault of the server, or an answer that cannot be read.
    Internal,
}

/// An error with a message for people. It never holds a secret.
#[derive(Debug, Clone)]
pub struct Error {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
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

impl StdError for Error {}

impl From<Status> for Error {
    fn from(status: Status) -> Error {
        // A status that did not come from the server but from the connection has a cause, and seldom a text.
        let message = match status.source() {
            Some(cause) => format!("the connection to the server broke: {}", innermost(cause)),
            None if status.message().is_empty() => format!("the server says {:?}", status.code()),
            None => status.message().to_owned(),
        };
        Error::new(kind(&status), message)
    }
}

fn kind(status: &Status) -> ErrorKind {
    match status.code() {
        // Nobody asked to stop what the connection's end has cut off.
        Code::Internal | Code::Unknown | Code::Cancelled if status.source().is_some() => {
            ErrorKind::Unavailable
        }
        Code::Ok | Code::Internal | Code::Unknown | Code::DataLoss => ErrorKind::Internal,
        Code::Unavailable => ErrorKind::Unavailable,
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange => ErrorKind::Invalid,
        Code::Unimplemented => ErrorKind::Unsupported,
        Code::Unauthenticated | Code::PermissionDenied => ErrorKind::Unauthenticated,
        Code::ResourceExhausted => ErrorKind::Exhausted,
        Code::DeadlineExceeded => ErrorKind::Deadline,
        Code::Cancelled => ErrorKind::Cancelled,
    }
}

impl From<FlightError> for Error {
    fn from(error: FlightError) -> Error {
        match error {
            FlightError::Tonic(status) => Error::from(*status),
            other => Error::new(ErrorKind::Internal, format!("the server's answer: {other}")),
        }
    }
}

impl From<ArrowError> for Error {
    fn from(error: ArrowError) -> Error {
        Error::new(ErrorKind::Internal, format!("the server's answer: {error}"))
    }
}

impl From<transport::Error> for Error {
    fn from(error: transport::Error) -> Error {
        Error::new(ErrorKind::Unavailable, innermost(&error))
    }
}

/// The text of the last cause: those around it only say that something went wrong.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let causes = iter::successors(Some(error), |&error| error.source());
    let text = causes.last().unwrap_or(error).to_string();
    let hint = HINTS.iter().find(|(words, _)| text.contains(words)).map_or("", |(_, hint)| hint);
    format!("{text}{hint}")
}

/// What is behind words that say little.
const HINTS: [(&str, &str); 2] = [
    // What HTTP/2 calls an answer in TLS.
    ("frame with invalid size", "; does it want TLS (grpc+tls://)?"),
    (
        "CaUsedAsEndEntity",
        ": the server's certificate is one of an authority; made with basicConstraints=CA:FALSE it is one of a server",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::status;

    #[test]
    fn the_engines_kinds_come_back_from_their_codes() {
        use intarsia_engine::{Error as EngineError, ErrorKind as Engine};
        let kinds = [
            (Engine::Invalid, ErrorKind::Invalid),
            (Engine::Unsupported, ErrorKind::Invalid),
            (Engine::Mismatch, ErrorKind::Invalid),
            (Engine::Unavailable, ErrorKind::Unavailable),
            (Engine::Exhausted, ErrorKind::Exhausted),
            (Engine::Deadline, ErrorKind::Deadline),
            (Engine::Cancelled, ErrorKind::Cancelled),
            (Engine::Internal, ErrorKind::Internal),
        ];
        for (engine, client) in kinds {
            let sent = status(&EngineError::new(engine, "so it is"));
            assert_eq!(Error::from(sent).kind(), client, "{engine:?}");
        }
    }

    #[test]
    fn a_connection_that_ends_is_no_wish_to_stop() {
        let mut status = Status::cancelled("operation was canceled");
        status.set_source(std::sync::Arc::new(std::io::Error::other("connection closed")));
        let error = Error::from(status);
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.to_string(), "the connection to the server broke: connection closed");
    }

    #[test]
    fn a_message_of_the_server_stands_alone() {
        let error = Error::from(Status::invalid_argument("no table `t`"));
        assert_eq!(error.to_string(), "no table `t`");
        assert_eq!(Error::from(Status::aborted("")).to_string(), "the server says Aborted");
    }
}
