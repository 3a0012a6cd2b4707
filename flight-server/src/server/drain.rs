//! Coming to an end without breaking off: nothing new is begun, what runs may finish.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::sync::watch;
use tonic::{Status, body::Body, codegen::Service};

use super::Held;

/// What begins something new. DoGet does not: it fetches what was planned before.
const BEGINS: [&str; 7] = [
    "GetFlightInfo",
    "PollFlightInfo",
    "GetSchema",
    "DoPut",
    "DoExchange",
    "ListFlights",
    "Handshake",
];

/// The service whose calls are meant.
const FLIGHT: &str = "/arrow.flight.protocol.FlightService/";

/// A client has this long between a query's plan and fetching its rows before the server calls itself idle.
const QUIET: Duration = Duration::from_millis(500);

/// Whether the server is ending, and how many calls are running. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<watch::Sender<State>>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    ending: bool,
    running: usize,
}

/// A call that is running, until dropped.
#[derive(Debug)]
struct Running(Gate);

impl Gate {
    pub(crate) fn new() -> Gate {
        Gate(Arc::new(watch::Sender::new(State::default())))
    }

    /// From now on nothing new is begun.
    pub(super) fn close(&self) {
        self.0.send_modify(|state| state.ending = true);
    }

    /// Whether nothing new is begun.
    pub(crate) fn is_ending(&self) -> bool {
        self.0.borrow().ending
    }

    /// Calls that are running, streams included.
    pub(crate) fn running(&self) -> usize {
        self.0.borrow().running
    }

    /// Completes when for a moment no call has been running.
    pub(super) async fn quiet(&self) {
        let mut state = self.0.subscribe();
        loop {
            if state.wait_for(|state| state.running == 0).await.is_err() {
                return;
            }
            let busy = state.wait_for(|state| state.running > 0);
            if tokio::time::timeout(QUIET, busy).await.is_err() {
                return;
            }
        }
    }

    /// A call begins, unless it may not.
    fn enter(&self, path: &str) -> Option<Running> {
        let begins = path.strip_prefix(FLIGHT).is_some_and(|rpc| BEGINS.contains(&rpc));
        if begins && self.is_ending() {
            return None;
        }
        self.0.send_modify(|state| state.running += 1);
        Some(Running(self.clone()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.running -= 1);
    }
}

/// A service behind the gate.
#[derive(Debug, Clone)]
pub(crate) struct Gated<S> {
    inner: S,
    gate: Gate,
}

impl<S> Gated<S> {
    pub(crate) fn new(inner: S, gate: Gate) -> Gated<S> {
        Gated { inner, gate }
    }
}

impl<S> Service<Request<Body>> for Gated<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // A watcher of a server's health stays for as long as there is a server: it holds no end back.
        let watches = request.uri().path() == "/grpc.health.v1.Health/Watch";
        let Some(running) = self.gate.enter(request.uri().path()) else {
            let status = Status::unavailable("the server is shutting down; ask another, or later");
            return Box::pin(std::future::ready(Ok(status.into_http())));
        };
        let answer = self.inner.call(request);
        Box::pin(async move {
            let running = (!watches).then_some(running);
            Ok(answer.await?.map(|body| Body::new(Held::new(body, running))))
        })
    }
}
