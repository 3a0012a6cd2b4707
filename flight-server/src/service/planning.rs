//! Planning, followed to its end whichever that is.

use std::{mem, sync::Arc, time::Instant};

use tonic::{Code, Status};
use tracing::Instrument;

use crate::{
    observe::{Finished, Nothing, Watch},
    statements::{Planned, Text},
    status,
};

/// Plans a statement, watched.
pub(super) async fn planned(
    session: Arc<intarsia_engine::Session>,
    text: Arc<Text>,
    mut planning: Planning,
) -> Result<Planned, Status> {
    let query = session.sql_with(&text.sql, text.first().to_vec());
    match query.instrument(planning.watch.span()).await {
        Ok(query) => {
            let mut watch = planning.take();
            watch.planned(&query);
            Ok(Planned { query, watch })
        }
        Err(error) => {
            let status = status::status(&error);
            planning.end(status.code());
            Err(status)
        }
    }
}

/// What follows a query while it is planned. It is told also of an end that nobody sees: when its client's time is over or
/// the client is gone, and when planning panics, all that happens is that this is dropped.
pub(super) struct Planning {
    watch: Box<dyn Watch>,
    deadline: Option<Instant>,
}

impl Planning {
    /// For a client that stops waiting at `deadline`.
    pub(super) fn new(watch: Box<dyn Watch>, deadline: Option<Instant>) -> Planning {
        Planning { watch, deadline }
    }

    fn take(&mut self) -> Box<dyn Watch> {
        mem::replace(&mut self.watch, Box::new(Nothing))
    }

    fn end(&mut self, code: Code) {
        self.take().finished(&Finished::unplanned(code));
    }
}

impl Drop for Planning {
    fn drop(&mut self) {
        let late = self.deadline.is_some_and(|deadline| deadline <= Instant::now());
        self.end(match std::thread::panicking() {
            true => Code::Internal,
            false if late => Code::DeadlineExceeded,
            false => Code::Cancelled,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::Mutex,
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Ends(Arc<Mutex<Vec<Code>>>);

    impl Watch for Ends {
        fn finished(self: Box<Self>, finished: &Finished) {
            self.0.lock().unwrap().push(finished.code);
        }
    }

    #[test]
    fn planning_that_is_dropped_says_why() {
        let ends = Ends::default();
        let planning = |deadline| Planning::new(Box::new(ends.clone()), deadline);
        drop(planning(None));
        drop(planning(Some(Instant::now())));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _planning = planning(None);
            panic!("a test");
        }));
        assert!(panicked.is_err());
        planning(None).end(Code::Unavailable);
        drop(planning(None).take());
        let ends = ends.0.lock().unwrap();
        let expected = [Code::Cancelled, Code::DeadlineExceeded, Code::Internal, Code::Unavailable];
        assert_eq!(*ends, expected);
    }
}
