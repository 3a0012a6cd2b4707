//! Stopping queries, and keeping tickets for longer. Most clients stop a query by dropping its stream; those that ask for
//! it do so on another connection.

use std::time::SystemTime;

use arrow_flight::{
    CancelStatus, FlightEndpoint, FlightInfo, Ticket,
    sql::{ActionCancelQueryRequest, ActionCancelQueryResult, Command, ProstMessageExt},
};
use bytes::Bytes;
use prost::Message;
use tonic::Status;

use super::{Service, call::Call, command, info, query::handle};
impl Service {
    /// Stops whatever runs of the statement behind `info`.
    ///
    /// # Errors
    /// NOT_FOUND if there is no such statement: it was cancelled or forgotten, or is another user's.
    pub(super) fn cancel_info(
        &self,
        call: &Call,
        info: Option<&FlightInfo>,
    ) -> Result<CancelStatus, Status> {
        let tickets = info.into_iter().flat_map(|info| &info.endpoint);
        let mut cancelled = false;
        for handle in tickets.filter_map(|endpoint| statement_of(endpoint.ticket.as_ref())) {
            cancelled |= self.inner.statements.cancel(&call.caller.user, &handle);
        }
        match cancelled {
            true => Ok(CancelStatus::Cancelled),
            false => Err(Status::not_found(
                "there is no such query: it was cancelled or forgotten, or is another user's",
            )),
        }
    }

    /// The same in the words of the action that CancelFlightInfo has replaced.
    pub(super) fn cancel_query(
        &self,
        call: &Call,
        request: &ActionCancelQueryRequest,
    ) -> Result<Bytes, Status> {
        let info = FlightInfo::decode(&*request.info)
            .map_err(|_| Status::invalid_argument("CancelQuery: its FlightInfo does not decode"))?;
        // The numbers of both are the same.
        let result = self.cancel_info(call, Some(&info))?.into();
        Ok(ActionCancelQueryResult { result }.as_any().encode_to_vec().into())
    }

    /// An endpoint whose ticket is good for as long as if it were new. A part is read once, so that nothing more can be
    /// said of it.
    pub(super) fn renew(
        &self,
        call: &Call,
        endpoint: Option<FlightEndpoint>,
    ) -> Result<FlightEndpoint, Status> {
        let mut endpoint =
            endpoint.ok_or_else(|| Status::invalid_argument("there is no endpoint to renew"))?;
        let handle = statement_of(endpoint.ticket.as_ref()).ok_or_else(|| {
            Status::invalid_argument("the ticket of the endpoint is none of ours")
        })?;
        let statement = self.inner.statements.get(&call.caller.user, &handle)?;
        let until = SystemTime::now().checked_add(self.inner.statements.life());
        endpoint.expiration_time = until.filter(|_| statement.parts() == 0).map(Into::into);
        Ok(endpoint)
    }
}

/// The handle of the statement that a ticket is of.
fn statement_of(ticket: Option<&Ticket>) -> Option<String> {
    match command::of_bytes(&ticket?.ticket).ok()? {
        Command::TicketStatementQuery(ticket) => {
            let (handle, _) = info::of_ticket(handle(&ticket.statement_handle).ok()?);
            Some(handle.to_owned())
        }
        _ => None,
    }
}
