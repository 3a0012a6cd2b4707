//! Cookies of sessions that have ended, and whose clients were told so.

use std::{
    collections::{HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
};

use tonic::Status;

use super::taken_back;

/// Cookies that are remembered. Whose is forgotten is told once more.
const TOLD: usize = 10_000;

/// Whose cookies were answered by an error, by their hashes: what a client sends as a cookie may be long.
#[derive(Debug, Default)]
pub(super) struct Lost {
    told: HashSet<u64>,
    oldest: VecDeque<u64>,
    hashes: RandomState,
}

impl Lost {
    /// The error for a client whose session has ended: once. It takes the cookie back, which JDBC, ODBC and our own client
    /// heed, but Go's drivers read no header of a stream that fails (arrow-go 18): an error for each call with that cookie
    /// would leave them unusable for ever.
    pub(super) fn tell(&mut self, cookie: &str) -> Result<(), Status> {
        let hash = self.hashes.hash_one(cookie);
        if !self.told.insert(hash) {
            return Ok(());
        }
        self.oldest.push_back(hash);
        if self.oldest.len() > TOLD
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.told.remove(&oldest);
        }
        Err(ended())
    }
}

/// Not UNAUTHENTICATED: clients answer that by logging in and asking again, and nobody hears of the lost settings.
fn ended() -> Status {
    let mut status = Status::failed_precondition(
        "the session has ended, as it was not used for a while, made room for newer ones or the server was started anew, \
         and what was set in it is lost: set it again; what is asked next runs in the catalog's settings",
    );
    status.metadata_mut().insert("set-cookie", taken_back());
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cookie_is_told_once_and_a_bounded_number_is_remembered() {
        let mut lost = Lost::default();
        assert!(lost.tell("a").is_err() && lost.tell("b").is_err());
        assert!(lost.tell("a").is_ok() && lost.tell("b").is_ok());
        for cookie in 0..TOLD {
            assert!(lost.tell(&cookie.to_string()).is_err());
        }
        assert_eq!((lost.told.len(), lost.oldest.len()), (TOLD, TOLD));
        assert!(lost.tell("a").is_err());
    }
}
