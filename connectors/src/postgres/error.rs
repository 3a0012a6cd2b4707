//! From the driver's errors to ours.

use std::error::Error as _;

use intarsia_catalog::Node;
use tokio_postgres::error::{DbError, SqlState};

use crate::{Error, ErrorKind};

/// An error that the driver reports, at `node`.
pub(super) fn told(node: &Node, error: &tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(db) => Error::new(kind(db.code()), &node.name, message(db)),
        None => Error::new(ErrorKind::Unavailable, &node.name, with_causes(error)),
    }
}

/// What to do about an SQLSTATE.
fn kind(state: &SqlState) -> ErrorKind {
    match state.code() {
        "57014" => ErrorKind::Cancelled,
        "42P01" | "42703" | "3F000" => ErrorKind::Mismatch, // no such table, column, schema
        "53300" | "40001" => ErrorKind::Unavailable, // too many clients; a standby's replay went first
        code if code.starts_with("53") => ErrorKind::Exhausted,
        code if ["08", "28", "3D", "57P", "58"].iter().any(|class| code.starts_with(class)) => {
            ErrorKind::Unavailable
        }
        _ => ErrorKind::Refused,
    }
}

fn message(db: &DbError) -> String {
    let detail = db.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("{}{detail} [{}]", db.message(), db.code().code())
}

/// The driver's text with what lies under it, each said once.
fn with_causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(under) = cause {
        let more = under.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = under.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_says_what_to_do() {
        let cases = [
            ("28P01", ErrorKind::Unavailable),
            ("3D000", ErrorKind::Unavailable),
            ("57P01", ErrorKind::Unavailable),
            ("08006", ErrorKind::Unavailable),
            ("53300", ErrorKind::Unavailable),
            ("53200", ErrorKind::Exhausted),
            ("57014", ErrorKind::Cancelled),
            ("42P01", ErrorKind::Mismatch),
            ("42501", ErrorKind::Refused),
            ("22012", ErrorKind::Refused),
        ];
        for (code, expected) in cases {
            assert_eq!(kind(&SqlState::from_code(code)), expected, "{code}");
        }
    }
}
