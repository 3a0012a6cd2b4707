//! What a server is told at its start.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use super::{Error, Result};
use crate::{observe::Metrics, tls::TlsFiles};

/// What a server is told at its start.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Where it listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// TLS, unless connections are plain.
    pub tls: Option<TlsFiles>,
    /// Where `/livez`, `/readyz` and `/metrics` are answered over plain HTTP, if anywhere.
    pub http: Option<SocketAddr>,
    /// What `/metrics` tells.
    pub metrics: Option<Arc<Metrics>>,
    /// Whether other machines may connect without TLS or without credentials.
    pub allow_insecure: bool,
    /// Bounds.
    pub limits: ServerLimits,
}

/// Bounds of a server, so that no client can use it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// Calls at once on one connection; further ones wait at the client.
    pub streams: u32,
    /// Bytes of one message from a client. Go's clients send a batch of up to 16 MiB as one.
    pub message: usize,
    /// Bytes of a call's headers. The JDBC driver sends unknown properties of its URL along.
    pub headers: u32,
    /// How long a client may take from connecting to its first bytes of HTTP/2, the TLS handshake included.
    pub handshake: Duration,
    /// How long a connection may stay before a call on it is let in. Handshakes and gRPC's health checks are no such
    /// calls, so that nobody without credentials takes the connections of others.
    pub stranger: Duration,
    /// How long a connection may stay once the last such call has ended.
    pub idle: Duration,
    /// After this time without a word from the client it is asked whether it is still there.
    pub keepalive: Duration,
    /// How long it may take to answer that.
    pub keepalive_timeout: Duration,
    /// How long running queries may go on once the server is to stop.
    pub drain: Duration,
}

impl Default for ServerLimits {
    fn default() -> ServerLimits {
        ServerLimits {
            connections: 4096,
            streams: 256,
            message: 64 << 20,
            headers: 64 << 10,
            handshake: Duration::from_secs(10),
            stranger: Duration::from_secs(60),
            idle: Duration::from_secs(3600),
            keepalive: Duration::from_secs(60),
            keepalive_timeout: Duration::from_secs(20),
            drain: Duration::from_secs(8),
        }
    }
}

impl ServerOptions {
    /// Everything by default: plain, on `listen`.
    pub fn new(listen: SocketAddr) -> ServerOptions {
        ServerOptions {
            listen,
            tls: None,
            http: None,
            metrics: None,
            allow_insecure: false,
            limits: ServerLimits::default(),
        }
    }

    /// Refuses to let other machines read the databases without a key, or passwords travel in the clear, unless told to.
    pub(super) fn check(&self, credentials: bool) -> Result<()> {
        let mutual = self.tls.as_ref().is_some_and(|tls| tls.client_authority.is_some());
        let missing = match (self.tls.is_some(), credentials || mutual) {
            (true, true) => return Ok(()),
            (true, false) => "users (or tokens, or certificates of clients)",
            (false, true) => "TLS",
            (false, false) => "TLS and users",
        };
        if self.allow_insecure || self.listen.ip().to_canonical().is_loopback() {
            return Ok(());
        }
        Err(Error::new(format!(
            "{} can be reached by other machines, and there is no {missing}; listen on 127.0.0.1, or say that it is meant \
             (--allow-insecure)",
            self.listen
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(listen: &str, tls: Option<bool>, credentials: bool) -> Result<()> {
        let tls = tls.map(|mutual| TlsFiles {
            certificate: "c".into(),
            key: "k".into(),
            client_authority: mutual.then(|| "a".into()),
        });
        let options = ServerOptions { tls, ..ServerOptions::new(listen.parse().unwrap()) };
        options.check(credentials)
    }

    #[test]
    fn other_machines_need_tls_and_credentials() {
        for listen in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "[::ffff:192.0.2.1]:1"] {
            for (tls, credentials, missing) in [
                (None, false, "no TLS and users;"),
                (None, true, "no TLS;"),
                (Some(false), false, "no users (or"),
            ] {
                let error = check(listen, tls, credentials).unwrap_err().to_string();
                assert!(error.contains(missing) && error.contains("--allow-insecure"), "{error}");
            }
            check(listen, Some(false), true).unwrap();
            check(listen, Some(true), false).unwrap();
        }
    }

    #[test]
    fn the_own_machine_needs_neither_and_somebody_may_insist() {
        for listen in ["127.0.0.1:0", "[::1]:0", "127.9.9.9:1", "[::ffff:127.0.0.1]:1"] {
            check(listen, None, false).unwrap();
        }
        let listen = "0.0.0.0:1".parse().unwrap();
        let insecure = ServerOptions { allow_insecure: true, ..ServerOptions::new(listen) };
        insecure.check(false).unwrap();
    }
}
