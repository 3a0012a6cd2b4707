//! Bytes to the command that they are.

use arrow_flight::{
    FlightDescriptor,
    flight_descriptor::DescriptorType,
    sql::{Any, Command, CommandStatementQuery},
};
use prost::Message;
use tonic::Status;

/// How the name of every Flight SQL message starts.
const PREFIX: &str = "type.googleapis.com/arrow.flight.protocol.sql.";

/// The command in a descriptor. A path is a table; a text that is no message is SQL, as pyarrow's users send to other
/// servers.
///
/// # Errors
/// INVALID_ARGUMENT.
pub(super) fn of_descriptor(descriptor: &FlightDescriptor) -> Result<Command, Status> {
    match descriptor.r#type() {
        DescriptorType::Cmd => of_bytes(&descriptor.cmd),
        DescriptorType::Path if !descriptor.path.is_empty() => Ok(query(table(&descriptor.path))),
        DescriptorType::Path | DescriptorType::Unknown => {
            Err(Status::invalid_argument("the descriptor holds neither a command nor a path"))
        }
    }
}

/// The command in a ticket or descriptor.
///
/// # Errors
/// INVALID_ARGUMENT.
pub(super) fn of_bytes(bytes: &[u8]) -> Result<Command, Status> {
    let message = Any::decode(bytes).ok().filter(|any| any.type_url.starts_with(PREFIX));
    match (message, text(bytes)) {
        (Some(any), _) => match Command::try_from(any) {
            Ok(Command::Unknown(any)) => Err(unknown(&any.type_url)),
            Ok(command) => Ok(command),
            Err(_) => Err(Status::invalid_argument("the Flight SQL command does not decode")),
        },
        (None, Some(sql)) => Ok(query(sql.to_owned())),
        (None, None) => Err(Status::invalid_argument(
            "these bytes are neither a Flight SQL command nor the text of a query",
        )),
    }
}

fn unknown(type_url: &str) -> Status {
    let name = type_url.strip_prefix(PREFIX).unwrap_or(type_url);
    Status::unimplemented(format!("there is no Flight SQL command `{name}` here"))
}

/// Bytes that are a text, and not a broken message that happens to hold one.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    (!text.trim().is_empty() && !text.contains(odd) && !text.contains("type.goog")).then_some(text)
}

fn query(query: String) -> Command {
    Command::CommandStatementQuery(CommandStatementQuery { query, transaction_id: None })
}

fn table(path: &[String]) -> String {
    let quoted: Vec<_> =
        path.iter().map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
    format!("SELECT * FROM {}", quoted.join("."))
}

#[cfg(test)]
mod tests {
    use arrow_flight::sql::{CommandGetCatalogs, ProstMessageExt};

    use super::*;

    fn sql(command: Result<Command, Status>) -> String {
        match command.unwrap() {
            Command::CommandStatementQuery(query) => query.query,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_command_is_what_it_says() {
        let bytes = CommandGetCatalogs {}.as_any().encode_to_vec();
        assert_eq!(of_bytes(&bytes).unwrap(), Command::CommandGetCatalogs(CommandGetCatalogs {}));
    }

    #[test]
    fn a_text_is_a_query() {
        assert_eq!(sql(of_bytes(b"SELECT 1")), "SELECT 1");
        assert_eq!(sql(of_bytes(b"\n\tSELECT 'a'\r\n")), "\n\tSELECT 'a'\r\n");
    }

    #[test]
    fn a_path_is_a_table() {
        let path = vec!["s".to_owned(), "odd\"t".to_owned()];
        let descriptor = FlightDescriptor::new_path(path);
        assert_eq!(sql(of_descriptor(&descriptor)), "SELECT * FROM \"s\".\"odd\"\"t\"");
    }

    #[test]
    fn what_does_not_decode_is_the_callers_fault() {
        let whole = CommandStatementQuery { query: "SELECT 1".into(), transaction_id: None };
        let whole = whole.as_any().encode_to_vec();
        let broken =
            Any { type_url: format!("{PREFIX}CommandStatementQuery"), value: "\u{7}x".into() };
        for bytes in [&[][..], b"\xff\xfe", &whole[..20], &broken.encode_to_vec()] {
            let status = of_bytes(bytes).unwrap_err();
            assert_eq!(status.code(), tonic::Code::InvalidArgument, "{bytes:?}");
        }
    }
}
