//! Exit statuses, and the failures that lead to them.

use std::{error::Error as StdError, fmt, io};

use arrow::error::ArrowError;
use intarsia_connectors::{self as connectors, LoadError};
use intarsia_engine as engine;
use intarsia_flight_server::{client, server};
use parquet::errors::ParquetError;

/// A result of this program's own functions.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// The process's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    /// Done.
    Done = 0,
    /// The SQL or the catalog is at fault.
    Fault = 1,
    /// The command line is at fault.
    Usage = 2,
    /// A node or a server could not be reached, refused the login or broke off.
    Unreachable = 3,
    /// A bug here.
    Bug = 4,
    /// Somebody asked to stop.
    Interrupted = 130,
}

impl From<engine::ErrorKind> for Status {
    fn from(kind: engine::ErrorKind) -> Status {
        use engine::ErrorKind;
        match kind {
            ErrorKind::Invalid
            | ErrorKind::Unsupported
            | ErrorKind::Mismatch
            | ErrorKind::Exhausted
            | ErrorKind::Deadline => Status::Fault,
            ErrorKind::Unavailable => Status::Unreachable,
            ErrorKind::Cancelled => Status::Interrupted,
            ErrorKind::Internal => Status::Bug,
        }
    }
}

impl From<connectors::ErrorKind> for Status {
    fn from(kind: connectors::ErrorKind) -> Status {
        use connectors::ErrorKind;
        match kind {
            ErrorKind::Mismatch | ErrorKind::Refused | ErrorKind::Exhausted => Status::Fault,
            ErrorKind::Unavailable => Status::Unreachable,
            ErrorKind::Cancelled => Status::Interrupted,
            ErrorKind::Internal => Status::Bug,
        }
    }
}

impl From<client::ErrorKind> for Status {
    fn from(kind: client::ErrorKind) -> Status {
        use client::ErrorKind;
        match kind {
            ErrorKind::Invalid
            | ErrorKind::Unsupported
            | ErrorKind::Exhausted
            | ErrorKind::Deadline => Status::Fault,
            ErrorKind::Unauthenticated | ErrorKind::Unavailable => Status::Unreachable,
            ErrorKind::Cancelled => Status::Interrupted,
            ErrorKind::Internal => Status::Bug,
        }
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) struct Failure {
    status: Status,
    message: Option<String>,
}

impl Failure {
    /// Ends with `status` after telling `message`.
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Failure {
        let mut message = format!("error: {}", message.into());
        if status == Status::Bug {
            message.push_str("\nThis is a bug in intarsia; please report it.");
        }
        Failure { status, message: Some(message) }
    }

    /// The SQL or the catalog is at fault.
    pub(crate) fn fault(message: impl Into<String>) -> Failure {
        Failure::new(Status::Fault, message)
    }

    /// The command line is at fault.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Status::Usage, message)
    }

    /// Somebody asked to stop.
    pub(crate) fn interrupted() -> Failure {
        Failure { status: Status::Interrupted, message: Some("stopped".to_owned()) }
    }

    /// The exit status.
    pub(crate) fn status(&self) -> Status {
        self.status
    }

    /// What the results could not be written for. A reader that has had enough (`| head`) is no failure.
    fn output(error: &(dyn StdError + 'static)) -> Failure {
        let mut causes = std::iter::successors(Some(error), |&error| error.source());
        let closed = causes.any(|cause| {
            cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
        });
        if closed {
            return Failure { status: Status::Done, message: None };
        }
        Failure::fault(format!("the result cannot be written: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.as_deref().unwrap_or_default())
    }
}

impl From<server::Error> for Failure {
    /// A file or an address that the command line names.
    fn from(error: server::Error) -> Failure {
        Failure::usage(error.to_string())
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Failure {
        match error {
            // One problem a line, each with its place first.
            LoadError::Faulty(problems) => {
                Failure { status: Status::Fault, message: Some(problems.to_string()) }
            }
            LoadError::Read { .. } => Failure::fault(error.to_string()),
        }
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Failure {
        Failure::new(error.kind().into(), error.to_string())
    }
}

impl From<connectors::Error> for Failure {
    fn from(error: connectors::Error) -> Failure {
        Failure::new(error.kind().into(), error.to_string())
    }
}

impl From<client::Error> for Failure {
    fn from(error: client::Error) -> Failure {
        Failure::new(error.kind().into(), error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::output(&error)
    }
}

impl From<ArrowError> for Failure {
    fn from(error: ArrowError) -> Failure {
        Failure::output(&error)
    }
}

impl From<ParquetError> for Failure {
    fn from(error: ParquetError) -> Failure {
        Failure::output(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_failure_however_deep_it_is_wrapped() {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        let failures: [Failure; 3] = [
            closed().into(),
            ArrowError::IoError("writing".to_owned(), closed()).into(),
            ParquetError::External(Box::new(closed())).into(),
        ];
        for failure in failures {
            assert_eq!(failure.status(), Status::Done);
            assert_eq!(failure.to_string(), "");
        }
    }

    #[test]
    fn a_full_disk_is_told() {
        let failure = Failure::from(io::Error::other("no space left on device"));
        assert_eq!(failure.status(), Status::Fault);
        assert_eq!(
            failure.to_string(),
            "error: the result cannot be written: no space left on device"
        );
    }
}
