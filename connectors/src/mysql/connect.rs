//! A session: TCP, TLS, login, and the variables pinned.

use std::{fmt, time::Duration};

use futures::FutureExt;
use intarsia_catalog::{Address, Node};
use mysql_async::{
    Conn, DriverError, Error as Driver, Opts, OptsBuilder, SslOpts, prelude::Queryable,
};

use crate::{Error, ErrorKind, Flavor, Result, Server};

use super::{
    error::{driver, refused},
    session,
    tls::{SslMode, mode, name_in_certificate, tls, unverified},
};

/// The time to a session where the URL has no `connect-timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server that vanished while a stream waits for it is noticed by this.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// The largest packet of the protocol: which rows and statements are too large, the server decides.
const LARGEST_PACKET: usize = 1 << 30;

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Queries.
    Read,
    /// Set-up for demos and tests.
    Write,
}

/// An open session, its variables pinned.
pub(super) struct Session {
    pub(super) conn: Conn,
    pub(super) server: Server,
    /// The longest statement that the server takes, in bytes.
    pub(super) max_allowed_packet: usize,
}

impl fmt::Debug for Session {
    /// Without the driver's connection, which would show the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Session {
    /// Closes the connection as it is when it is dropped next. Without this the driver (0.37) would first read to
    /// its end what the server still sends; a command that is given up at once makes it take the connection for
    /// broken.
    pub(super) fn give_up(&mut self) {
        let _ = self.conn.ping().now_or_never();
    }
}

/// Opens a session of `node`.
///
/// # Errors
/// `Unavailable` if it cannot be reached in time or does not let us in.
pub(super) async fn open(node: &Node, access: Access) -> Result<Session> {
    let endpoint = Endpoint::of(node)?;
    let limit = endpoint.timeout;
    let late = |_| {
        let message = format!("cannot be reached: no session within {} s", limit.as_secs());
        Error::new(ErrorKind::Unavailable, &node.name, message)
    };
    tokio::time::timeout(limit, Box::pin(log_in(&endpoint, access))).await.map_err(late)?
}

/// Runs a KILL on a session made for it, besides the node's cap: those within it may all be busy. What cannot be
/// killed ends when its own connection is closed.
pub(super) async fn stop(node: &Node, kill: &str) {
    let Ok(endpoint) = Endpoint::of(node) else { return };
    let killing = async {
        let mut conn = endpoint.connect().await?;
        conn.query_drop(kill).await?;
        conn.disconnect().await
    };
    let _ = tokio::time::timeout(endpoint.timeout, killing).await;
}

async fn log_in(endpoint: &Endpoint<'_>, access: Access) -> Result<Session> {
    let node = &endpoint.node.name;
    let mut conn = endpoint.connect().await.map_err(|e| refused(node, e))?;
    let told: Option<(String, String, String, usize)> = conn
        .query_first(
            "SELECT VERSION(), @@version_comment, @@optimizer_switch, @@max_allowed_packet",
        )
        .await
        .map_err(|e| driver(node, e))?;
    let (version, comment, switches, max_allowed_packet) = told.unwrap_or_default();
    let server = identify(&version, &comment);
    if server.version < oldest(server.flavor) {
        let message = format!("{server} is too old; MySQL 8.0 or MariaDB 10.3 at least");
        return Err(Error::new(ErrorKind::Refused, node, message));
    }
    session::pin(&mut conn, (&server, &switches), access, node).await?;
    Ok(Session { conn, server, max_allowed_packet })
}

/// Where a node is, and how to go there.
struct Endpoint<'a> {
    node: &'a Node,
    options: OptsBuilder,
    mode: SslMode,
    tls: SslOpts,
    timeout: Duration,
}

impl<'a> Endpoint<'a> {
    fn of(node: &'a Node) -> Result<Endpoint<'a>> {
        let wrong = |message: String| Error::new(ErrorKind::Internal, &node.name, message);
        let Address::Server { host, port, user, database, parameters } = &node.address else {
            return Err(wrong("a MySQL node is a server, not a file".to_owned()));
        };
        let parameter = |name: &str| parameters.get(name).map(String::as_str);
        let options = OptsBuilder::default()
            .ip_or_hostname(host.trim_matches(['[', ']']))
            .tcp_port(*port)
            .user(user.clone())
            .pass(node.password.as_ref().map(|secret| secret.reveal().to_owned()))
            .db_name(Some(database.clone()).filter(|name| !name.is_empty()))
            // Off, or the driver leaves the server of the URL for a socket of that path on this machine.
            .prefer_socket(false)
            .stmt_cache_size(0)
            .max_allowed_packet(Some(LARGEST_PACKET))
            .wait_timeout(Some(session::WAIT_TIMEOUT_SECONDS))
            .tcp_keepalive(Some(KEEPALIVE));
        Ok(Endpoint {
            node,
            options,
            mode: mode(parameter("ssl-mode"), parameter("ssl-ca").is_some(), host)
                .map_err(|message| Error::new(ErrorKind::Unavailable, &node.name, message))?,
            tls: tls(parameter),
            timeout: seconds(parameter("connect-timeout"))
                .map_err(|message| Error::new(ErrorKind::Unavailable, &node.name, message))?,
        })
    }

    async fn connect(&self) -> Result<Conn, Driver> {
        let tls = || self.tls.clone();
        match self.mode {
            SslMode::Disabled => self.plain().await,
            SslMode::Preferred => match self.encrypted(unverified(tls())).await {
                Err(Driver::Driver(DriverError::NoClientSslFlagFromServer)) => self.plain().await,
                other => other,
            },
            SslMode::Required => self.encrypted(unverified(tls())).await,
            SslMode::VerifyCa => self.encrypted_by_ca().await,
            SslMode::VerifyIdentity => self.encrypted(tls()).await,
        }
    }

    async fn plain(&self) -> Result<Conn, Driver> {
        Conn::new(Opts::from(self.options.clone())).await
    }

    async fn encrypted(&self, tls: SslOpts) -> Result<Conn, Driver> {
        // A process with two providers of cryptography and no default would make the driver panic.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Conn::new(Opts::from(self.options.clone().ssl_opts(Some(tls)))).await
    }

    /// The driver (0.37) cannot skip the host's name alone, since it looks for an older text of the error: so
    /// the chain is verified together with a name that the certificate itself has.
    async fn encrypted_by_ca(&self) -> Result<Conn, Driver> {
        match self.encrypted(self.tls.clone()).await {
            Err(error) => match name_in_certificate(&error) {
                Some(name) => {
                    self.encrypted(self.tls.clone().with_danger_tls_hostname_override(Some(name)))
                        .await
                }
                None => Err(error),
            },
            open => open,
        }
    }
}

fn seconds(written: Option<&str>) -> Result<Duration, String> {
    let Some(written) = written else { return Ok(CONNECT_TIMEOUT) };
    match written.parse() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("connect-timeout `{written}` is no whole number of seconds above 0")),
    }
}

/// The oldest versions that have every variable that a session is pinned by.
fn oldest(flavor: Flavor) -> (u32, u32, u32) {
    match flavor {
        Flavor::MariaDb => (10, 3, 0),
        Flavor::MySql | Flavor::Postgres | Flavor::Sqlite => (8, 0, 0),
    }
}

fn identify(version: &str, comment: &str) -> Server {
    let maria = [version, comment].iter().any(|text| text.to_ascii_lowercase().contains("mariadb"));
    let flavor = if maria { Flavor::MariaDb } else { Flavor::MySql };
    // MariaDB behind some proxies puts a version of MySQL's in front of its own.
    let version = version.strip_prefix("5.5.5-").unwrap_or(version);
    let mut numbers =
        version.split(|c: char| !c.is_ascii_digit()).map_while(|digits| digits.parse::<u32>().ok());
    let mut next = || numbers.next().unwrap_or_default();
    Server { flavor, version: (next(), next(), next()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_apart_by_what_they_say() {
        let told = |version, comment| identify(version, comment).to_string();
        assert_eq!(told("9.7.4-2", "(Debian)"), "MySQL 9.7.4");
        assert_eq!(told("10.11.19-MariaDB-0+deb12u1", "Debian 12"), "MariaDB 10.11.19");
        assert_eq!(told("5.5.5-10.6.1-MariaDB", ""), "MariaDB 10.6.1");
        assert_eq!(told("8.0.36", "mariadb.org binary distribution"), "MariaDB 8.0.36");
        assert_eq!(told("8.0.mysql_aurora.3.04", "Source"), "MySQL 8.0.0");
    }
}
