//! PollFlightInfo: the same answer as GetFlightInfo's, told when it is ready.

use arrow_flight::{FlightDescriptor, PollInfo};
use tonic::{Response, Status};

use super::{Service, call::Call};

impl Service {
    /// What is asked for is ready as soon as it is planned: its rows are made while they are read. So the first answer is
    /// the last one.
    pub(super) async fn poll(
        &self,
        call: &Call,
        descriptor: FlightDescriptor,
    ) -> Result<Response<PollInfo>, Status> {
        let info = self.flight_info(call, descriptor).await?;
        let ready = |info| PollInfo {
            info: Some(info),
            flight_descriptor: None,
            progress: Some(1.0),
            expiration_time: None,
        };
        Ok(info.map(ready))
    }
}
