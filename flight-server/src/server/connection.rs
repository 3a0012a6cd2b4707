//! A client's connection: ends when the server says so, when the client never begins to speak, and when nobody who was
//! let in uses it.

use std::{
    fmt,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep},
};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;

use super::usage::{Patience, Usage};
use crate::auth::common_name;

/// Bytes with which HTTP/2 begins: who has sent them is a client.
const PREFACE: usize = 24;

/// How long a connection that is used when its time is over is left alone.
const AGAIN: Duration = Duration::from_secs(60);

/// Who is at the other end. In the extensions of every request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) address: Option<SocketAddr>,
    /// The name in its certificate, which was verified.
    pub(crate) name: Option<Arc<str>>,
    /// Its calls that were let in.
    pub(crate) usage: Usage,
}

/// A connection's bytes, with or without TLS.
pub(super) enum Wire {
    /// As they are.
    Plain(TcpStream),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    fn peer(&self) -> Peer {
        let usage = Usage::default();
        match self {
            Wire::Plain(tcp) => Peer { address: tcp.peer_addr().ok(), name: None, usage },
            Wire::Tls(tls) => {
                let (tcp, session) = tls.get_ref();
                let certificate = session.peer_certificates().and_then(|chain| chain.first());
                let name = certificate.and_then(|certificate| common_name(certificate));
                Peer { address: tcp.peer_addr().ok(), name: name.map(Into::into), usage }
            }
        }
    }
}

/// A connection of a client. It holds its place among the connections until it is dropped.
pub(super) struct Connection {
    wire: Wire,
    peer: Peer,
    silence: Option<Pin<Box<Sleep>>>,
    received: usize,
    patience: Patience,
    unused: Pin<Box<Sleep>>,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    /// A connection that ends with `close`, at `deadline` unless the client has begun to speak by then, and after
    /// `patience` without a call.
    pub(super) fn new(
        wire: Wire,
        deadline: Instant,
        patience: Patience,
        close: CancellationToken,
        place: OwnedSemaphorePermit,
    ) -> Connection {
        Connection {
            peer: wire.peer(),
            wire,
            silence: Some(Box::pin(tokio::time::sleep_until(deadline))),
            received: 0,
            patience,
            unused: Box::pin(tokio::time::sleep(patience.stranger)),
            closed: Box::pin(close.cancelled_owned()),
            _place: place,
        }
    }

    /// Fails once the server has stopped, or nobody has used the connection for too long.
    fn open(&mut self, cx: &mut Context<'_>) -> io::Result<&mut Wire> {
        self.used(cx)?;
        if self.closed.as_mut().poll(cx).is_ready() {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the server has stopped"));
        }
        Ok(&mut self.wire)
    }

    /// Calls come and go without a word to the timer: when it is over, it is told how much was really left.
    fn used(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self.unused.as_mut().poll(cx).is_ready() {
            let left = self.peer.usage.left(self.patience).unwrap_or(AGAIN);
            if left.is_zero() {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody uses the connection"));
            }
            self.unused = Box::pin(tokio::time::sleep(left));
        }
        Ok(())
    }

    /// Fails once the client has been silent for too long.
    fn heard(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let silent = self.silence.as_mut().is_some_and(|time| time.as_mut().poll(cx).is_ready());
        if silent {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the client speaks no HTTP/2"));
        }
        Ok(())
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.heard(cx)?;
        let before = buffer.filled().len();
        let read = match self.open(cx)? {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
        };
        self.received = self.received.saturating_add(buffer.filled().len() - before);
        if self.received >= PREFACE {
            self.silence = None;
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.open(cx)? {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.open(cx)? {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.open(cx)? {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.open(cx)? {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bytes),
            Wire::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bytes),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.wire {
            Wire::Plain(tcp) => tcp.is_write_vectored(),
            Wire::Tls(tls) => tls.is_write_vectored(),
        }
    }
}
