//! Puts the [`Caller`](super::Caller) into every call, or answers it.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::{body::Body, codegen::Service, transport::server::TcpConnectInfo};

use super::{Authenticator, stranger::Short};
use crate::server::{Held, Peer};

/// What needs no credentials: a handshake judges its own, and who probes a server's health has none.
const OPEN: [&str; 2] =
    ["/arrow.flight.protocol.FlightService/Handshake", "/grpc.health.v1.Health/"];

/// A service whose callers are known.
#[derive(Debug, Clone)]
pub(crate) struct Authenticated<S> {
    inner: S,
    authenticator: Arc<Authenticator>,
}

impl<S> Authenticated<S> {
    pub(crate) fn new(inner: S, authenticator: Arc<Authenticator>) -> Authenticated<S> {
        Authenticated { inner, authenticator }
    }
}

impl<S> Service<Request<Body>> for Authenticated<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // The service that was polled ready is the one to call; its clone was not.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let authenticator = Arc::clone(&self.authenticator);
        if OPEN.iter().any(|open| request.uri().path().starts_with(open)) {
            let request = request.map(|body| Body::new(Short::new(body)));
            return Box::pin(async move { inner.call(request).await });
        }
        Box::pin(async move {
            let peer = request.extensions().get::<Peer>().cloned();
            let Peer { address, name, usage } = peer.unwrap_or_default();
            // What tonic's own connections tell of themselves.
            let connected = TcpConnectInfo { local_addr: None, remote_addr: address };
            request.extensions_mut().insert(connected);
            match authenticator.caller(request.headers(), name).await {
                Ok(caller) => drop(request.extensions_mut().insert(caller)),
                Err(status) => return Ok(status.into_http()),
            }
            let running = usage.begin();
            Ok(inner.call(request).await?.map(|body| Body::new(Held::new(body, running))))
        })
    }
}
