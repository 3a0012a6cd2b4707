//! The URL of a node: what it speaks, where it is, who logs in.

use std::{collections::BTreeMap, path::PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use super::secret::Resolved;
use crate::{
    Address, Backend,
    names::{either, list, suggest},
};

/// What a URL says.
#[derive(Debug)]
pub(super) struct NodeUrl {
    pub(super) backend: Backend,
    pub(super) address: Address,
    pub(super) password: Option<String>,
}

const POSTGRES_PORT: u16 = 5432;
const MYSQL_PORT: u16 = 3306;

/// Reads a URL; everything wrong with it goes to `faults`, never with a part that may be secret.
pub(super) fn read(url: &Resolved, faults: &mut Vec<String>) -> Option<NodeUrl> {
    let Some((scheme, rest)) = url.text.split_once(':') else {
        faults
            .push("this is no URL: it begins with `postgresql:`, `mysql:` or `sqlite:`".to_owned());
        return None;
    };
    match scheme.to_ascii_lowercase().as_str() {
        "postgresql" | "postgres" => server(url, Backend::Postgres, faults),
        "mysql" | "mariadb" => server(url, Backend::MySql, faults),
        "sqlite" => file(rest, faults),
        _ => {
            let shown = url.show(scheme, "this scheme");
            let known = ["postgresql", "postgres", "mysql", "mariadb", "sqlite"];
            let hint = if url.secret { String::new() } else { suggest(scheme, known) };
            faults.push(format!("no database speaks {shown}{hint} (known: {})", list(&known)));
            None
        }
    }
}

/// `sqlite:PATH`, also `sqlite://PATH`.
fn file(rest: &str, faults: &mut Vec<String>) -> Option<NodeUrl> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.contains(['?', '#']) {
        faults.push("an SQLite URL has no parameters (write `?` as %3F, `#` as %23)".to_owned());
        return None;
    }
    let path = decode(path, "path", faults)?;
    if path.is_empty() || path == ":memory:" {
        faults.push("an SQLite URL names a file: `sqlite:PATH`".to_owned());
        return None;
    }
    let address = Address::File(PathBuf::from(path));
    Some(NodeUrl { backend: Backend::Sqlite, address, password: None })
}

fn server(url: &Resolved, backend: Backend, faults: &mut Vec<String>) -> Option<NodeUrl> {
    if !well_formed(&url.text, faults) {
        return None;
    }
    let parsed = match Url::parse(&url.text) {
        Ok(parsed) => parsed,
        Err(error) => {
            faults.push(format!("this is no URL: {error}"));
            return None;
        }
    };
    let port = port(&parsed, backend, faults);
    let host = host(&parsed, faults);
    let user = Some(parsed.username()).filter(|user| !user.is_empty());
    let user = user.map(|user| decode(user, "user", faults));
    let user_name = user.iter().flatten().next().map(String::as_str);
    let password = parsed.password().map(|password| decode(password, "password", faults));
    let database = match (backend, parsed.path(), user_name) {
        // As in every PostgreSQL client.
        (Backend::Postgres, "" | "/", Some(user)) => Some(user.to_owned()),
        _ => database(&parsed, faults),
    };
    let parameters = parameters(url, &parsed, backend, faults);
    let address = Address::Server {
        host: host?,
        port: port?,
        user: user.flatten(),
        database: database?,
        parameters,
    };
    Some(NodeUrl { backend, address, password: password.flatten() })
}

/// A `/`, `?` or `#` of a password that is not encoded ends the host early, and the `@` then stands behind
/// it: told before any part of the password is taken for something that messages show.
fn well_formed(url: &str, faults: &mut Vec<String>) -> bool {
    let behind_scheme = url.split_once("://").map(|(_, rest)| rest);
    let Some(rest) = behind_scheme else {
        faults.push("this is no URL: behind the scheme comes `://`".to_owned());
        return false;
    };
    let tail = rest.find(['/', '?', '#']).map_or("", |end| &rest[end..]);
    if tail.contains('@') {
        let message = "an `@` behind the host: in user and password write `/` as %2F, `?` as %3F, \
                       `#` as %23 and `@` as %40";
        faults.push(message.to_owned());
        return false;
    }
    if tail.contains('#') {
        faults.push("a URL of a node has no `#` (write it as %23)".to_owned());
        return false;
    }
    true
}

fn port(url: &Url, backend: Backend, faults: &mut Vec<String>) -> Option<u16> {
    let default = if backend == Backend::Postgres { POSTGRES_PORT } else { MYSQL_PORT };
    let port = url.port().unwrap_or(default);
    if port == 0 {
        faults.push("no server listens on port 0".to_owned());
        return None;
    }
    Some(port)
}

fn host(url: &Url, faults: &mut Vec<String>) -> Option<String> {
    let host = url.host_str().unwrap_or_default();
    if host.is_empty() {
        faults.push("the URL names no host".to_owned());
        return None;
    }
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => Some(address.to_owned()),
        None => decode(host, "host", faults),
    }
}

fn database(url: &Url, faults: &mut Vec<String>) -> Option<String> {
    let path = url.path().strip_prefix('/').unwrap_or_default();
    if path.is_empty() {
        faults.push("the URL names no database: it ends with `/DATABASE`".to_owned());
        return None;
    }
    if path.contains('/') {
        faults.push("a database has no `/` in its name (write it as %2F)".to_owned());
        return None;
    }
    decode(path, "database", faults)
}

fn decode(part: &str, what: &str, faults: &mut Vec<String>) -> Option<String> {
    match percent_decode_str(part).decode_utf8() {
        Ok(text) if !text.contains('\0') => Some(text.into_owned()),
        _ => {
            faults.push(format!("the {what} of the URL is no text once its %xx are decoded"));
            None
        }
    }
}

/// The query parameters: each known, once, with a value it may have.
fn parameters(
    url: &Resolved,
    parsed: &Url,
    backend: Backend,
    faults: &mut Vec<String>,
) -> BTreeMap<String, String> {
    let known = known_parameters(backend);
    let mut found = BTreeMap::new();
    for (name, value) in parsed.query_pairs() {
        let Some((_, values)) = known.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let hint =
                if url.secret { String::new() } else { suggest(&name, names.iter().copied()) };
            let shown = url.show(&name, "of this name");
            faults.push(format!("no parameter {shown}{hint} (known: {})", list(&names)));
            continue;
        };
        match values.take(&value) {
            Err(wanted) => {
                let shown = url.show(&value, "the value given");
                faults.push(format!("parameter `{name}`: {shown} is not {wanted}"));
            }
            Ok(value) => {
                if found.insert(name.clone().into_owned(), value).is_some() {
                    faults.push(format!("the parameter `{name}` is here twice"));
                }
            }
        }
    }
    found
}

/// What a parameter's values are.
enum Values {
    Any,
    Words(&'static [&'static str]),
    /// Words in any case, taken as they stand here.
    AnyCase(&'static [&'static str]),
    Seconds,
}

impl Values {
    /// The value in its one spelling, or what it should have been.
    fn take(&self, value: &str) -> Result<String, String> {
        let found = match self {
            Values::Any => return Ok(value.to_owned()),
            Values::Seconds => {
                let seconds = value.parse::<u32>();
                return seconds
                    .map(|seconds| seconds.to_string())
                    .map_err(|_| "a whole number of seconds".to_owned());
            }
            Values::Words(words) => (words.iter().find(|word| **word == value), words),
            Values::AnyCase(words) => {
                (words.iter().find(|word| word.eq_ignore_ascii_case(value)), words)
            }
        };
        found.0.map(|word| (*word).to_owned()).ok_or_else(|| either(found.1))
    }
}

const POSTGRES_MODES: &[&str] =
    &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const MYSQL_MODES: &[&str] = &["DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"];

/// The parameters as each database's own URLs name them.
fn known_parameters(backend: Backend) -> &'static [(&'static str, Values)] {
    match backend {
        Backend::Postgres => &[
            ("sslmode", Values::Words(POSTGRES_MODES)),
            ("sslrootcert", Values::Any),
            ("sslcert", Values::Any),
            ("sslkey", Values::Any),
            ("connect_timeout", Values::Seconds),
            ("application_name", Values::Any),
        ],
        Backend::MySql => &[
            ("ssl-mode", Values::AnyCase(MYSQL_MODES)),
            ("ssl-ca", Values::Any),
            ("ssl-cert", Values::Any),
            ("ssl-key", Values::Any),
            ("connect-timeout", Values::Seconds),
        ],
        Backend::Sqlite => &[],
    }
}
