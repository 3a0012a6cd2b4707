//! DoPut: values for prepared statements, and statements that return no rows.

use std::sync::Arc;

use arrow_flight::{
    FlightData, FlightDescriptor, PutResult,
    sql::{Command, DoPutPreparedStatementResult, DoPutUpdateResult},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use prost::Message;
use tonic::{Response, Status};

use super::{
    Answers, Service,
    call::Call,
    command, info,
    query::{Told, cookie, handle, not_served},
    upload::batches,
};
use crate::{
    sessions::Session,
    statements::{Planned, Report, Text},
};

/// Rows that a SET changes.
const NO_ROWS: i64 = 0;

impl Service {
    pub(super) async fn put<S>(
        &self,
        call: &Call,
        mut messages: S,
    ) -> Result<Response<Answers<PutResult>>, Status>
    where
        S: Stream<Item = Result<FlightData, Status>> + Send + Unpin + 'static,
    {
        let first = messages.try_next().await?.ok_or_else(|| no_command("the stream is empty"))?;
        let command = command_of(first.flight_descriptor.as_ref())?;
        let batches = batches(stream::iter([Ok(first)]).chain(messages));
        match command {
            Command::CommandPreparedStatementQuery(query) => {
                let handle = handle(&query.prepared_statement_handle)?;
                self.bind(call, handle, batches).await?;
                // Always filled: Java goes on with it, also where it is empty.
                let prepared_statement_handle = Some(query.prepared_statement_handle.clone());
                let result = DoPutPreparedStatementResult { prepared_statement_handle };
                Ok(put_result(&result))
            }
            Command::CommandStatementUpdate(update) => {
                info::no_transaction(update.transaction_id.as_ref())?;
                let done = self.update(call, Arc::new(Text::of(update.query))).await?;
                Ok(self.updated(call, done.as_deref()))
            }
            Command::CommandPreparedStatementUpdate(update) => {
                let handle = handle(&update.prepared_statement_handle)?;
                let prepared = self.inner.prepared.get(&call.caller.user, handle)?;
                let done = self.update(call, prepared.text()).await?;
                Ok(self.updated(call, done.as_deref()))
            }
            Command::CommandStatementQuery(_) => Err(Status::invalid_argument(
                "DoPut takes values and updates: ask for the rows of a query by GetFlightInfo",
            )),
            other => Err(not_served(&other)),
        }
    }

    /// Runs a statement that returns no rows: a SET.
    async fn update(&self, call: &Call, text: Arc<Text>) -> Result<Option<Arc<Session>>, Status> {
        if let Err(status) = self.check_update(call, &text.sql).await {
            return Err(self.unplanned(call, &text.sql, status)?);
        }
        let Told { value: statement, session } = self.plan_with(call, text, |_| None).await?;
        if let Some(Planned { watch, .. }) = statement.take() {
            Report::new(watch).done();
        }
        Ok(session)
    }

    /// What writes is refused where it is parsed.
    async fn check_update(&self, call: &Call, sql: &str) -> Result<(), Status> {
        match self.look_at(call, sql).await?.is_setting() {
            true => Ok(()),
            false => Err(Status::invalid_argument(
                "this statement returns rows: send it as a query, not as an update",
            )),
        }
    }

    fn updated(&self, call: &Call, session: Option<&Session>) -> Response<Answers<PutResult>> {
        cookie(session, call, put_result(&DoPutUpdateResult { record_count: NO_ROWS }))
    }
}

fn put_result(result: &impl Message) -> Response<Answers<PutResult>> {
    let app_metadata = Bytes::from(result.encode_to_vec());
    Response::new(stream::iter([Ok(PutResult { app_metadata })]).boxed())
}

fn command_of(descriptor: Option<&FlightDescriptor>) -> Result<Command, Status> {
    let descriptor = descriptor.ok_or_else(|| no_command("its first message has no descriptor"))?;
    command::of_descriptor(descriptor)
}

fn no_command(what: &str) -> Status {
    Status::invalid_argument(format!("DoPut: {what}, so that it says nothing of what to do"))
}
