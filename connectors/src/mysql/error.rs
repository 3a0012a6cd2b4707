//! The driver's and the server's errors in our kinds.

use mysql_async::{DriverError, Error as Driver, ServerError};

use crate::{Error, ErrorKind};

/// An error of an open session.
pub(super) fn driver(node: &str, error: Driver) -> Error {
    match error {
        Driver::Server(error) => server(node, &error),
        Driver::Driver(error) => own(node, &error),
        Driver::Io(error) => broke_off(node, &error),
        Driver::Other(error) => Error::new(ErrorKind::Internal, node, error.to_string()),
        Driver::Url(error) => Error::new(ErrorKind::Internal, node, error.to_string()),
    }
}

/// An error on the way to a session: whatever the server says, it did not let us in.
pub(super) fn refused(node: &str, error: Driver) -> Error {
    let message = match error {
        Driver::Server(ServerError { code, message, .. }) => {
            format!("refused the login: {message} ({code})")
        }
        Driver::Io(error) => format!("cannot be reached: {error}"),
        other => format!("cannot be reached: {other}"),
    };
    Error::new(ErrorKind::Unavailable, node, message)
}

/// The connection ended in the middle.
fn broke_off(node: &str, error: &dyn std::error::Error) -> Error {
    Error::new(ErrorKind::Unavailable, node, format!("broke off: {error}"))
}

fn own(node: &str, error: &DriverError) -> Error {
    match error {
        DriverError::PacketTooLarge => {
            let message = "the statement or a row is larger than a packet may be (1 GiB)";
            Error::new(ErrorKind::Exhausted, node, message)
        }
        DriverError::ConnectionClosed
        | DriverError::PacketOutOfOrder
        | DriverError::UnexpectedPacket { .. } => broke_off(node, error),
        other => Error::new(ErrorKind::Internal, node, other.to_string()),
    }
}

fn server(node: &str, error: &ServerError) -> Error {
    let ServerError { code, message, .. } = error;
    Error::new(kind(*code), node, format!("{message} ({code})"))
}

/// What to do about a server's error, by its number (MySQL 9.7, MariaDB 10.11).
fn kind(code: u16) -> ErrorKind {
    match code {
        // Access, unknown database, too many connections, blocked host, expired or locked account.
        1040 | 1044 | 1045 | 1049 | 1129 | 1130 | 1203 | 1226 | 1698 | 1862 | 3118 => {
            ErrorKind::Unavailable
        }
        // Shutting down, killed, network, idle too long; lock waits and deadlocks, which a retry ends.
        1053
        | 1077
        | 1079
        | 1152
        | 1158..=1161
        | 1184
        | 1205
        | 1213
        | 1412
        | 1927
        | 2006
        | 2013
        | 4031 => ErrorKind::Unavailable,
        // KILL QUERY, and the statement time limits of MariaDB and MySQL.
        1317 | 1969 | 3024 => ErrorKind::Cancelled,
        // No such column, no such table, a view whose tables have gone.
        1054 | 1146 | 1356 => ErrorKind::Mismatch,
        // Memory, disk, packets, joins, statements, stack.
        1021 | 1037 | 1038 | 1041 | 1104 | 1114 | 1135 | 1153 | 1301 | 1436 | 1461 => {
            ErrorKind::Exhausted
        }
        _ => ErrorKind::Refused,
    }
}
