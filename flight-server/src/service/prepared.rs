//! Prepared statements: made, given values, asked, and closed.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    datatypes::{Field, Schema},
};
use arrow_flight::{
    FlightDescriptor, FlightInfo,
    sql::{
        ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest,
        ActionCreatePreparedStatementResult, Any, CommandPreparedStatementQuery, ProstMessageExt,
    },
};
use bytes::{BufMut, Bytes, BytesMut};
use futures::Stream;
use prost::Message;
use tonic::{Response, Status};

use super::{
    Service,
    call::Call,
    info,
    query::{Told, cookie, handle},
    values,
};
use crate::{
    encode,
    observe::Finished,
    statements::{Prepared, Statement, fresh_id},
    status::{self, InQuery},
};

/// Field 4, `is_update`, of the result of CreatePreparedStatement: arrow-flight 59 does not know it, and JDBC decides by
/// it between a query and an update.
const IS_UPDATE: u8 = 4 << 3;

impl Service {
    pub(super) async fn create_prepared(
        &self,
        call: &Call,
        request: ActionCreatePreparedStatementRequest,
    ) -> Result<Bytes, Status> {
        info::no_transaction(request.transaction_id.as_ref())?;
        let found = match self.inner.sessions.known(&call.keys()) {
            Ok(found) => found,
            Err(status) => return Err(self.unplanned(call, &request.query, status)?),
        };
        let session = found.as_ref().map_or(self.inner.sessions.base(), |found| &found.engine);
        let (fork, sql) = (session.fork(), request.query.clone());
        let work = async move {
            let known = fork.prepare(&sql).await.map_err(|error| status::status(&error))?;
            Ok(Prepared::new(sql, fork, known))
        };
        let prepared = self.inner.workers.run(work, call.deadline).await;
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(status) => return Err(self.unplanned(call, &request.query, status)?),
        };
        let types = found.map(|found| found.choices().types).unwrap_or_default();
        let (is_update, columns) =
            (prepared.known.is_setting(), encode::schema(&prepared.known.schema(), types));
        let parameters = parameters(&prepared);
        let handle = self.inner.prepared.put(&call.caller.user, prepared)?;
        let result = ActionCreatePreparedStatementResult {
            prepared_statement_handle: Bytes::copy_from_slice(handle.as_bytes()),
            dataset_schema: if_any(&columns)?,
            parameter_schema: if_any(&parameters)?,
        };
        Ok(with_is_update(&result, is_update))
    }

    /// A statement that did not even come to be planned as a query is told of, and tells its client, as one that could not.
    pub(super) fn unplanned(
        &self,
        call: &Call,
        sql: &str,
        status: Status,
    ) -> Result<Status, Status> {
        let id = fresh_id()?;
        let session = self.inner.sessions.find(&call.keys());
        self.watch(call, &id, session.as_deref(), sql)
            .finished(&Finished::unplanned(status.code()));
        Ok(status.in_query(&id))
    }

    /// Closing is forgetting: also what is gone already.
    pub(super) fn close_prepared(
        &self,
        call: &Call,
        request: &ActionClosePreparedStatementRequest,
    ) -> Result<(), Status> {
        let handle = handle(&request.prepared_statement_handle)?;
        self.inner.prepared.close(&call.caller.user, handle);
        Ok(())
    }

    /// Takes values for the parameters, a row for each run.
    pub(super) async fn bind(
        &self,
        call: &Call,
        handle: &str,
        batches: impl Stream<Item = Result<RecordBatch, Status>> + Send + 'static,
    ) -> Result<(), Status> {
        let prepared = self.inner.prepared.get(&call.caller.user, handle)?;
        let work = async move { values::rows(&prepared, batches).await };
        let rows = self.inner.workers.run(work, call.deadline).await?;
        self.inner.prepared.bind(&call.caller.user, handle, rows)
    }

    /// Plans a prepared statement with the values that it was given last.
    pub(super) async fn plan_prepared(
        &self,
        call: &Call,
        query: &CommandPreparedStatementQuery,
    ) -> Result<Told<Statement>, Status> {
        let handle = handle(&query.prepared_statement_handle)?;
        let prepared = self.inner.prepared.get(&call.caller.user, handle)?;
        self.plan_with(call, prepared.text(), |session| prepared.take_plan(session)).await
    }

    pub(super) async fn prepared_info(
        &self,
        call: &Call,
        query: &CommandPreparedStatementQuery,
        descriptor: FlightDescriptor,
    ) -> Result<Response<FlightInfo>, Status> {
        let Told { value: statement, session } = self.plan_prepared(call, query).await?;
        let info = self.info_of(call, statement, descriptor)?;
        Ok(cookie(session.as_deref(), call, Response::new(info)))
    }

    /// The columns of a prepared statement's answer; with the values that it was given, if there are any.
    pub(super) async fn prepared_schema(
        &self,
        call: &Call,
        query: &CommandPreparedStatementQuery,
    ) -> Result<Arc<Schema>, Status> {
        let prepared = self
            .inner
            .prepared
            .get(&call.caller.user, handle(&query.prepared_statement_handle)?)?;
        if prepared.waits() || prepared.text().first().is_empty() {
            let types = self.choices(call).types;
            return Ok(encode::schema(&prepared.known.schema(), types));
        }
        Ok(Arc::clone(&self.plan_prepared(call, query).await?.value.schema))
    }
}

/// The parameters as clients are told them: any may be NULL, and none is of an unknown type.
fn parameters(prepared: &Prepared) -> Schema {
    let parameters = prepared.known.parameters().iter().enumerate();
    let fields = parameters.map(|(index, ty)| {
        Field::new(format!("${}", index + 1), encode::parameter(ty.as_ref()), true)
    });
    Schema::new(fields.collect::<Vec<_>>())
}

/// A schema as a message, or nothing if it has no columns: by that JDBC before 20 knows an update.
fn if_any(schema: &Schema) -> Result<Bytes, Status> {
    if schema.fields().is_empty() { Ok(Bytes::new()) } else { info::schema_bytes(schema) }
}

fn with_is_update(result: &ActionCreatePreparedStatementResult, is_update: bool) -> Bytes {
    let mut value = BytesMut::from(result.encode_to_vec().as_slice());
    value.put_slice(&[IS_UPDATE, u8::from(is_update)]);
    let type_url = ActionCreatePreparedStatementResult::type_url().to_owned();
    Any { type_url, value: value.freeze() }.encode_to_vec().into()
}
