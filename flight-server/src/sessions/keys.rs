//! What a client is known by.

use std::{net::SocketAddr, sync::Arc};

use tonic::metadata::{Ascii, MetadataValue};

/// The cookie's name, as Arrow's own servers call it.
pub(crate) const COOKIE: &str = "arrow_flight_session_id";

/// What a header takes the cookie back with.
pub(crate) fn taken_back() -> MetadataValue<Ascii> {
    MetadataValue::from_static("arrow_flight_session_id=; Path=/; Max-Age=0")
}

/// All that a call says of its session.
#[derive(Clone, Default)]
pub(crate) struct Keys {
    /// The user, unless anonymous.
    pub(crate) user: Option<Arc<str>>,
    /// The cookie: a session's id.
    pub(crate) cookie: Option<String>,
    /// The bearer token.
    pub(crate) token: Option<Arc<str>>,
    /// The connection.
    pub(crate) peer: Option<SocketAddr>,
}

/// One thing that a client without a cookie is known by.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Token(Arc<str>),
    Peer(Option<Arc<str>>, SocketAddr),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Key::Token(_) => "Token(…)",
            Key::Peer(..) => "Peer(…)",
        })
    }
}

impl Keys {
    /// The token alone if there is one: it is good on any connection. Else the connection.
    pub(crate) fn all(&self) -> impl Iterator<Item = Key> + use<> {
        let token = self.token.clone().map(Key::Token);
        let peer = self.peer.map(|peer| Key::Peer(self.user.clone(), peer));
        token.or(peer).into_iter()
    }
}
