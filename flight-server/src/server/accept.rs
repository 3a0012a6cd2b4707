//! Takes connections in. A handshake is a task of its own, so that a client that never finishes it holds nobody back.

use std::{io, sync::Arc, time::Duration};

use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{
    ServerLimits,
    connection::{Connection, Wire},
    usage::Patience,
};
use crate::reload::Reloaded;

/// Connections that are ready to be served and not taken yet.
const READY: usize = 64;

/// How long nothing is accepted after the system refused to: it has no file handles left, say.
const PAUSE: Duration = Duration::from_millis(100);

/// What accepts connections.
pub(super) struct Acceptor {
    listener: TcpListener,
    tls: Option<Arc<Reloaded<ServerConfig>>>,
    places: Arc<Semaphore>,
    handshake: Duration,
    patience: Patience,
    close: CancellationToken,
}

/// Connections as the server takes them.
pub(super) type Incoming = mpsc::Receiver<io::Result<Connection>>;

type Ready = mpsc::Sender<io::Result<Connection>>;

/// A queue from the acceptor to the server.
pub(super) fn queue() -> (Ready, Incoming) {
    mpsc::channel(READY)
}

impl Acceptor {
    /// Accepts on `listener`; `close` ends every connection.
    pub(super) fn new(
        listener: TcpListener,
        tls: Option<Arc<Reloaded<ServerConfig>>>,
        limits: &ServerLimits,
        close: CancellationToken,
    ) -> Acceptor {
        let places = limits.connections.clamp(1, Semaphore::MAX_PERMITS);
        let places = Arc::new(Semaphore::new(places));
        let (handshake, patience) = (limits.handshake, Patience::of(limits));
        Acceptor { listener, tls, places, handshake, patience, close }
    }

    /// Accepts until `stop`; then nobody listens any more, and unfinished handshakes are dropped.
    pub(super) async fn run(self, ready: Ready, stop: CancellationToken) {
        let mut handshakes = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(_) = handshakes.join_next() => {}
                accepted = self.accept() => match accepted {
                    Ok((tcp, place)) => {
                        handshakes.spawn(self.secure(tcp, place, ready.clone()));
                    }
                    Err(error) => {
                        tracing::warn!("no connection can be accepted: {error}");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        }
    }

    /// The next connection, once there is a place for it.
    async fn accept(&self) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(io::Error::other)?;
        let (tcp, _) = self.listener.accept().await?;
        // Small answers go out at once; that the system refuses this does no harm.
        let _refused = tcp.set_nodelay(true);
        Ok((tcp, place))
    }

    /// Finishes the TLS handshake, if there is TLS, and hands the connection on.
    fn secure(
        &self,
        tcp: TcpStream,
        place: OwnedSemaphorePermit,
        ready: Ready,
    ) -> impl Future<Output = ()> + Send + 'static {
        let config = self.tls.as_ref().map(|tls| tls.current());
        let deadline = Instant::now() + self.handshake;
        let (patience, close) = (self.patience, self.close.clone());
        async move {
            let wire = match config {
                None => Wire::Plain(tcp),
                Some(config) => {
                    let peer = tcp.peer_addr().ok();
                    match timeout_at(deadline, TlsAcceptor::from(config).accept(tcp)).await {
                        Ok(Ok(tls)) => Wire::Tls(Box::new(tls)),
                        Ok(Err(error)) => {
                            return tracing::info!(?peer, "a TLS handshake failed: {error}");
                        }
                        Err(_) => return tracing::info!(?peer, "a TLS handshake took too long"),
                    }
                }
            };
            let connection = Connection::new(wire, deadline, patience, close, place);
            // The server has stopped if nobody takes it.
            let _late = ready.send(Ok(connection)).await;
        }
    }
}
