//! The engine's one error, with kinds that say what the caller should do.

use std::{borrow::Cow, error::Error as StdError, fmt};

use datafusion::{
    arrow::error::ArrowError,
    common::{DataFusionError, Diagnostic},
    sql::sqlparser::{parser::ParserError, tokenizer::TokenizerError},
};
use intarsia_connectors as connectors;

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
    node: Option<Box<str>>,
}

/// The longest message; a longer one (a plan, a list of all columns) is cut.
const MESSAGE_BYTES: usize = 2048;

impl Error {
    /// An error of `kind`. A message of over 2 KiB is cut.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        let mut message = message.into();
        if message.len() > MESSAGE_BYTES {
            message.truncate(message.floor_char_boundary(MESSAGE_BYTES - '…'.len_utf8()));
            message.push('…');
        }
        Error { kind, message, node: None }
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The node that it is of, if it is of one.
    pub fn node(&self) -> Option<&str> {
        self.node.as_deref()
    }

    /// An error of the query's text `sql`, with its place where that is known.
    pub(crate) fn in_text(error: &DataFusionError, sql: &str) -> Error {
        let Error { kind, message, node } = Error::from(error);
        let (message, told) = Place::split_from(&message);
        let place = error.diagnostic().and_then(Place::of_diagnostic);
        let message = match place.or(told) {
            Some(place) => format!("{message}{}", place.shown_in(sql)),
            None => message,
        };
        Error { node, ..Error::new(kind, message) }
    }

    /// An error of the tokenizer.
    pub(crate) fn in_token(error: &TokenizerError, sql: &str) -> Error {
        let place = Place { line: error.location.line, column: error.location.column };
        let message = format!("SQL: {}{}", error.message, place.shown_in(sql));
        Error::new(ErrorKind::Invalid, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {}

impl From<connectors::Error> for Error {
    fn from(error: connectors::Error) -> Error {
        Error::from(&error)
    }
}

impl From<&connectors::Error> for Error {
    fn from(error: &connectors::Error) -> Error {
        use connectors::ErrorKind as Kind;
        let kind = match error.kind() {
            Kind::Unavailable => ErrorKind::Unavailable,
            Kind::Mismatch => ErrorKind::Mismatch,
            // The node found a fault in a value or lacks a privilege; a fault in our SQL text says so in the message.
            Kind::Refused => ErrorKind::Invalid,
            Kind::Exhausted => ErrorKind::Exhausted,
            Kind::Cancelled => ErrorKind::Cancelled,
            Kind::Internal => ErrorKind::Internal,
        };
        Error { node: Some(error.node().into()), ..Error::new(kind, error.to_string()) }
    }
}

impl From<DataFusionError> for Error {
    fn from(error: DataFusionError) -> Error {
        Error::from(&error)
    }
}

impl From<&DataFusionError> for Error {
    fn from(error: &DataFusionError) -> Error {
        let root = error.iter().next().unwrap_or(error).find_root();
        ours(root).unwrap_or_else(|| Error::new(kind(root), message(root)))
    }
}

/// A node's error on its way through DataFusion.
pub(crate) fn external(error: connectors::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl From<Error> for DataFusionError {
    fn from(error: Error) -> DataFusionError {
        DataFusionError::External(Box::new(error))
    }
}

/// An error of our own crates that went through DataFusion.
fn ours(root: &DataFusionError) -> Option<Error> {
    let mut source = root.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<Error>() {
            return Some(error.clone());
        }
        if let Some(error) = error.downcast_ref::<connectors::Error>() {
            return Some(Error::from(error));
        }
        source = error.source();
    }
    None
}

fn kind(root: &DataFusionError) -> ErrorKind {
    use DataFusionError as E;
    match root {
        E::SQL(error, _) => match **error {
            ParserError::RecursionLimitExceeded => ErrorKind::Exhausted,
            ParserError::TokenizerError(_) | ParserError::ParserError(_) => ErrorKind::Invalid,
        },
        E::Plan(_) | E::Configuration(_) | E::SchemaError(..) | E::Execution(_) => {
            ErrorKind::Invalid
        }
        E::ArrowError(error, _) => arrow_kind(error),
        E::NotImplemented(_) => ErrorKind::Unsupported,
        // Spilling is the only thing that touches a disk.
        E::ResourcesExhausted(_) | E::IoError(_) => ErrorKind::Exhausted,
        _ => ErrorKind::Internal,
    }
}

fn arrow_kind(error: &ArrowError) -> ErrorKind {
    match error {
        ArrowError::NotYetImplemented(_) => ErrorKind::Unsupported,
        ArrowError::MemoryError(_) | ArrowError::IoError(..) => ErrorKind::Exhausted,
        ArrowError::CastError(_)
        | ArrowError::ParseError(_)
        | ArrowError::ComputeError(_)
        | ArrowError::DivideByZero
        | ArrowError::ArithmeticOverflow(_)
        | ArrowError::InvalidArgumentError(_)
        | ArrowError::OffsetOverflowError(_) => ErrorKind::Invalid,
        _ => ErrorKind::Internal,
    }
}

/// What `root` says, without the names of libraries before it.
fn message(root: &DataFusionError) -> String {
    use DataFusionError as E;
    let text: Cow<'_, str> = match root {
        E::SQL(error, _) => return parser_message(error),
        E::ArrowError(error, _) => return arrow_message(error),
        E::Plan(text)
        | E::Execution(text)
        | E::NotImplemented(text)
        | E::Configuration(text)
        | E::ResourcesExhausted(text)
        | E::Internal(text) => Cow::Borrowed(text),
        E::External(error) => Cow::Owned(error.to_string()),
        other => other.message(),
    };
    let text = text.split(DataFusionError::BACK_TRACE_SEP).next().unwrap_or_default();
    text.trim_end().to_owned()
}

fn parser_message(error: &ParserError) -> String {
    match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => {
            format!("SQL: {text}")
        }
        ParserError::RecursionLimitExceeded => {
            "the statement has more than 50 levels of nesting, which is the limit: use WITH for the inner parts"
                .to_owned()
        }
    }
}

fn arrow_message(error: &ArrowError) -> String {
    match error {
        ArrowError::CastError(text)
        | ArrowError::ParseError(text)
        | ArrowError::ComputeError(text)
        | ArrowError::InvalidArgumentError(text)
        | ArrowError::NotYetImplemented(text)
        | ArrowError::MemoryError(text) => text.clone(),
        ArrowError::ArithmeticOverflow(text) => text.clone(),
        ArrowError::DivideByZero => "division by zero".to_owned(),
        other => other.to_string(),
    }
}

/// A place in SQL text, from 1.
#[derive(Clone, Copy)]
struct Place {
    line: u64,
    column: u64,
}

/// As much of a long line as is shown before and behind the place.
const CONTEXT_CHARS: usize = 60;

impl Place {
    fn of_diagnostic(diagnostic: &Diagnostic) -> Option<Place> {
        diagnostic.span.map(|span| Place { line: span.start.line, column: span.start.column })
    }

    /// Takes ` at Line: 1, Column: 8` off a message of the parser.
    fn split_from(message: &str) -> (String, Option<Place>) {
        let found = || {
            let (text, place) = message.rsplit_once(" at Line: ")?;
            let (line, column) = place.split_once(", Column: ")?;
            let place = Place { line: line.parse().ok()?, column: column.trim().parse().ok()? };
            Some((text.to_owned(), Some(place)))
        };
        found().unwrap_or_else(|| (message.to_owned(), None))
    }

    /// The line with a caret under the place. A text of one line needs no line number.
    fn shown_in(self, sql: &str) -> String {
        let Place { line, column } = self;
        let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        let Some(text) = sql.lines().nth(index(line)) else {
            return format!(" at line {line}, column {column}");
        };
        let (before, behind): (Vec<char>, Vec<char>) = (
            text.chars().take(index(column)).collect(),
            text.chars().skip(index(column)).collect(),
        );
        let start = before.len().saturating_sub(CONTEXT_CHARS);
        let before = before[start..].iter().collect::<String>().replace('\t', " ");
        let behind = behind.iter().take(CONTEXT_CHARS).collect::<String>();
        let indent = " ".repeat(before.chars().count());
        format!(" at line {line}, column {column}\n  {before}{behind}\n  {indent}^")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_nodes_error_comes_through_datafusion() {
        let node = connectors::Error::new(connectors::ErrorKind::Unavailable, "eu", "gone");
        let inner = DataFusionError::External(Box::new(node));
        let shared = DataFusionError::Shared(Arc::new(inner.context("x"))).context("y");
        let error = Error::from(shared);
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Unavailable, "node `eu`: gone")
        );
        assert_eq!(error.node(), Some("eu"));
    }

    #[test]
    fn a_nodes_error_comes_through_arrow() {
        let node = connectors::Error::new(connectors::ErrorKind::Mismatch, "eu", "odd");
        let arrow = ArrowError::ExternalError(Box::new(DataFusionError::External(Box::new(node))));
        let error = Error::from(DataFusionError::ArrowError(Box::new(arrow), None));
        assert_eq!(error.kind(), ErrorKind::Mismatch);
    }

    #[test]
    fn a_long_message_is_cut() {
        let error = Error::from(DataFusionError::Plan("ä".repeat(10_000)));
        assert!(error.to_string().len() <= MESSAGE_BYTES);
    }

    #[test]
    fn a_place_has_a_caret() {
        let place = Place { line: 2, column: 3 };
        assert_eq!(place.shown_in("SELECT\n  x"), " at line 2, column 3\n    x\n    ^");
    }
}
