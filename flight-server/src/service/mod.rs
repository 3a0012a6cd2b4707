//! The service: every call of the protocol, to what answers it.
//!
//! arrow-flight's own `FlightSqlService` answers GetSchema, PollFlightInfo, ListFlights and the actions of Flight itself
//! with UNIMPLEMENTED and cannot be told otherwise, so that calls are taken apart here.

mod actions;
mod call;
mod cancel;
mod command;
mod info;
mod options;
mod planning;
mod poll;
mod prepared;
mod proto;
mod put;
mod query;
mod told;
mod upload;
mod values;

use std::{
    fmt,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo,
    HandshakeRequest, HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
    flight_service_server::FlightService,
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use intarsia_engine::Engine;
use tokio::task::JoinSet;
use tonic::{Request, Response, Status, Streaming};

use crate::{
    auth::{Anybody, Handshake},
    metadata::{Kept, Metadata},
    observe::{Nothing, Observer},
    sessions::{self, Sessions},
    statements::{LIFE, PER_USER, PreparedStore, Store, Turns, Workers},
};
use call::Call;

/// How a service is set up. The default lets anybody in and tells nobody.
#[derive(Debug, Clone)]
pub struct Options {
    /// Answers the Handshake call.
    pub handshake: Arc<dyn Handshake>,
    /// Is told of queries and sessions.
    pub observer: Arc<dyn Observer>,
    /// Threads that queries run on.
    pub threads: usize,
    /// Sessions at once; with one more, the longest unused one ends.
    pub sessions: usize,
    /// Of them those of one user: so one user's clients end nobody else's.
    pub sessions_per_user: usize,
    /// How long a session lives unused.
    pub session_idle: Duration,
    /// Statements that run at once; as many wait for a place, and further ones are refused.
    pub running: usize,
    /// Of them those of one user; likewise.
    pub running_per_user: usize,
    /// Statements of one user, and likewise prepared ones, that are kept for the client; beyond them the longest unused
    /// one goes.
    pub statements: usize,
    /// How long a planned statement is kept for its client to fetch.
    pub statement_idle: Duration,
    /// How long a prepared statement is kept unused.
    pub prepared_idle: Duration,
}

impl Default for Options {
    fn default() -> Options {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Options {
            handshake: Arc::new(Anybody),
            observer: Arc::new(Nothing),
            threads: threads.max(2),
            sessions: 10_000,
            sessions_per_user: 1_000,
            session_idle: Duration::from_secs(30 * 60),
            running: 1024,
            running_per_user: 256,
            statements: PER_USER,
            statement_idle: LIFE,
            prepared_idle: Duration::from_secs(60 * 60),
        }
    }
}

impl Options {
    fn bounds(&self) -> sessions::Bounds {
        sessions::Bounds {
            total: self.sessions,
            per_user: self.sessions_per_user,
            idle: self.session_idle,
        }
    }
}

/// Flight SQL over an engine. Cheap to clone: the clones share sessions, statements and threads.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    metadata: Arc<Metadata>,
    options: Options,
    workers: Workers,
    sessions: Sessions,
    turns: Arc<Turns>,
    statements: Store,
    prepared: PreparedStore,
    /// Forgets what is no longer used; ends with the service.
    _housekeeping: Mutex<JoinSet<()>>,
}

/// How often the server looks for what nobody uses any more.
const HOUSEKEEPING: Duration = Duration::from_secs(10);

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("options", &self.inner.options).finish_non_exhaustive()
    }
}

impl Service {
    /// A service over `engine`.
    ///
    /// # Errors
    /// If the system gives no more threads.
    pub fn new(engine: Engine, options: Options) -> std::io::Result<Service> {
        let workers = Workers::start(options.threads)?;
        let sessions = Sessions::new(&engine, options.bounds(), Arc::clone(&options.observer));
        let kept = Kept { statements: options.statements, idle: options.prepared_idle };
        let metadata = Metadata::new(engine, kept).map_err(std::io::Error::other)?;
        let metadata = Arc::new(metadata);
        let turns = Arc::new(Turns::new(options.running, options.running_per_user));
        let inner = Arc::new_cyclic(|inner| {
            let mut housekeeping = JoinSet::new();
            workers.spawn(&mut housekeeping, keep_house(Weak::clone(inner)));
            let _housekeeping = Mutex::new(housekeeping);
            let statements = Store::new(options.statements, options.statement_idle);
            let prepared = PreparedStore::new(options.statements, options.prepared_idle);
            Inner {
                metadata,
                options,
                workers,
                sessions,
                turns,
                statements,
                prepared,
                _housekeeping,
            }
        });
        Ok(Service { inner })
    }

    /// How many sessions are open.
    pub fn sessions(&self) -> usize {
        self.inner.sessions.len()
    }

    /// How many statements are kept for clients to fetch.
    pub fn statements(&self) -> usize {
        self.inner.statements.len()
    }

    /// How many prepared statements are kept.
    pub fn prepared(&self) -> usize {
        self.inner.prepared.len()
    }
}

async fn keep_house(inner: Weak<Inner>) {
    loop {
        tokio::time::sleep(HOUSEKEEPING).await;
        let Some(inner) = inner.upgrade() else { return };
        inner.sessions.expire();
        inner.statements.expire();
        inner.prepared.expire();
    }
}

type Answers<T> = BoxStream<'static, Result<T, Status>>;

#[tonic::async_trait]
impl FlightService for Service {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = Answers<FlightData>;
    type DoPutStream = Answers<PutResult>;
    type DoActionStream = Answers<arrow_flight::Result>;
    type ListActionsStream = Answers<ActionType>;
    type DoExchangeStream = Answers<FlightData>;

    /// C++ and Go send one message or none; what counts is in the headers, both ways.
    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        let (metadata, _, messages) = request.into_parts();
        let payloads: Vec<Bytes> =
            messages.take(1).map_ok(|message| message.payload).try_collect().await?;
        let granted = self.inner.options.handshake.handshake(&metadata, payloads).await?;
        let header = format!("Bearer {}", granted.token);
        let header = header.parse().map_err(|_| Status::internal("a token fits no header"))?;
        let payload = Bytes::from(granted.token);
        let answer = HandshakeResponse { protocol_version: 0, payload };
        let mut response = Response::new(stream::iter([Ok(answer)]).boxed());
        response.metadata_mut().insert("authorization", header);
        Ok(response)
    }

    async fn list_flights(
        &self,
        _: Request<Criteria>,
    ) -> Result<Response<Self::ListFlightsStream>, Status> {
        Ok(Response::new(stream::empty().boxed()))
    }

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let (call, descriptor) = Call::of(request)?;
        self.flight_info(&call, descriptor).await
    }

    async fn poll_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        let (call, descriptor) = Call::of(request)?;
        self.poll(&call, descriptor).await
    }

    async fn get_schema(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<SchemaResult>, Status> {
        let (call, descriptor) = Call::of(request)?;
        let schema = self.schema_of(&call, &descriptor).await?;
        Ok(Response::new(SchemaResult { schema: info::schema_bytes(&schema)? }))
    }

    async fn do_get(
        &self,
        request: Request<Ticket>,
    ) -> Result<Response<Self::DoGetStream>, Status> {
        let (call, ticket) = Call::of(request)?;
        self.rows(&call, &ticket.ticket).await
    }

    async fn do_put(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        let (call, messages) = Call::of(request)?;
        self.put(&call, messages).await
    }

    async fn do_exchange(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        Err(Status::unimplemented("DoExchange is not served: Flight SQL does not use it"))
    }

    async fn do_action(
        &self,
        request: Request<Action>,
    ) -> Result<Response<Self::DoActionStream>, Status> {
        let (call, action) = Call::of(request)?;
        self.act(&call, &action).await
    }

    async fn list_actions(
        &self,
        _: Request<Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        Ok(Response::new(stream::iter(actions::types().map(Ok)).boxed()))
    }
}
