//! Statements: planned for GetFlightInfo, run for DoGet.

use std::sync::{Arc, Weak};

use arrow::datatypes::Schema;
use arrow_flight::{FlightData, FlightDescriptor, FlightInfo, sql::Command};
use futures::StreamExt;
use intarsia_engine::Query;
use tonic::{Response, Status};

use super::{
    Answers, Service,
    call::Call,
    command, info,
    planning::{Planning, planned},
    told,
};
use crate::{
    encode, metadata,
    observe::{Begun, Finished, Watch},
    sessions::{COOKIE, Choices, Keys, Session, taken_back},
    statements::{Again, Asked, Planned, Report, Run, Running, Statement, Text, Work, fresh_id},
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
                info::no_transaction(query.transaction_id.as_ref())?;
                let Told { value: statement, session } =
                    self.plan(call, Text::of(query.query)).await?;
                let info = self.info_of(call, statement, descriptor)?;
                Ok(cookie(session.as_deref(), call, Response::new(info)))
            }
            Command::CommandPreparedStatementQuery(query) => {
                self.prepared_info(call, &query, descriptor).await
            }
            other => Err(not_served(&other)),
        }
    }

    /// Where the rows of a planned statement are.
    pub(super) fn info_of(
        &self,
        call: &Call,
        statement: Statement,
        descriptor: FlightDescriptor,
    ) -> Result<FlightInfo, Status> {
        let schema = Arc::clone(&statement.schema);
        let (handle, parts) = self.inner.statements.put(&call.caller.user, statement)?;
        let tickets = match parts {
            0 => vec![info::statement_ticket(&handle)],
            parts => (0..parts).map(|part| info::part_ticket(&handle, part)).collect(),
        };
        info::flight_info(&schema, descriptor, tickets)
    }

    /// The columns of what a command asks for, of which nothing is run.
    pub(super) async fn schema_of(
        &self,
        call: &Call,
        descriptor: &FlightDescriptor,
    ) -> Result<Arc<Schema>, Status> {
        let command = command::of_descriptor(descriptor)?;
        if let Some(schema) = metadata::schema(&command) {
            return Ok(schema);
        }
        match command {
            Command::CommandStatementQuery(query) => {
                let known = self.look_at(call, &query.query).await?;
                Ok(encode::schema(&known.schema(), self.choices(call).types))
            }
            Command::CommandPreparedStatementQuery(query) => {
                self.prepared_schema(call, &query).await
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
        let Told { value: statement, session } = match command {
            Command::TicketStatementQuery(ticket) => {
                let (handle, part) = info::of_ticket(handle(&ticket.statement_handle)?);
                let statement = self.inner.statements.get(&call.caller.user, handle)?;
                return match part {
                    Some(part) => self.run_part(call, statement, part),
                    None => self.run(call, statement).await,
                };
            }
            Command::CommandStatementQuery(query) => self.plan(call, Text::of(query.query)).await?,
            Command::CommandPreparedStatementQuery(query) => {
                self.plan_prepared(call, &query).await?
            }
            other => return Err(not_served(&other)),
        };
        let rows = self.run(call, Arc::new(statement)).await?;
        Ok(cookie(session.as_deref(), call, rows))
    }

    /// What a statement is, without an effect.
    pub(super) async fn look_at(
        &self,
        call: &Call,
        sql: &str,
    ) -> Result<intarsia_engine::Prepared, Status> {
        let found = self.inner.sessions.known(&call.keys())?;
        let session = found.as_ref().map_or(self.inner.sessions.base(), |found| &found.engine);
        let (fork, sql) = (session.fork(), sql.to_owned());
        let work = async move { fork.prepare(&sql).await.map_err(|error| status::status(&error)) };
        self.inner.workers.run(work, call.deadline).await
    }

    /// What the caller's session chose.
    pub(super) fn choices(&self, call: &Call) -> Choices {
        let found = self.inner.sessions.find(&call.keys());
        found.map(|session| session.choices()).unwrap_or_default()
    }

    async fn plan(&self, call: &Call, text: Text) -> Result<Told<Statement>, Status> {
        self.plan_with(call, Arc::new(text), |_| None).await
    }

    /// Plans a statement in the caller's session, unless there is a plan of it. A SET takes effect, for which a session
    /// is opened if there is none.
    pub(super) async fn plan_with(
        &self,
        call: &Call,
        text: Arc<Text>,
        ready: impl FnOnce(&intarsia_engine::Session) -> Option<Query>,
    ) -> Result<Told<Statement>, Status> {
        let keys = call.keys();
        let found = match self.inner.sessions.known(&keys) {
            Ok(found) => found,
            Err(status) => return Err(self.unplanned(call, &text.sql, status)?),
        };
        let base = found.as_ref().map_or(self.inner.sessions.base(), |session| &session.engine);
        let fork = Arc::new(base.fork());
        let id: Arc<str> = fresh_id()?.into();
        let mut watch = self.watch(call, &id, found.as_deref(), &text.sql);
        let planned = match ready(&fork) {
            Some(query) => {
                watch.planned(&query);
                Planned { query, watch }
            }
            None => {
                let planning = Planning::new(watch, call.deadline);
                let work = planned(Arc::clone(&fork), Arc::clone(&text), planning);
                let planned = self.inner.workers.run(work, call.deadline).await;
                planned.map_err(|status| status.in_query(&id))?
            }
        };
        let (planned, session) = match planned.query.is_setting() {
            true => self.set(&keys, &text, planned).await.map_err(|status| status.in_query(&id))?,
            false => (planned, found),
        };
        let choices = session.as_ref().map(|session| session.choices()).unwrap_or_default();
        let home = session.as_ref().map(Arc::downgrade).unwrap_or_default();
        let statement = statement(Plan { id, text, session: fork, home, planned }, choices);
        Ok(Told { value: statement, session })
    }

    /// A SET takes effect once more, where it stays.
    async fn set(
        &self,
        keys: &Keys,
        text: &Text,
        planned: Planned,
    ) -> Result<(Planned, Option<Arc<Session>>), Status> {
        match self.set_for(keys, text).await {
            Ok(session) => Ok((planned, Some(session))),
            Err(status) => {
                planned.watch.finished(&Finished::unplanned(status.code()));
                Err(status)
            }
        }
    }

    async fn set_for(&self, keys: &Keys, text: &Text) -> Result<Arc<Session>, Status> {
        let session = self.inner.sessions.open(keys)?;
        let done = session.engine.sql_with(&text.sql, text.first().to_vec()).await;
        done.map_err(|error| status::status(&error))?;
        Ok(session)
    }

    pub(super) fn watch(
        &self,
        call: &Call,
        id: &str,
        session: Option<&Session>,
        sql: &str,
    ) -> Box<dyn Watch> {
        self.inner.options.observer.query(&Begun {
            id,
            user: call.caller.user.as_deref(),
            session: session.map(|session| session.name.as_ref()),
            sql,
            metadata: &call.metadata,
        })
    }

    /// Follows a further run of a statement, or of a part of it.
    fn watch_again(&self, call: &Call, statement: &Statement) -> Box<dyn Watch> {
        let session = statement.home.upgrade();
        self.watch(call, &statement.id, session.as_deref(), &statement.text.sql)
    }

    /// Runs a statement. Whoever comes first has its plan; for later ones it is planned again.
    async fn run(
        &self,
        call: &Call,
        statement: Arc<Statement>,
    ) -> Result<Response<Answers<FlightData>>, Status> {
        let Planned { query, watch } = match statement.take() {
            Some(planned) => planned,
            None => self.plan_again(call, &statement).await?,
        };
        let again = (!statement.text.later().is_empty()).then(|| Again {
            session: Arc::clone(&statement.session),
            text: Arc::clone(&statement.text),
        });
        let (work, report) = (Work::Whole(Box::new(query)), Report::new(watch));
        Ok(self.start(call, statement, Running { work, report, again }))
    }

    /// Runs one part of a statement.
    fn run_part(
        &self,
        call: &Call,
        statement: Arc<Statement>,
        part: usize,
    ) -> Result<Response<Answers<FlightData>>, Status> {
        let taken = statement.take_part(part).map_err(|status| status.in_query(&statement.id));
        let (part, watch) = taken?;
        let mut watch = watch.unwrap_or_else(|| self.watch_again(call, &statement));
        watch.part(&part);
        let (work, report) = (Work::Part(part), Report::new(watch));
        Ok(self.start(call, statement, Running { work, report, again: None }))
    }

    fn start(
        &self,
        call: &Call,
        statement: Arc<Statement>,
        running: Running,
    ) -> Response<Answers<FlightData>> {
        let session = statement.home.upgrade().map(Session::used);
        let (turns, owner) = (Arc::clone(&self.inner.turns), call.caller.user.clone());
        let run = Run { statement, session, running, deadline: call.deadline, turns, owner };
        Response::new(run.start(&self.inner.workers).boxed())
    }

    async fn plan_again(&self, call: &Call, statement: &Statement) -> Result<Planned, Status> {
        let planning = Planning::new(self.watch_again(call, statement), call.deadline);
        let work = planned(Arc::clone(&statement.session), Arc::clone(&statement.text), planning);
        let planned = self.inner.workers.run(work, call.deadline).await;
        planned.map_err(|status| status.in_query(&statement.id))
    }
}

/// A statement that was planned in a session.
struct Plan {
    id: Arc<str>,
    text: Arc<Text>,
    session: Arc<intarsia_engine::Session>,
    home: Weak<Session>,
    planned: Planned,
}

/// The statement, as the session wants its answer.
fn statement(plan: Plan, choices: Choices) -> Statement {
    let Plan { id, text, session, home, planned } = plan;
    let schema = encode::schema(&planned.query.schema(), choices.types);
    // NULL may come with any row of values.
    let schema = if text.later().is_empty() { schema } else { encode::nullable(&schema) };
    let partitions = choices.partitions && text.later().is_empty() && planned.query.parts() > 1;
    Statement::new(Asked { id, text, session, home, schema, partitions }, planned)
}

/// An answer, and the session that its client must be told of.
pub(super) struct Told<T> {
    pub(super) value: T,
    pub(super) session: Option<Arc<Session>>,
}

/// The answer to a call, with the session's cookie where the client has another or none. A cookie whose session has ended
/// is taken back.
pub(super) fn cookie<A>(
    session: Option<&Session>,
    call: &Call,
    mut answer: Response<A>,
) -> Response<A> {
    let cookie = match (session.map(|session| &*session.id), call.cookie.as_deref()) {
        (Some(id), sent) if sent != Some(id) => {
            format!("{COOKIE}={id}; Path=/; HttpOnly").parse().ok()
        }
        (None, Some(_)) => Some(taken_back()),
        _ => None,
    };
    if let Some(cookie) = cookie {
        answer.metadata_mut().insert("set-cookie", cookie);
    }
    answer
}

/// A handle as the client sends it.
pub(super) fn handle(bytes: &[u8]) -> Result<&str, Status> {
    std::str::from_utf8(bytes).map_err(|_| Status::invalid_argument("this is no handle of ours"))
}

pub(super) fn not_served(command: &Command) -> Status {
    let name = command.type_url().rsplit('.').next().unwrap_or_default();
    Status::unimplemented(format!("{name} is not served"))
}
