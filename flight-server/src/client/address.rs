//! Where a server is, and who asks.

use std::{collections::BTreeMap, fmt, fs, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use url::Url;

use super::{Error, ErrorKind, Result};

/// Seconds until a server that does not answer is given up, unless the URL says otherwise.
const CONNECT_SECONDS: u64 = 10;
/// A connection that is silent is probed this often, so that a server that vanished is noticed.
const PROBE: Duration = Duration::from_secs(30);
/// And this long a probe may stay unanswered.
const PROBE_ANSWER: Duration = Duration::from_secs(20);
/// Bytes that may be on their way before the reader has taken any, of a stream and of a connection: enough for a
/// fast network, little enough that a reader that stops holds the server back.
const WINDOW_BYTES: u32 = 4 << 20;

/// What may follow `?`.
const PARAMETERS: [&str; 5] = ["token", "ca", "cert", "key", "connect_timeout"];

/// A server's address: `grpc://HOST:PORT` or, with TLS, `grpc+tls://USER:PASSWORD@HOST:PORT/?PARAMETERS`.
///
/// User and password are percent-encoded where they hold characters that a URL gives a meaning. Parameters:
/// `token` (instead of a user), `ca` (a PEM file with the authorities to trust instead of Mozilla's), `cert` and
/// `key` (PEM files, where the server asks for a certificate), `connect_timeout` (seconds, by default 10).
#[derive(Clone)]
pub struct Address {
    host: String,
    port: u16,
    tls: bool,
    credentials: Credentials,
    parameters: BTreeMap<String, String>,
}

/// Who asks. Never shown.
#[derive(Clone)]
pub(super) enum Credentials {
    Nobody,
    User(String, String),
    Token(String),
}

impl Address {
    /// The same address with a password, if it names a user without one.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Address {
        if let Credentials::User(_, given) = &mut self.credentials
            && given.is_empty()
        {
            password.clone_into(given);
        }
        self
    }

    /// The same address with a token, if it names nobody.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Address {
        if matches!(self.credentials, Credentials::Nobody) {
            self.credentials = Credentials::Token(token.to_owned());
        }
        self
    }

    /// Whether it names a user without a password.
    pub fn lacks_password(&self) -> bool {
        matches!(&self.credentials, Credentials::User(_, password) if password.is_empty())
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// A connection, made now.
    pub(super) async fn channel(&self) -> Result<Channel> {
        let endpoint = self.endpoint()?;
        let unreachable = |error| {
            let Error { message, kind } = Error::from(error);
            Error::new(kind, format!("{self} cannot be reached: {message}"))
        };
        // The handshake of TLS has a limit of its own in tonic, but not that of HTTP: hence one over both.
        let limit = self.connect_timeout()?;
        match tokio::time::timeout(limit, endpoint.connect()).await {
            Ok(channel) => channel.map_err(unreachable),
            Err(_) => {
                let seconds = limit.as_secs();
                let message = format!("{self} did not answer within {seconds} s");
                Err(Error::new(ErrorKind::Unavailable, message))
            }
        }
    }

    fn endpoint(&self) -> Result<Endpoint> {
        let scheme = if self.tls { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{}:{}", self.host, self.port))
            .and_then(|endpoint| {
                endpoint.user_agent(concat!("intarsia/", env!("CARGO_PKG_VERSION")))
            })
            .map_err(|_| invalid(format!("`{}` is no host", self.host)))?
            .tcp_nodelay(true)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .http2_keep_alive_interval(PROBE)
            .keep_alive_timeout(PROBE_ANSWER);
        if !self.tls {
            return Ok(endpoint);
        }
        endpoint.tls_config(self.tls()?).map_err(|error| invalid(Error::from(error).message))
    }

    fn tls(&self) -> Result<ClientTlsConfig> {
        let tls = match self.parameters.get("ca") {
            Some(file) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(file)?)),
            None => ClientTlsConfig::new().trust_anchors(webpki_roots::TLS_SERVER_ROOTS.to_vec()),
        };
        match (self.parameters.get("cert"), self.parameters.get("key")) {
            (Some(cert), Some(key)) => {
                Ok(tls.identity(Identity::from_pem(read(cert)?, read(key)?)))
            }
            (None, None) => Ok(tls),
            _ => Err(invalid("`cert` and `key` go together")),
        }
    }

    fn connect_timeout(&self) -> Result<Duration> {
        let Some(text) = self.parameters.get("connect_timeout") else {
            return Ok(Duration::from_secs(CONNECT_SECONDS));
        };
        let seconds = text.parse().ok().filter(|&seconds| seconds > 0);
        let told = || invalid(format!("connect_timeout={text}: a whole number of seconds, please"));
        seconds.map(Duration::from_secs).ok_or_else(told)
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Address> {
        // The parser's own errors name no part of the text, which may hold a password.
        let url =
            Url::parse(text).map_err(|error| invalid(format!("the server's URL: {error}")))?;
        let tls = match url.scheme() {
            "grpc" | "grpc+tcp" => false,
            "grpc+tls" => true,
            other => {
                return Err(invalid(format!("`{other}://` is neither grpc:// nor grpc+tls://")));
            }
        };
        let (Some(host), Some(port)) = (url.host_str().filter(|host| !host.is_empty()), url.port())
        else {
            return Err(invalid("the server's URL names a host and a port: grpc://HOST:PORT"));
        };
        if !matches!(url.path(), "" | "/") {
            return Err(invalid(format!("nothing stands behind the port, not `{}`", url.path())));
        }
        let mut parameters = parameters(&url)?;
        let credentials = credentials(&url, parameters.remove("token"))?;
        let address = Address { host: host.to_owned(), port, tls, credentials, parameters };
        address.check()
    }
}

impl Address {
    fn check(self) -> Result<Address> {
        self.connect_timeout()?;
        let files = ["ca", "cert", "key"].iter().find(|name| self.parameters.contains_key(**name));
        match files {
            Some(name) if !self.tls => Err(invalid(format!("`{name}` needs grpc+tls://"))),
            _ => Ok(self),
        }
    }
}

fn parameters(url: &Url) -> Result<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        if !PARAMETERS.contains(&&*name) {
            let known = PARAMETERS.join(", ");
            return Err(invalid(format!(
                "`{name}` is no parameter of a server's URL; there are {known}"
            )));
        }
        parameters.insert(name.into_owned(), value.into_owned());
    }
    Ok(parameters)
}

fn credentials(url: &Url, token: Option<String>) -> Result<Credentials> {
    match (url.username(), token) {
        ("", None) => Ok(Credentials::Nobody),
        ("", Some(token)) => Ok(Credentials::Token(token)),
        (_, Some(_)) => Err(invalid("a user or a token, not both")),
        (user, None) => {
            let password = url.password().unwrap_or_default();
            Ok(Credentials::User(decoded(user)?, decoded(password)?))
        }
    }
}

fn decoded(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    Ok(decoded.map_err(|_| invalid("user and password are UTF-8"))?.into_owned())
}

fn read(file: &str) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| invalid(format!("{file}: {error}")))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

/// Without user, password and token.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "grpc+tls" } else { "grpc" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(url: &str) -> String {
        url.parse::<Address>().unwrap_err().to_string()
    }

    #[test]
    fn a_url_names_server_user_and_password() {
        let address: Address =
            "grpc+tls://a%40da:p%3Aw@[::1]:8815/?connect_timeout=3".parse().unwrap();
        assert_eq!(address.to_string(), "grpc+tls://[::1]:8815");
        assert_eq!(address.connect_timeout().unwrap(), Duration::from_secs(3));
        let Credentials::User(user, password) = address.credentials() else { panic!("no user") };
        assert_eq!((user.as_str(), password.as_str()), ("a@da", "p:w"));
    }

    #[test]
    fn a_password_from_elsewhere_fills_a_gap_only() {
        let address: Address = "grpc://ada@h:1".parse().unwrap();
        assert!(address.lacks_password());
        assert!(!address.with_password("x").lacks_password());
        let address: Address = "grpc://ada:given@h:1".parse().unwrap();
        let Credentials::User(_, password) = address.with_password("x").credentials else {
            panic!()
        };
        assert_eq!(password, "given");
    }

    #[test]
    fn secrets_are_never_shown() {
        let address: Address = "grpc://ada:s3cret@h:1".parse().unwrap();
        assert_eq!(format!("{address:?} {address}"), "grpc://h:1 grpc://h:1");
        let address: Address = "grpc://h:1?token=s3cret".parse().unwrap();
        assert_eq!(format!("{address:?}"), "grpc://h:1");
        assert!(!fault("grpc://ada:s3cret@h").contains("s3cret"));
        assert!(!fault("grpc://ada:s3cret@h:port").contains("s3cret"));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told() {
        assert_eq!(fault("http://h:1"), "`http://` is neither grpc:// nor grpc+tls://");
        assert_eq!(fault("grpc://h"), "the server's URL names a host and a port: grpc://HOST:PORT");
        assert_eq!(fault("grpc://h:1/db"), "nothing stands behind the port, not `/db`");
        assert_eq!(fault("grpc://h:1?ca=x"), "`ca` needs grpc+tls://");
        assert_eq!(fault("grpc://u@h:1?token=x"), "a user or a token, not both");
        assert_eq!(
            fault("grpc://h:1?tokn=x"),
            "`tokn` is no parameter of a server's URL; there are token, ca, cert, key, connect_timeout"
        );
        assert_eq!(
            fault("grpc://h:1?connect_timeout=soon"),
            "connect_timeout=soon: a whole number of seconds, please"
        );
    }
}
