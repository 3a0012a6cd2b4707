//! Commands about what there is, answered from their own bytes.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow_flight::{FlightData, FlightDescriptor, FlightInfo, sql::Command};
use futures::{StreamExt, stream};
use tonic::{Response, Status};

use super::{Answers, Service, call::Call, info};
use crate::{
    encode::{Encoder, pieces},
    status,
};

/// The answer to GetFlightInfo: the command is its own ticket.
pub(super) fn flight_info(
    schema: &SchemaRef,
    descriptor: FlightDescriptor,
) -> Result<Response<FlightInfo>, Status> {
    let tickets = vec![descriptor.cmd.clone()];
    Ok(Response::new(info::flight_info(schema, descriptor, tickets)?))
}

impl Service {
    /// The rows of such a command, made on the queries' threads: there may be thousands of tables.
    pub(super) async fn tell(
        &self,
        call: &Call,
        command: Command,
        schema: SchemaRef,
    ) -> Result<Response<Answers<FlightData>>, Status> {
        let metadata = Arc::clone(&self.inner.metadata);
        let work = async move { metadata.rows(command).await };
        let rows = self.inner.workers.run(work, call.deadline).await?;
        let mut encoder = Encoder::new(schema);
        let first = stream::iter([Ok(encoder.schema())]);
        let rows = pieces(rows).map(move |piece| {
            encoder.message(&piece).map_err(|error| {
                tracing::error!(%error, "metadata does not go over the wire");
                status::internal()
            })
        });
        Ok(Response::new(first.chain(stream::iter(rows)).boxed()))
    }
}
