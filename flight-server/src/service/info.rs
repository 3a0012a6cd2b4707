//! What a client is told before it asks for rows.

use arrow::{datatypes::Schema, ipc::writer::IpcWriteOptions};
use arrow_flight::{
    FlightDescriptor, FlightEndpoint, FlightInfo, IpcMessage, SchemaAsIpc, Ticket,
    sql::{ProstMessageExt, TicketStatementQuery},
};
use bytes::Bytes;
use prost::Message;
use tonic::Status;

/// A schema as a message of its own, with length and continuation.
pub(crate) fn schema_bytes(schema: &Schema) -> Result<Bytes, Status> {
    let options = IpcWriteOptions::default();
    let IpcMessage(bytes) = SchemaAsIpc::new(schema, &options).try_into().map_err(
        |error: arrow::error::ArrowError| {
            Status::invalid_argument(format!(
                "the result's schema does not go over the wire: {error}"
            ))
        },
    )?;
    Ok(bytes)
}

/// The ticket of a statement.
pub(super) fn statement_ticket(handle: &str) -> Bytes {
    let handle = Bytes::copy_from_slice(handle.as_bytes());
    TicketStatementQuery { statement_handle: handle }.as_any().encode_to_vec().into()
}

/// The ticket of a part of a statement's answer.
pub(super) fn part_ticket(handle: &str, part: usize) -> Bytes {
    statement_ticket(&format!("{handle}/{part}"))
}

/// The statement's handle in its ticket's, and the part, if it is of one.
pub(super) fn of_ticket(handle: &str) -> (&str, Option<usize>) {
    let part = handle.split_once('/').and_then(|(handle, part)| Some((handle, part.parse().ok()?)));
    part.map_or((handle, None), |(handle, part)| (handle, Some(part)))
}

/// Refuses a statement of a transaction: there are none.
pub(super) fn no_transaction(id: Option<&Bytes>) -> Result<(), Status> {
    match id {
        Some(id) if !id.is_empty() => Err(Status::unimplemented(
            "transactions are not served: each statement is one of its own",
        )),
        _ => Ok(()),
    }
}

/// The answer to GetFlightInfo: where the rows are. No locations: clients stay on the connection they have.
pub(super) fn flight_info(
    schema: &Schema,
    descriptor: FlightDescriptor,
    tickets: Vec<Bytes>,
) -> Result<FlightInfo, Status> {
    let endpoint =
        |ticket| FlightEndpoint { ticket: Some(Ticket { ticket }), ..FlightEndpoint::default() };
    Ok(FlightInfo {
        schema: schema_bytes(schema)?,
        flight_descriptor: Some(descriptor),
        endpoint: tickets.into_iter().map(endpoint).collect(),
        total_records: -1,
        total_bytes: -1,
        ordered: false,
        app_metadata: Bytes::new(),
    })
}
