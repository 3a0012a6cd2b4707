//! How many statements run at once: each holds a few messages that no pool counts. Further ones wait in line, the first
//! to come first, for their user's others and then for everybody's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use super::handles::Owner;

/// Whose turn it is to run.
#[derive(Debug)]
pub(crate) struct Turns {
    all: Line,
    per_user: usize,
    users: Mutex<HashMap<Arc<str>, Weak<Line>>>,
}

/// A turn, until dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _all: Spot,
    _own: Option<(Spot, Arc<Line>)>,
}

impl Turns {
    /// At most so many in all, and of them of one user.
    pub(crate) fn new(all: usize, per_user: usize) -> Turns {
        Turns { all: Line::new(all), per_user, users: Mutex::default() }
    }

    /// Waits until a statement of `owner` may run. Where there are no users, nobody has a line of their own.
    ///
    /// # Errors
    /// UNAVAILABLE if as many wait as may run.
    pub(crate) async fn take(&self, owner: &Owner) -> Result<Turn, Status> {
        let own = match owner {
            Some(user) => {
                let line = self.line(user);
                let spot = line.take().await.map_err(|full| full.of("of this user"))?;
                Some((spot, line))
            }
            None => None,
        };
        let all = self.all.take().await.map_err(|full| full.of("of all users"))?;
        Ok(Turn { _all: all, _own: own })
    }

    fn line(&self, user: &Arc<str>) -> Arc<Line> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = users.get(user).and_then(Weak::upgrade) {
            return line;
        }
        users.retain(|_, line| line.strong_count() > 0);
        let line = Arc::new(Line::new(self.per_user));
        users.insert(Arc::clone(user), Arc::downgrade(&line));
        line
    }
}

/// Those that run and those that wait behind them, as many again.
#[derive(Debug)]
struct Line {
    running: Arc<Semaphore>,
    present: Arc<Semaphore>,
    places: usize,
}

/// A place in a line.
#[derive(Debug)]
struct Spot {
    _running: OwnedSemaphorePermit,
    _present: OwnedSemaphorePermit,
}

/// A line that is as long as it may be.
struct Full(usize);

impl Line {
    fn new(places: usize) -> Line {
        let places = places.clamp(1, Semaphore::MAX_PERMITS / 2);
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Line { running: semaphore(places), present: semaphore(2 * places), places }
    }

    async fn take(&self) -> Result<Spot, Full> {
        let full = |_| Full(self.places);
        let present = Arc::clone(&self.present).try_acquire_owned().map_err(full)?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|_| Full(self.places))?;
        Ok(Spot { _running: running, _present: present })
    }
}

impl Full {
    fn of(self, whose: &str) -> Status {
        let places = self.0;
        let message = format!("{places} statements {whose} run and {places} wait: ask again later");
        Status::unavailable(message)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin};

    use futures::FutureExt;
    use tonic::Code;

    use super::*;

    fn user(name: &str) -> Owner {
        Some(name.into())
    }

    /// What comes of it at once, if it need not wait.
    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        pin!(future).now_or_never()
    }

    #[test]
    fn a_user_who_runs_much_waits_and_nobody_else_does() {
        let turns = Turns::new(3, 2);
        let (ada, bob) = (user("ada"), user("bob"));
        let first = now(turns.take(&ada)).unwrap().unwrap();
        let _second = now(turns.take(&ada)).unwrap().unwrap();
        assert!(now(turns.take(&ada)).is_none());
        let _bobs = now(turns.take(&bob)).unwrap().unwrap();
        drop(first);
        assert!(now(turns.take(&ada)).unwrap().is_ok());
    }

    #[test]
    fn who_has_waited_longest_is_next() {
        let turns = Turns::new(1, 1);
        let running = now(turns.take(&None)).unwrap().unwrap();
        let mut waiting = Box::pin(turns.take(&None));
        assert!(waiting.as_mut().now_or_never().is_none());
        let full = now(turns.take(&None)).unwrap().unwrap_err();
        assert_eq!(full.code(), Code::Unavailable);
        assert_eq!(full.message(), "1 statements of all users run and 1 wait: ask again later");
        drop(running);
        assert!(waiting.as_mut().now_or_never().unwrap().is_ok());
    }

    #[test]
    fn users_who_run_nothing_are_forgotten() {
        let turns = Turns::new(3, 2);
        drop(now(turns.take(&user("ada"))));
        let _bobs = now(turns.take(&user("bob")));
        assert_eq!(turns.users.lock().unwrap().len(), 1);
    }
}
