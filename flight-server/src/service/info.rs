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
