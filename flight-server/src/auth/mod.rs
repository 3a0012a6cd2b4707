//! Who calls, and how a client becomes known.

mod caller;

use bytes::Bytes;
use tonic::{Status, metadata::MetadataMap};

pub use caller::Caller;

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
