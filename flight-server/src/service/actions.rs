//! DoAction: by the action's name.

use arrow_flight::{
    Action, ActionType, CancelFlightInfoRequest, CancelFlightInfoResult,
    RenewFlightEndpointRequest,
    sql::{ActionClosePreparedStatementRequest, Any, ProstMessageExt},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use prost::Message;
use tonic::{Response, Status};

use super::{Answers, Service, call::Call, proto::SetSessionOptionsRequest};

/// An action's name, and what it does.
type Served = (&'static str, &'static str);

const CREATE_PREPARED: Served =
    ("CreatePreparedStatement", "Prepares a statement; its parameters are ? or $1, $2, …");
const CLOSE_PREPARED: Served = ("ClosePreparedStatement", "Forgets a prepared statement");
const CANCEL_INFO: Served =
    ("CancelFlightInfo", "Stops the query behind a FlightInfo, on every node");
const CANCEL_QUERY: Served = ("CancelQuery", "The same, as older clients ask for it");
const RENEW: Served = ("RenewFlightEndpoint", "Keeps the tickets of an endpoint for longer");
const SET_OPTIONS: Served =
    ("SetSessionOptions", "Sets catalog, schema, settings (intarsia.…) and forms of answers");
const GET_OPTIONS: Served = ("GetSessionOptions", "Tells the options of the session");
const CLOSE_SESSION: Served = ("CloseSession", "Ends the session: its options are forgotten");

const SERVED: [Served; 8] = [
    CREATE_PREPARED,
    CLOSE_PREPARED,
    CANCEL_INFO,
    CANCEL_QUERY,
    RENEW,
    SET_OPTIONS,
    GET_OPTIONS,
    CLOSE_SESSION,
];

/// Actions of the protocol that are not served, and why.
const NOT_SERVED: [(&str, &str); 5] = [
    ("BeginTransaction", NO_TRANSACTIONS),
    ("EndTransaction", NO_TRANSACTIONS),
    ("BeginSavepoint", NO_TRANSACTIONS),
    ("EndSavepoint", NO_TRANSACTIONS),
    ("CreatePreparedSubstraitPlan", "plans of Substrait are not read: send SQL"),
];
const NO_TRANSACTIONS: &str = "transactions are not served: each statement is one of its own";

/// What ListActions tells.
pub(super) fn types() -> impl Iterator<Item = ActionType> + Send {
    SERVED.into_iter().map(|(name, description)| ActionType {
        r#type: name.to_owned(),
        description: description.to_owned(),
    })
}

impl Service {
    /// Does an action.
    pub(super) async fn act(
        &self,
        call: &Call,
        action: &Action,
    ) -> Result<Response<Answers<arrow_flight::Result>>, Status> {
        let name = action.r#type.as_str();
        let served = SERVED.iter().find(|(served, _)| *served == name);
        match *served.ok_or_else(|| not_served(name))? {
            CREATE_PREPARED => {
                let result = self.create_prepared(call, flight_sql(action)?).await?;
                Ok(one(result))
            }
            CLOSE_PREPARED => {
                let request: ActionClosePreparedStatementRequest = flight_sql(action)?;
                self.close_prepared(call, &request)?;
                Ok(none())
            }
            CANCEL_INFO => {
                let request: CancelFlightInfoRequest = flight(action)?;
                let status = self.cancel_info(call, request.info.as_ref())?.into();
                Ok(one(CancelFlightInfoResult { status }.encode_to_vec()))
            }
            CANCEL_QUERY => Ok(one(self.cancel_query(call, &flight_sql(action)?)?)),
            RENEW => {
                let request: RenewFlightEndpointRequest = flight(action)?;
                Ok(one(self.renew(call, request.endpoint)?.encode_to_vec()))
            }
            SET_OPTIONS => self.set_options(call, flight::<SetSessionOptionsRequest>(action)?),
            GET_OPTIONS => Ok(one(self.get_options(call).encode_to_vec())),
            CLOSE_SESSION => self.close_session(call),
            _ => Err(not_served(name)),
        }
    }
}

fn not_served(name: &str) -> Status {
    let known = NOT_SERVED.iter().find(|(known, _)| *known == name);
    let reason = known.map_or("ListActions says what is", |(_, reason)| reason);
    Status::unimplemented(format!("{name} is not served: {reason}"))
}

/// The request of one of Flight's own actions.
pub(super) fn flight<T: Message + Default>(action: &Action) -> Result<T, Status> {
    T::decode(&*action.body).map_err(|_| undecodable(action))
}

/// The request of one of Flight SQL's actions, which says what it is.
fn flight_sql<T: ProstMessageExt>(action: &Action) -> Result<T, Status> {
    let any = Any::decode(&*action.body).map_err(|_| undecodable(action))?;
    any.unpack().ok().flatten().ok_or_else(|| undecodable(action))
}

fn undecodable(action: &Action) -> Status {
    Status::invalid_argument(format!("the body of the action {} does not decode", action.r#type))
}

/// One result.
pub(super) fn one(body: impl Into<Bytes>) -> Response<Answers<arrow_flight::Result>> {
    Response::new(stream::iter([Ok(arrow_flight::Result { body: body.into() })]).boxed())
}

/// No result.
fn none() -> Response<Answers<arrow_flight::Result>> {
    Response::new(stream::empty().boxed())
}
