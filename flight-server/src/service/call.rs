//! What a request says of its caller, session and time.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tonic::{Request, Status, metadata::MetadataMap};

use crate::{
    auth::Caller,
    sessions::{COOKIE, Keys},
};

/// One call: everything of a request besides its message.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// Who calls.
    pub(super) caller: Caller,
    /// The session's cookie, if the client keeps cookies.
    pub(super) cookie: Option<String>,
    /// The connection that it came by.
    pub(super) peer: Option<SocketAddr>,
    /// When the client stops waiting.
    pub(super) deadline: Option<Instant>,
    /// All of its metadata.
    pub(super) metadata: Arc<MetadataMap>,
}

/// What is left to tonic, whose own timer for the same header starts a moment earlier and says CANCELLED.
const HEAD_START: Duration = Duration::from_millis(5);

impl Call {
    /// Takes a request apart.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a `grpc-timeout` that does not read.
    pub(super) fn of<T>(request: Request<T>) -> Result<(Call, T), Status> {
        let peer = request.remote_addr();
        let (metadata, extensions, message) = request.into_parts();
        let timeout = metadata.get("grpc-timeout").map(|value| timeout(value.as_bytes()));
        let deadline = timeout
            .transpose()?
            .and_then(|time| Instant::now().checked_add(time.saturating_sub(HEAD_START)));
        let caller = extensions.get::<Caller>().cloned().unwrap_or_default();
        let cookie = cookie(&metadata);
        Ok((Call { caller, cookie, peer, deadline, metadata: Arc::new(metadata) }, message))
    }

    /// What its session is known by.
    pub(super) fn keys(&self) -> Keys {
        Keys {
            user: self.caller.user.clone(),
            cookie: self.cookie.clone(),
            token: self.caller.token.clone(),
            peer: self.peer,
        }
    }
}

/// Reads `grpc-timeout`: at most 8 digits and a unit.
fn timeout(value: &[u8]) -> Result<Duration, Status> {
    let read = || {
        let (unit, digits) = value.split_last()?;
        let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        Some(match unit {
            b'H' => Duration::from_secs(number.checked_mul(3600)?),
            b'M' => Duration::from_secs(number.checked_mul(60)?),
            b'S' => Duration::from_secs(number),
            b'm' => Duration::from_millis(number),
            b'u' => Duration::from_micros(number),
            b'n' => Duration::from_nanos(number),
            _ => return None,
        })
    };
    read().ok_or_else(|| Status::invalid_argument("`grpc-timeout` does not read"))
}

fn cookie(metadata: &MetadataMap) -> Option<String> {
    let headers = metadata.get_all("cookie").into_iter().filter_map(|value| value.to_str().ok());
    headers.flat_map(|header| header.split(';')).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name.trim() == COOKIE).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_have_units() {
        assert_eq!(timeout(b"5S").unwrap(), Duration::from_secs(5));
        assert_eq!(timeout(b"250m").unwrap(), Duration::from_millis(250));
        assert_eq!(timeout(b"99999999u").unwrap(), Duration::from_micros(99_999_999));
        for odd in [&b""[..], b"S", b"5", b"5x", b"-1S"] {
            assert!(timeout(odd).is_err());
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut metadata = MetadataMap::new();
        metadata.append("cookie", "a=1; arrow_flight_session_id=\"xyz\"; b=2".parse().unwrap());
        assert_eq!(cookie(&metadata).as_deref(), Some("xyz"));
    }
}
