//! Secrets as digests under a key of this process: what is kept and compared is never the secret itself.

use std::fmt;

use jsonwebtoken::{Algorithm, EncodingKey, crypto};

use crate::server::{Error, Result};

/// Bytes of the key.
const KEY: usize = 32;

/// HMAC-SHA-256 under a random key that nobody else knows. Finding a digest in a map tells an observer of its timing
/// nothing about the secret.
#[derive(Clone)]
pub(super) struct Seal(EncodingKey);

/// A secret's digest.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Digest(String);

impl Seal {
    /// A new key.
    pub(super) fn new() -> Result<Seal> {
        Ok(Seal(EncodingKey::from_secret(&random::<KEY>()?)))
    }

    /// The digest of `parts`, none of which holds a NUL, in this order.
    pub(super) fn digest(&self, parts: &[&str]) -> Option<Digest> {
        let message = parts.join("\0");
        crypto::sign(message.as_bytes(), &self.0, Algorithm::HS256).ok().map(Digest)
    }
}

/// Random bytes of the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digest").finish_non_exhaustive()
    }
}
