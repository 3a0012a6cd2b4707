//! Checking passwords: dear on purpose, so few at a time, and a right one is remembered for a moment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;
use tonic::Status;

use super::{
    seal::{Digest, Seal},
    users::{Hash, Users},
};

/// How many are checked at once: each takes a core and, by the recommended parameters, 19 MiB.
const AT_ONCE: usize = 2;
/// How many may wait for that. A flood of wrong passwords ends in a refusal, not in a queue of minutes.
const WAITING: usize = 64;
/// How long a right password is remembered: a client that sends it with every call pays once a minute.
const REMEMBERED: Duration = Duration::from_secs(60);
/// How many are remembered.
const REMEMBERED_AT_MOST: usize = 10_000;

/// Checks passwords against the users' hashes.
#[derive(Debug)]
pub(super) struct Passwords {
    seal: Seal,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    right: Mutex<HashMap<Digest, Instant>>,
}

impl Passwords {
    pub(super) fn new(seal: Seal) -> Passwords {
        Passwords {
            seal,
            running: Arc::new(Semaphore::new(AT_ONCE)),
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            right: Mutex::default(),
        }
    }

    /// The user, and the hash that the password fits. `None` says that name and password do not fit together, and takes
    /// as long whether or not there is such a user.
    ///
    /// # Errors
    /// UNAVAILABLE when too many wait already.
    pub(super) async fn check(
        &self,
        users: &Users,
        name: &str,
        password: &str,
    ) -> Result<Option<(Arc<str>, Hash)>, Status> {
        let known = users.get(name).map(|(name, hash)| (Arc::clone(name), hash.clone()));
        let Some(hash) = known.as_ref().map(|(_, hash)| hash).or_else(|| users.decoy()) else {
            return Ok(None);
        };
        let digest = self.seal.digest(&[name, hash.as_str(), password]);
        if known.is_some() && digest.as_ref().is_some_and(|digest| self.is_right(digest)) {
            return Ok(known);
        }
        let fits = self.fits(hash.clone(), password.to_owned()).await?;
        let Some(known) = known.filter(|_| fits) else { return Ok(None) };
        if let Some(digest) = digest {
            self.remember(digest);
        }
        Ok(Some(known))
    }

    async fn fits(&self, hash: Hash, password: String) -> Result<bool, Status> {
        let busy = || Status::unavailable("too many logins at once; try again");
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| busy())?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| busy())?;
        let checked = tokio::task::spawn_blocking(move || {
            // Held here: a caller that goes away does not make room, the work goes on.
            let _held = (admitted, running);
            hash.is_of(&password)
        });
        checked.await.map_err(|_| Status::internal("a password could not be checked"))
    }

    fn is_right(&self, digest: &Digest) -> bool {
        let right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        right.get(digest).is_some_and(|since| since.elapsed() < REMEMBERED)
    }

    fn remember(&self, digest: Digest) {
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.len() >= REMEMBERED_AT_MOST {
            right.retain(|_, since| since.elapsed() < REMEMBERED);
        }
        if right.len() < REMEMBERED_AT_MOST {
            right.insert(digest, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::users::tests::cheap, *};

    fn users(entries: &[(&str, &str)]) -> Users {
        let add = |text: String, (name, password): &(&str, &str)| {
            Users::with(&text, name, &cheap(password)).unwrap()
        };
        Users::parse(&entries.iter().fold(String::new(), add)).unwrap()
    }

    #[tokio::test]
    async fn name_and_password_fit_together_or_not() {
        let passwords = Passwords::new(Seal::new().unwrap());
        let users = users(&[("ada", "sesame"), ("bob", "open")]);
        for (name, password, fits) in [
            ("ada", "sesame", true),
            ("ada", "open", false),
            ("eve", "sesame", false),
            ("", "", false),
        ] {
            let checked = passwords.check(&users, name, password).await.unwrap();
            assert_eq!(checked.map(|(name, _)| name.to_string()), fits.then(|| name.to_owned()));
        }
    }

    #[tokio::test]
    async fn a_right_password_is_remembered_and_a_changed_one_is_not() {
        let passwords = Passwords::new(Seal::new().unwrap());
        let old = users(&[("ada", "old")]);
        assert!(passwords.check(&old, "ada", "old").await.unwrap().is_some());
        passwords.running.close();
        assert!(passwords.check(&old, "ada", "old").await.unwrap().is_some(), "remembered");
        let new = users(&[("ada", "new")]);
        assert!(passwords.check(&new, "ada", "old").await.is_err(), "checked again");
    }

    #[tokio::test]
    async fn a_flood_of_logins_is_refused_and_not_queued() {
        let passwords = Arc::new(Passwords::new(Seal::new().unwrap()));
        let users = users(&[("ada", "sesame")]);
        let held = passwords.running.acquire_many(2).await.unwrap();
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..AT_ONCE + WAITING {
            let (passwords, users) = (Arc::clone(&passwords), users.clone());
            waiting.spawn(async move { passwords.check(&users, "ada", "wrong").await.is_ok() });
        }
        while passwords.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = passwords.check(&users, "ada", "wrong").await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Unavailable);
        drop(held);
        assert!(waiting.join_all().await.into_iter().all(|checked| checked));
    }
}
