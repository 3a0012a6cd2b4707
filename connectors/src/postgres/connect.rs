//! Connections: from a node's address to a session of PostgreSQL's.

use std::{net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use intarsia_catalog::{Address, Node};
use tokio_postgres::{CancelToken, Client, Config, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    Error, ErrorKind, Result,
    pool::{Manage, Tasks},
};

use super::{
    error::told,
    tls::{self, Verify},
};

/// How long a login may take where the URL does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A peer that is silent this long is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Around an IPv6 address in a URL.
const BRACKETS: [char; 2] = ['[', ']'];

/// Makes connections to one node.
#[derive(Debug)]
pub(super) struct Manager {
    node: Arc<Node>,
    /// What the address says, or what is wrong with it.
    settings: Result<Settings>,
    drivers: Tasks,
}

#[derive(Clone)]
struct Settings {
    config: Config,
    timeout: Duration,
    tls: Option<MakeRustlsConnect>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// A connection that has logged in. Dropping it closes it.
pub(super) struct Session {
    pub(super) client: Client,
    /// The server's version as a number, 150002 for 15.2.
    pub(super) version: u32,
    tls: Option<MakeRustlsConnect>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Manager {
    /// For the server that `node` names. What is wrong with its parameters is told when connecting.
    pub(super) fn new(node: &Arc<Node>) -> Manager {
        let settings = settings(node)
            .map_err(|message| Error::new(ErrorKind::Unavailable, &node.name, message));
        Manager { node: Arc::clone(node), settings, drivers: Tasks::default() }
    }
}

#[async_trait]
impl Manage for Manager {
    type Connection = Session;

    async fn connect(&self) -> Result<Session> {
        let settings = self.settings.clone()?;
        let within = settings.timeout;
        match tokio::time::timeout(within, self.log_in(settings)).await {
            Ok(session) => session,
            Err(_) => {
                let message = format!("no connection within {} s", within.as_secs());
                Err(Error::new(ErrorKind::Unavailable, &self.node.name, message))
            }
        }
    }

    /// What is sent first on a connection that was idle is answered by an error if it died meanwhile; that is
    /// known here if the server closed it in good order.
    async fn usable(&self, session: &mut Session) -> bool {
        tokio::task::yield_now().await; // lets the driver see the end of the stream
        !session.client.is_closed()
    }
}

impl Manager {
    async fn log_in(&self, settings: Settings) -> Result<Session> {
        let Settings { config, tls, .. } = settings;
        let failed = |e: tokio_postgres::Error| told(&self.node, &e);
        let (client, version) = match &tls {
            Some(tls) => {
                let (client, driver) = config.connect(tls.clone()).await.map_err(failed)?;
                let version = version(driver.parameter("server_version"));
                self.drivers.spawn(async move { drop(driver.await) });
                (client, version)
            }
            None => {
                let (client, driver) = config.connect(NoTls).await.map_err(failed)?;
                let version = version(driver.parameter("server_version"));
                self.drivers.spawn(async move { drop(driver.await) });
                (client, version)
            }
        };
        Ok(Session { client, version, tls })
    }
}

impl Session {
    /// Asks the server to stop what this session runs. The request is heard soon after, whatever then runs.
    pub(super) async fn cancel(&self) {
        let token: CancelToken = self.client.cancel_token();
        // Without an answer there is nothing to be done: the connection is closed next, and the server stops at
        // its next attempt to send.
        let sent = match &self.tls {
            Some(tls) => token.cancel_query(tls.clone()).await,
            None => token.cancel_query(NoTls).await,
        };
        drop(sent);
    }
}

/// `15.2 (Debian 15.2-1)` as 150002; 0 if it is nothing like it.
fn version(text: Option<&str>) -> u32 {
    let digits = |part: &str| part.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok();
    let mut parts = text.unwrap_or_default().split([' ', '.']).map_while(digits);
    let major: u32 = parts.next().unwrap_or(0);
    major * 10_000 + parts.next().unwrap_or(0)
}

fn settings(node: &Node) -> Result<Settings, String> {
    let Address::Server { host, port, user, database, parameters } = &node.address else {
        return Err("a PostgreSQL node has a server's address".to_owned());
    };
    let parameter = |name: &str| parameters.get(name).map(String::as_str);
    let timeout = match parameter("connect_timeout") {
        Some(text) => Duration::from_secs(parse(text, "connect_timeout")?),
        None => CONNECT_TIMEOUT,
    };
    let mut config = Config::new();
    config.host(host.trim_matches(BRACKETS)).port(*port).dbname(database).connect_timeout(timeout);
    config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE).keepalives_retries(3);
    config.application_name(parameter("application_name").unwrap_or("intarsia"));
    if let Some(user) = user {
        config.user(user);
    }
    if let Some(password) = &node.password {
        config.password(password.reveal());
    }
    let verify = ssl_mode(parameter("sslmode"), host, &mut config)?;
    let files = tls::Files {
        roots: parameter("sslrootcert"),
        certificate: parameter("sslcert"),
        key: parameter("sslkey"),
    };
    let tls = verify.map(|verify| tls::connector(verify, &files)).transpose()?;
    Ok(Settings { config, timeout, tls })
}

fn parse(text: &str, name: &str) -> Result<u64, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0);
    seconds.ok_or_else(|| format!("{name} is a number of seconds, not `{text}`"))
}

/// libpq's modes, except that the default is to verify everything off loopback; `None` is no TLS at all.
fn ssl_mode(mode: Option<&str>, host: &str, config: &mut Config) -> Result<Option<Verify>, String> {
    let default = if is_local(host) { "prefer" } else { "verify-full" };
    let (mode, verify) = match mode.unwrap_or(default) {
        "disable" => (SslMode::Disable, None),
        "prefer" => (SslMode::Prefer, Some(Verify::Nothing)),
        "require" => (SslMode::Require, Some(Verify::Nothing)),
        "verify-ca" => (SslMode::Require, Some(Verify::Authority)),
        "verify-full" => (SslMode::Require, Some(Verify::Full)),
        other => {
            let known = "disable, prefer, require, verify-ca or verify-full";
            return Err(format!("sslmode is {known}, not `{other}`"));
        }
    };
    config.ssl_mode(mode);
    Ok(verify)
}

/// Whether the host is this machine: a loopback address or a socket's folder.
fn is_local(host: &str) -> bool {
    let address: Result<IpAddr, _> = host.trim_matches(BRACKETS).parse();
    host == "localhost" || host.starts_with('/') || address.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        assert_eq!(version(Some("15.2 (Debian 15.2-1)")), 150_002);
        assert_eq!(version(Some("17beta1")), 0);
        assert_eq!(version(Some("9.6.24")), 90_006);
        assert_eq!(version(None), 0);
    }

    #[test]
    fn verification_is_on_off_loopback() {
        let mode = |mode, host| ssl_mode(mode, host, &mut Config::new());
        assert_eq!(mode(None, "db.example.org"), Ok(Some(Verify::Full)));
        assert_eq!(mode(None, "127.0.0.1"), Ok(Some(Verify::Nothing)));
        assert_eq!(mode(None, "::1"), Ok(Some(Verify::Nothing)));
        assert_eq!(mode(Some("require"), "db.example.org"), Ok(Some(Verify::Nothing)));
        assert_eq!(mode(Some("disable"), "db.example.org"), Ok(None));
        assert!(mode(Some("allow"), "localhost").is_err());
    }
}
