//! Who calls, and how a client becomes known.
//!
//! ```text
//! authorization: Basic …  ─users' hashes→ ┐
//! authorization: Bearer … ─our tokens, then another authority's keys→ ├ Caller, or UNAUTHENTICATED
//! client's certificate    ─its authority (in the TLS handshake)→ ┘
//! ```
//!
//! Once there are users or keys, every call needs credentials, but for two: Handshake, which judges its own, and gRPC's
//! health check, since who probes has none and learns nothing but that the server serves.

mod authenticator;
mod caller;
mod certificate;
mod credentials;
mod jwt;
mod layer;
mod passwords;
mod seal;
mod stranger;
mod tokens;
mod users;

use bytes::Bytes;
use tonic::{Status, metadata::MetadataMap};

pub use authenticator::{AuthOptions, Authenticator};
pub use caller::Caller;
pub use jwt::JwtOptions;
pub use tokens::TokenLimits;
pub use users::{Hash, Users};

pub(crate) use certificate::common_name;
pub(crate) use layer::Authenticated;

/// What a handshake ends in: a token that the client sends with every later call.
#[derive(Clone, PartialEq, Eq)]
pub struct Granted {
    /// The bearer token, without the word `Bearer`.
    pub token: String,
}

impl std::fmt::Debug for Granted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Granted").finish_non_exhaustive()
    }
}

/// Answers the Handshake call.
#[tonic::async_trait]
pub trait Handshake: std::fmt::Debug + Send + Sync + 'static {
    /// Judges the credentials in the call's metadata and in its payloads, of which there may be none.
    ///
    /// # Errors
    /// UNAUTHENTICATED, without a word about which part of the credentials was wrong.
    async fn handshake(
        &self,
        metadata: &MetadataMap,
        payloads: Vec<Bytes>,
    ) -> Result<Granted, Status>;
}

/// Lets anybody in, for a server without users.
#[derive(Debug, Clone, Copy, Default)]
pub struct Anybody;

#[tonic::async_trait]
impl Handshake for Anybody {
    async fn handshake(&self, _: &MetadataMap, _: Vec<Bytes>) -> Result<Granted, Status> {
        Ok(Granted { token: crate::statements::fresh_id()? })
    }
}
