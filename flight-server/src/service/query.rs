//! Statements: planned for GetFlightInfo, run for DoGet.

use std::sync::{Arc, Mutex};

use arrow_flight::{FlightData, FlightDescriptor, FlightInfo, sql::Command};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};
use tracing::Instrument;

use super::{Answers, Service, call::Call, command, info, told};
use crate::{
    encode::{self, Encoder},
    metadata,
    observe::{Begun, Finished, Watch},
    sessions::{COOKIE, Keys, Session},
    statements::{Planned, Run, Statement, Text, fresh_id},
    status::{self, InQuery},
};

impl Service {
    pub(super) async fn flight_info(
        &self,
        call: &Call,
        descriptor: FlightDescriptor,
    ) -> Result<Response<FlightInfo>, Status> {
        let command = command::of_descriptor(&descriptor)?;
        if let Some(schema) = metadata::schema(&command) {
            return told::flight_info(&schema, descriptor);
        }
        match command {
            Command::CommandStatementQuery(query) => {
                let Told { value: statement, session } =
                    self.plan(call, Text::of(query.query)).await?;
                let schema = Arc::clone(&statement.schema);
                let handle = self.inner.statements.put(&call.caller.user, statement)?;
                let tickets = vec![info::statement_ticket(&handle)];
                let info = info::flight_info(&schema, descriptor, tickets)?;
                Ok(cookie(session.as_deref(), call, Response::new(info)))
            }
            other => Err(not_served(&other)),
        }
    }

    /// The rows behind a ticket.
    pub(super) async fn rows(
        &self,
        call: &Call,
        ticket: &[u8],
    ) -> Result<Response<Answers<FlightData>>, Status> {
        let command = command::of_bytes(ticket)?;
        if let Some(schema) = metadata::schema(&command) {
            return self.tell(call, command, schema).await;
        }
        match command {
            Command::TicketStatementQuery(ticket) => {
                let handle = handle(&ticket.statement_handle)?;
                let statement = self.inner.statements.get(&call.caller.user, handle)?;
                self.run(call, &statement).await
            }
            Command::CommandStatementQuery(query) => {
                let Told { value: statement, session } =
                    self.plan(call, Text::of(query.query)).await?;
                let rows = self.run(call, &statement).await?;
                Ok(cookie(session.as_deref(), call, rows))
            }
            other => Err(not_served(&other)),
        }
    }

    /// Plans a statement in the caller's session. A SET takes effect, for which a session is opened if there is none.
    pub(super) async fn plan(&self, call: &Call, text: Text) -> Result<Told<Statement>, Status> {
        let keys = call.keys();
        let found = self.inner.sessions.find(&keys);
        let base = found.as_ref().map_or(self.inner.sessions.base(), |session| &session.engine);
        let text = Arc::new(text);
        let fork = Arc::new(base.fork());
        let id: Arc<str> = fresh_id()?.into();
        let watch = self.watch(call, &id, found.as_deref(), &text.sql);
        let work = planned(Arc::clone(&fork), Arc::clone(&text), watch);
        let planned = self.inner.workers.run(work, call.deadline).await;
        let planned = planned.map_err(|status| status.in_query(&id))?;
        let session = match planned.query.is_setting() {
            true => Some(self.set(&keys, &text).await?),
            false => found,
        };
        let choices = session.as_ref().map(|session| session.choices()).unwrap_or_default();
        let statement = Statement {
            id,
            schema: encode::schema(&planned.query.schema(), choices.types),
            text,
            session: fork,
            cancel: CancellationToken::new(),
            planned: Mutex::new(Some(planned)),
        };
        Ok(Told { value: statement, session })
    }

    /// A SET, once more where it stays.
    async fn set(&self, keys: &Keys, text: &Text) -> Result<Arc<Session>, Status> {
        let session = self.inner.sessions.open(keys)?;
        let done = session.engine.sql_with(&text.sql, text.values.clone()).await;
        done.map_err(|error| status::status(&error))?;
        Ok(session)
    }

    fn watch(&self, call: &Call, id: &str, session: Option<&Session>, sql: &str) -> Box<dyn Watch> {
        self.inner.options.observer.query(&Begun {
            id,
            user: call.caller.user.as_deref(),
            session: session.map(|session| session.id.as_ref()),
            sql,
            metadata: &call.metadata,
        })
    }

    /// Runs a statement. Whoever comes first has its plan; for later ones it is planned again.
    async fn run(
        &self,
        call: &Call,
        statement: &Statement,
    ) -> Result<Response<Answers<FlightData>>, Status> {
        let planned = match statement.take() {
            Some(planned) => planned,
            None => self.plan_again(call, statement).await?,
        };
        let run = Run {
            id: Arc::clone(&statement.id),
            planned,
            encoder: Encoder::new(Arc::clone(&statement.schema)),
            deadline: call.deadline,
            cancel: statement.cancel.clone(),
        };
        Ok(Response::new(run.start(&self.inner.workers).boxed()))
    }

    async fn plan_again(&self, call: &Call, statement: &Statement) -> Result<Planned, Status> {
        let watch = self.watch(call, &statement.id, None, &statement.text.sql);
        let work = planned(Arc::clone(&statement.session), Arc::clone(&statement.text), watch);
        let planned = self.inner.workers.run(work, call.deadline).await;
        planned.map_err(|status| status.in_query(&statement.id))
    }
}

/// Plans a statement, watched.
async fn planned(
    session: Arc<intarsia_engine::Session>,
    text: Arc<Text>,
    mut watch: Box<dyn Watch>,
) -> Result<Planned, Status> {
    let planning = session.sql_with(&text.sql, text.values.clone()).instrument(watch.span());
    match planning.await {
        Ok(query) => {
            watch.planned(&query);
            Ok(Planned { query, watch })
        }
        Err(error) => {
            let status = status::status(&error);
            watch.finished(&Finished::unplanned(status.code()));
            Err(status)
        }
    }
}

/// An answer, and the session that its client must be told of.
pub(super) struct Told<T> {
    pub(super) value: T,
    pub(super) session: Option<Arc<Session>>,
}

/// The answer to a call, with the session's cookie where the client has none.
pub(super) fn cookie<A>(
    session: Option<&Session>,
    call: &Call,
    mut answer: Response<A>,
) -> Response<A> {
    let Some(session) = session else { return answer };
    if call.cookie.as_deref() != Some(&*session.id) {
        let cookie = format!("{COOKIE}={}; Path=/; HttpOnly", session.id);
        if let Ok(cookie) = cookie.parse() {
            answer.metadata_mut().insert("set-cookie", cookie);
        }
    }
    answer
}

/// A handle as the client sends it.
fn handle(bytes: &[u8]) -> Result<&str, Status> {
    std::str::from_utf8(bytes).map_err(|_| Status::invalid_argument("this is no handle of ours"))
}

fn not_served(command: &Command) -> Status {
    let name = command.type_url().rsplit('.').next().unwrap_or_default();
    Status::unimplemented(format!("{name} is not served"))
}
