//! Threads of their own for queries, so that one that works for long between two yields never holds up the threads that
//! answer clients.

use std::{future::Future, time::Instant};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinSet,
};
use tonic::Status;

/// The threads.
#[derive(Debug)]
pub(crate) struct Workers {
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Workers {
    /// As many threads as `threads`.
    ///
    /// # Errors
    /// If the system gives no more threads.
    pub(crate) fn start(threads: usize) -> std::io::Result<Workers> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("query")
            .enable_all()
            .build()?;
        Ok(Workers { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Runs `work` there until it is done, `deadline` is over or the caller is gone, whichever comes first.
    ///
    /// # Errors
    /// Those of `work`; DEADLINE_EXCEEDED.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Status>> + Send + 'static,
        deadline: Option<Instant>,
    ) -> Result<T, Status> {
        let mut tasks = JoinSet::new();
        tasks.spawn_on(work, &self.handle);
        tokio::select! {
            biased;
            done = tasks.join_next() => match done {
                Some(Ok(result)) => result,
                Some(Err(error)) => Err(broken(&error)),
                None => Err(Status::internal("a task is gone")),
            },
            () = until(deadline) => Err(deadline_exceeded()),
        }
    }

    /// Starts `work` there; it is stopped when `tasks` is dropped.
    pub(crate) fn spawn(
        &self,
        tasks: &mut JoinSet<()>,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        tasks.spawn_on(work, &self.handle);
    }
}

impl Drop for Workers {
    /// A runtime must not wait for its threads where it is dropped by a task.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Waits until `deadline`, or for ever.
pub(crate) async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// The client's own time is over.
pub(crate) fn deadline_exceeded() -> Status {
    Status::deadline_exceeded("the time that the client gave this call is over")
}

/// A task panicked or its threads are gone.
pub(crate) fn broken(error: &tokio::task::JoinError) -> Status {
    tracing::error!(%error, "a query's task broke off");
    crate::status::internal()
}
