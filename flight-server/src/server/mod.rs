//! The server around a [`FlightService`]: listening, TLS, who may call, bounds, and a graceful end.
//!
//! ```text
//! listener ─accept→ TLS ─→ HTTP/2 ─drain→ is it ending? ─auth→ who calls? ─→ FlightService, health
//! ```

mod accept;
mod connection;
mod drain;
mod error;
mod held;
mod options;
mod usage;

use std::{fmt, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use arrow_flight::flight_service_server::{FlightService, FlightServiceServer};
use futures::stream;
use rustls::ServerConfig;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::transport;
use tonic_health::{
    ServingStatus,
    pb::health_server::HealthServer,
    server::{HealthReporter, HealthService},
};
use tower::layer::layer_fn;

use crate::{
    auth::{Authenticated, Authenticator},
    http,
    reload::{self, Reload, Reloaded},
};
use accept::{Acceptor, Incoming};

pub use error::{Error, Result};
pub use options::{ServerLimits, ServerOptions};

pub(crate) use connection::Peer;
pub(crate) use drain::Gate;
use drain::Gated;
pub(crate) use held::Held;

/// Bytes of what a client uploads that may be on the way, for a call and for all calls of a connection: HTTP/2's own
/// 64 KiB hold an upload back on every line that is not short.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;

/// How long idle clients have to take their leave once they are told to go.
const FAREWELL: Duration = Duration::from_secs(1);

/// A server that listens, and serves once it is told to. Connections wait until then.
pub struct Server {
    options: ServerOptions,
    authenticator: Arc<Authenticator>,
    listener: TcpListener,
    address: SocketAddr,
    http: Option<http::Listener>,
    tls: Option<Arc<Reloaded<ServerConfig>>>,
    gate: Gate,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Reads the files and listens.
    ///
    /// # Errors
    /// Names what is wrong: a file that cannot be read, an address that cannot be listened on, or one that other
    /// machines reach without TLS and credentials.
    pub async fn bind(options: ServerOptions, authenticator: Arc<Authenticator>) -> Result<Server> {
        options.check(authenticator.is_required())?;
        let tls = options.tls.as_ref().map(|files| files.open()).transpose()?.map(Arc::new);
        let (listener, address) = listen(options.listen).await?;
        let http = match options.http {
            Some(address) => Some(http::Listener::bind(address).await?),
            None => None,
        };
        let gate = Gate::new();
        Ok(Server { options, authenticator, listener, address, http, tls, gate })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client connects to.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "grpc+tls" } else { "grpc" };
        format!("{scheme}://{}", self.address)
    }

    /// Where `/livez`, `/readyz` and `/metrics` are answered, if anywhere.
    pub fn http_address(&self) -> Option<SocketAddr> {
        self.http.as_ref().map(http::Listener::address)
    }

    /// Serves until `shutdown`; then it begins nothing new, lets what runs finish for [`ServerLimits::drain`], and
    /// closes what is left. Dropped, it closes everything at once.
    ///
    /// # Errors
    /// What keeps it from serving on.
    pub async fn serve<S: FlightService>(
        self,
        service: S,
        shutdown: impl Future<Output = ()>,
    ) -> Result<()> {
        let Server { options, authenticator, listener, http, tls, gate, .. } = self;
        let limits = options.limits;
        let phases = Phases::default();
        let _closes_when_dropped = phases.close.clone().drop_guard();
        let mut tasks = JoinSet::new();
        let certificates = tls.clone().map(|tls| tls as Arc<dyn Reload>);
        tasks.spawn(reload::watch(authenticator.files().into_iter().chain(certificates).collect()));
        if let Some(http) = http {
            tasks.spawn(http.serve(gate.clone(), options.metrics));
        }
        let (ready, incoming) = accept::queue();
        let acceptor = Acceptor::new(listener, tls, &limits, phases.close.clone());
        tasks.spawn(acceptor.run(ready.clone(), phases.refuse.clone()));
        let health = HealthReporter::new();
        health.set_serving::<FlightServiceServer<S>>().await;
        let router = Router { limits, authenticator, gate: gate.clone(), health: health.clone() };
        let mut serving = pin!(router.serve(service, incoming, phases.finish.clone()));
        let ending = async {
            shutdown.await;
            gate.close();
            health.set_service_status("", ServingStatus::NotServing).await;
            health.set_not_serving::<FlightServiceServer<S>>().await;
            phases.end(&gate, limits.drain).await;
        };
        tokio::select! {
            served = &mut serving => return served,
            () = ending => drop(ready),
        }
        serving.await
    }
}

/// How a server ends, one after another.
#[derive(Debug, Default)]
struct Phases {
    /// Nobody listens any more.
    refuse: CancellationToken,
    /// Clients are told to go; connections close when nothing runs on them.
    finish: CancellationToken,
    /// Connections are closed.
    close: CancellationToken,
}

impl Phases {
    async fn end(&self, gate: &Gate, drain: Duration) {
        self.refuse.cancel();
        let drained = tokio::time::timeout(drain, gate.quiet()).await;
        self.finish.cancel();
        if drained.is_ok() {
            tokio::time::sleep(FAREWELL).await;
        } else {
            tracing::warn!("{} calls still ran after {drain:?} and are broken off", gate.running());
        }
        self.close.cancel();
    }
}

/// What answers a call, from the outside in.
struct Router {
    limits: ServerLimits,
    authenticator: Arc<Authenticator>,
    gate: Gate,
    health: HealthReporter,
}

impl Router {
    async fn serve<S: FlightService>(
        self,
        service: S,
        incoming: Incoming,
        finish: CancellationToken,
    ) -> Result<()> {
        let Router { limits, authenticator, gate, health } = self;
        let gated = layer_fn(move |inner| Gated::new(inner, gate.clone()));
        let authenticated =
            layer_fn(move |inner| Authenticated::new(inner, Arc::clone(&authenticator)));
        let flight = FlightServiceServer::new(service)
            .max_decoding_message_size(limits.message)
            // Answers are cut to size where they are encoded.
            .max_encoding_message_size(usize::MAX);
        let health = HealthServer::new(HealthService::from_health_reporter(health));
        let connections = stream::unfold(incoming, async |mut incoming| {
            incoming.recv().await.map(|connection| (connection, incoming))
        });
        transport::Server::builder()
            .max_concurrent_streams(limits.streams)
            .http2_max_header_list_size(limits.headers)
            .http2_keepalive_interval(Some(limits.keepalive))
            .http2_keepalive_timeout(Some(limits.keepalive_timeout))
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .layer(gated)
            .layer(authenticated)
            .add_service(health)
            .add_service(flight)
            .serve_with_incoming_shutdown(connections, finish.cancelled_owned())
            .await
            .map_err(|error| Error::new(format!("the server broke off: {error}")))
    }
}

/// Listens, and says where.
pub(crate) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await;
    let listener =
        listener.map_err(|e| Error::new(format!("nothing can listen on {address}: {e}")))?;
    let address = listener.local_addr().map_err(|e| Error::new(format!("{address}: {e}")))?;
    Ok((listener, address))
}
