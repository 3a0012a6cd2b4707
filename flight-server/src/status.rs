//! An engine's error as a gRPC status, by what the caller should do.

use intarsia_engine::{Error, ErrorKind};
use tonic::{Code, Status};

/// Bytes of a message. gRPC sends it percent-encoded in a header, and gRPC-Java takes 8 KiB of headers at most: a
/// longer message would be lost whole.
const MESSAGE_BYTES: usize = 2048;

/// What the caller is told of a bug here: nothing of the inside.
const INTERNAL: &str = "internal error; please report it";

/// The status of an error. The text of an internal error stays here.
///
/// UNIMPLEMENTED is for commands of the protocol only: a client that sees it for a statement tries again without
/// preparing it.
pub fn status(error: &Error) -> Status {
    let code = code(error.kind());
    if code == Code::Internal {
        return Status::internal(INTERNAL);
    }
    let mut status = Status::new(code, shortened(&error.to_string()));
    if let Some(node) = error.node().and_then(|node| node.parse().ok()) {
        status.metadata_mut().insert(NODE, node);
    }
    status
}

/// A bug here.
pub(crate) fn internal() -> Status {
    Status::internal(INTERNAL)
}

/// A statement's own time is over.
pub(crate) fn statement_timeout() -> Status {
    Status::deadline_exceeded("the statement took longer than `intarsia.statement_timeout` allows")
}

/// The name of the query's id in the details of a status. Clients show it beside the message.
pub const QUERY_ID: &str = "intarsia-query-id";

/// The name of the node in the details of a status, where it is a node's fault.
pub const NODE: &str = "intarsia-node";

/// Adds details to a status.
pub(crate) trait InQuery {
    /// Says which query it was.
    fn in_query(self, id: &str) -> Self;
}

impl InQuery for Status {
    fn in_query(mut self, id: &str) -> Status {
        if let Ok(id) = id.parse() {
            self.metadata_mut().insert(QUERY_ID, id);
        }
        self
    }
}

fn code(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::Invalid | ErrorKind::Unsupported | ErrorKind::Mismatch => Code::InvalidArgument,
        ErrorKind::Unavailable => Code::Unavailable,
        ErrorKind::Exhausted => Code::ResourceExhausted,
        ErrorKind::Deadline => Code::DeadlineExceeded,
        ErrorKind::Cancelled => Code::Cancelled,
        ErrorKind::Internal => Code::Internal,
    }
}

/// The start of a long message, whole characters only.
fn shortened(message: &str) -> String {
    if message.len() <= MESSAGE_BYTES {
        return message.to_owned();
    }
    let end = message.floor_char_boundary(MESSAGE_BYTES);
    format!("{}…", &message[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_fault_is_told_whole() {
        let status = status(&Error::new(ErrorKind::Invalid, "no table `t`"));
        assert_eq!((status.code(), status.message()), (Code::InvalidArgument, "no table `t`"));
    }

    #[test]
    fn a_bug_tells_nothing_of_the_inside() {
        let status = status(&Error::new(ErrorKind::Internal, "slot 7 of the join is empty"));
        assert_eq!((status.code(), status.message()), (Code::Internal, INTERNAL));
    }

    #[test]
    fn a_long_message_fits_into_a_header_even_percent_encoded() {
        let status = status(&Error::new(ErrorKind::Exhausted, "é".repeat(5000)));
        assert!(status.message().len() * 3 < 8192, "{}", status.message().len());
        assert!(status.message().ends_with('…'));
    }
}
