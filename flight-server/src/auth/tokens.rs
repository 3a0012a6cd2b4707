//! Tokens that a handshake ends in: random, forgotten when unused, bounded in number.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    seal::{Digest, Seal, random},
    users::Hash,
};
use crate::server::Result;

/// Bytes of a token before it is spelled.
const BYTES: usize = 32;

/// How long tokens live, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenLimits {
    /// A token that is not used for this long is forgotten.
    pub idle: Duration,
    /// However much it is used, it ends after this time.
    pub lifetime: Duration,
    /// Tokens of one user; with one more, the one that was not used for the longest time is forgotten. So a user who
    /// never logs out pushes nobody else out.
    pub per_user: usize,
}

impl Default for TokenLimits {
    fn default() -> TokenLimits {
        TokenLimits {
            idle: Duration::from_secs(8 * 3600),
            lifetime: Duration::from_secs(7 * 24 * 3600),
            per_user: 1000,
        }
    }
}

/// The tokens that were issued and still hold. A restart forgets them all.
#[derive(Debug)]
pub(super) struct Tokens {
    seal: Seal,
    limits: TokenLimits,
    issued: Mutex<HashMap<Digest, Token>>,
}

/// Whose a token is.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    /// The user; `None` where there are no users.
    pub(super) user: Option<Arc<str>>,
    /// The password's hash at that time: a new password ends the tokens of the old one.
    pub(super) hash: Option<Hash>,
}

#[derive(Debug)]
struct Token {
    owner: Owner,
    issued: Instant,
    used: Instant,
}

impl Tokens {
    pub(super) fn new(seal: Seal, limits: TokenLimits) -> Tokens {
        Tokens { seal, limits, issued: Mutex::default() }
    }

    /// A new token.
    pub(super) fn issue(&self, owner: Owner) -> Result<String> {
        let token = URL_SAFE_NO_PAD.encode(random::<BYTES>()?);
        if let Some(digest) = self.seal.digest(&[&token]) {
            let now = Instant::now();
            let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
            issued.retain(|_, token| self.holds(token, now));
            self.make_room(&mut issued, &owner);
            issued.insert(digest, Token { owner, issued: now, used: now });
        }
        Ok(token)
    }

    /// The owner of a token, if it was issued here and still holds.
    pub(super) fn owner(&self, token: &str) -> Option<Owner> {
        let digest = self.seal.digest(&[token])?;
        let now = Instant::now();
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let token = issued.get_mut(&digest).filter(|token| self.holds(token, now))?;
        token.used = now;
        Some(token.owner.clone())
    }

    fn holds(&self, token: &Token, now: Instant) -> bool {
        now.duration_since(token.used) < self.limits.idle
            && now.duration_since(token.issued) < self.limits.lifetime
    }

    fn make_room(&self, issued: &mut HashMap<Digest, Token>, owner: &Owner) {
        let own = |token: &Token| token.owner.user == owner.user;
        while issued.values().filter(|token| own(token)).count() >= self.limits.per_user.max(1) {
            let stalest = issued.iter().filter(|(_, token)| own(token));
            let Some(stalest) =
                stalest.min_by_key(|(_, token)| token.used).map(|(digest, _)| digest.clone())
            else {
                return;
            };
            issued.remove(&stalest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(limits: TokenLimits) -> Tokens {
        Tokens::new(Seal::new().unwrap(), limits)
    }

    fn owner(name: &str) -> Owner {
        Owner { user: Some(name.into()), hash: None }
    }

    #[test]
    fn a_token_is_its_owners_and_no_other_text_is() {
        let tokens = tokens(TokenLimits::default());
        let (ada, bob) = (tokens.issue(owner("ada")).unwrap(), tokens.issue(owner("bob")).unwrap());
        assert_eq!(tokens.owner(&ada).unwrap().user.as_deref(), Some("ada"));
        assert_eq!(tokens.owner(&bob).unwrap().user.as_deref(), Some("bob"));
        assert!(ada.len() > 40 && ada != bob);
        for forged in ["", "x", &ada[1..], &format!("{ada}x"), &ada.to_uppercase()] {
            assert!(tokens.owner(forged).is_none(), "{forged}");
        }
    }

    #[test]
    fn ten_thousand_logins_of_one_user_push_out_that_users_oldest_only() {
        let tokens = tokens(TokenLimits { per_user: 10, ..TokenLimits::default() });
        let bob = tokens.issue(owner("bob")).unwrap();
        let first = tokens.issue(owner("ada")).unwrap();
        let last = (0..10_000).map(|_| tokens.issue(owner("ada")).unwrap()).last().unwrap();
        assert!(tokens.owner(&bob).is_some() && tokens.owner(&last).is_some());
        assert!(tokens.owner(&first).is_none());
        assert_eq!(tokens.issued.lock().unwrap().len(), 11);
    }

    #[test]
    fn a_token_ends_unused_and_at_the_latest_after_its_lifetime() {
        for (idle, lifetime) in [(0, 9), (9, 0)] {
            let (idle, lifetime) = (Duration::from_secs(idle), Duration::from_secs(lifetime));
            let tokens = tokens(TokenLimits { idle, lifetime, per_user: 9 });
            let token = tokens.issue(owner("ada")).unwrap();
            assert!(tokens.owner(&token).is_none());
        }
    }
}
