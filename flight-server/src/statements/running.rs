//! A query's rows on their way to the client: run on the workers, a few messages ahead of the reader.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use arrow_flight::FlightData;
use futures::{Stream, TryStreamExt, ready};
use intarsia_engine::{Canceller, Part, Query, Rows};
use tokio::{sync::mpsc, task::JoinSet};
use tonic::{Code, Status};

use super::{
    Statement, Text,
    handles::Owner,
    turns::Turns,
    workers::{Workers, broken, deadline_exceeded, until},
};
use crate::{
    encode::{Encoder, pieces},
    observe::{Finished, Watch},
    sessions::Use,
    status::{self, InQuery},
};

/// Messages of at most 2 MiB that wait for the reader.
const AHEAD: usize = 2;

/// How long a reader may leave a message waiting before its query ends.
const STALLED: Duration = Duration::from_secs(10 * 60);

/// What a run reads.
pub(crate) enum Work {
    /// All rows of an answer.
    Whole(Box<Query>),
    /// Those of a part of it.
    Part(Part),
}

impl Work {
    fn stream(self) -> intarsia_engine::Result<Rows> {
        match self {
            Work::Whole(query) => query.stream(),
            Work::Part(part) => part.stream(),
        }
    }

    fn timeout(&self) -> Option<Duration> {
        match self {
            Work::Whole(query) => query.timeout(),
            Work::Part(part) => part.timeout(),
        }
    }

    fn canceller(&self) -> Canceller {
        match self {
            Work::Whole(query) => query.canceller(),
            Work::Part(part) => part.canceller(),
        }
    }
}

/// A query about to run.
pub(crate) struct Run {
    /// What it is a run of: in use until its end, so that it can be cancelled for as long.
    pub(crate) statement: Arc<Statement>,
    /// The client's session, which does not end meanwhile.
    pub(crate) session: Option<Use>,
    /// What it does.
    pub(crate) running: Running,
    /// When the client stops waiting.
    pub(crate) deadline: Option<Instant>,
    /// Where it waits for its turn.
    pub(crate) turns: Arc<Turns>,
    /// Who runs it.
    pub(crate) owner: Owner,
}

impl Run {
    /// Starts it. Dropping the messages stops it.
    pub(crate) fn start(self, workers: &Workers) -> Messages {
        let (sender, messages) = mpsc::channel(AHEAD);
        let gone = Gone(self.running.work.canceller());
        let mut tasks = JoinSet::new();
        workers.spawn(&mut tasks, self.run(sender));
        Messages { messages, tasks, _gone: gone }
    }

    async fn run(self, sender: mpsc::Sender<Result<FlightData, Status>>) {
        let Run { statement, session, running, deadline, turns, owner } = self;
        let Running { work, mut report, again } = running;
        let encoder = Encoder::new(Arc::clone(&statement.schema));
        let timeout = work.timeout().and_then(|time| Instant::now().checked_add(time));
        let sending = Sending { sender: &sender, encoder, report: &mut report };
        // Waiting takes of the statement's own time.
        let in_turn = async {
            let _turn = turns.take(&owner).await?;
            sending.send(work, again).await
        };
        let outcome = tokio::select! {
            biased;
            () = statement.cancel.cancelled() => Err(Status::cancelled("the query was cancelled")),
            () = until(deadline) => Err(deadline_exceeded()),
            () = until(timeout) => Err(status::statement_timeout()),
            outcome = in_turn => outcome,
        };
        report.finish(outcome.as_ref().err().map_or(Code::Ok, Status::code));
        if let Err(status) = outcome {
            // The reader may be gone, and then nobody wants to know.
            let _ = sender.send(Err(status.in_query(&statement.id))).await;
        }
        drop(session);
    }
}

/// What a query does when it runs.
pub(crate) struct Running {
    /// What it reads first.
    pub(crate) work: Work,
    /// Tells how it ends, also if it is dropped before it begins.
    pub(crate) report: Report,
    /// Whether it is run again with the values of the rows that follow in the text, and where.
    pub(crate) again: Option<Again>,
}

/// A text that is run with one row of values after another.
pub(crate) struct Again {
    /// The settings.
    pub(crate) session: Arc<intarsia_engine::Session>,
    /// The text and all its values.
    pub(crate) text: Arc<Text>,
}

struct Sending<'a> {
    sender: &'a mpsc::Sender<Result<FlightData, Status>>,
    encoder: Encoder,
    report: &'a mut Report,
}

impl Sending<'_> {
    async fn send(mut self, work: Work, again: Option<Again>) -> Result<(), Status> {
        self.message(self.encoder.schema()).await?;
        self.rows(work).await?;
        let Some(Again { session, text }) = again else { return Ok(()) };
        for (index, values) in text.later().iter().enumerate() {
            let query = session.sql_with(&text.sql, values.clone()).await;
            let query = query.map_err(|error| status::status(&error))?;
            self.encoder
                .check(&query.schema())
                .map_err(|column| of_other_type(&column, index + 2))?;
            self.rows(Work::Whole(Box::new(query))).await?;
        }
        Ok(())
    }

    async fn rows(&mut self, work: Work) -> Result<(), Status> {
        let mut rows = work.stream().map_err(|error| status::status(&error))?;
        while let Some(batch) = rows.try_next().await.map_err(|error| status::status(&error))? {
            self.report.batch(batch.num_rows());
            for piece in pieces(batch) {
                let message = self.encoder.message(&piece).map_err(|error| unsendable(&error))?;
                self.message(message).await?;
            }
        }
        Ok(())
    }

    async fn message(&mut self, message: FlightData) -> Result<(), Status> {
        self.report.bytes += (message.data_header.len() + message.data_body.len()) as u64;
        let ready = Instant::now();
        let sent = self.sender.send_timeout(Ok(message), STALLED).await;
        self.report.sending += ready.elapsed();
        match sent {
            Ok(()) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => {
                Err(Status::cancelled("the client is gone"))
            }
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                let seconds = STALLED.as_secs();
                let message = format!("the client has read nothing for {seconds} s");
                Err(Status::deadline_exceeded(message))
            }
        }
    }
}

/// The runs of one text are one stream, of one schema.
fn of_other_type(column: &str, row: usize) -> Status {
    Status::invalid_argument(format!(
        "row {row} of the values makes column `{column}` of another type than the first row does: send it on its own"
    ))
}

fn unsendable(error: &arrow::error::ArrowError) -> Status {
    Status::invalid_argument(format!("a value does not go over the wire: {error}"))
}

/// Tells once how a query ended, whatever way it did.
pub(crate) struct Report {
    watch: Option<Box<dyn Watch>>,
    since: Instant,
    sending: Duration,
    rows: u64,
    bytes: u64,
    begun: bool,
}

impl Report {
    /// Tells `watch`.
    pub(crate) fn new(watch: Box<dyn Watch>) -> Report {
        Report {
            watch: Some(watch),
            since: Instant::now(),
            sending: Duration::ZERO,
            rows: 0,
            bytes: 0,
            begun: false,
        }
    }

    /// All is done, and there were no rows to send.
    pub(crate) fn done(mut self) {
        self.finish(Code::Ok);
    }

    fn batch(&mut self, rows: usize) {
        self.rows += rows as u64;
        if let (false, Some(watch)) = (self.begun, self.watch.as_mut()) {
            self.begun = true;
            watch.first_batch();
        }
    }

    fn finish(&mut self, code: Code) {
        if let Some(watch) = self.watch.take() {
            watch.finished(&Finished {
                code,
                rows: self.rows,
                bytes: self.bytes,
                ran: self.since.elapsed(),
                sending: self.sending,
            });
        }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.finish(Code::Cancelled);
    }
}

/// Cancels a query that nobody waits for any more, also in the midst of work that does not yield.
struct Gone(Canceller);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// The messages of one query.
pub(crate) struct Messages {
    messages: mpsc::Receiver<Result<FlightData, Status>>,
    tasks: JoinSet<()>,
    _gone: Gone,
}

impl Stream for Messages {
    type Item = Result<FlightData, Status>;

    /// Ends only when the query's task has ended in order: one that broke off must not look like the end of the rows.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(message) = ready!(self.messages.poll_recv(cx)) {
            return Poll::Ready(Some(message));
        }
        Poll::Ready(match ready!(self.tasks.poll_join_next(cx)) {
            Some(Err(error)) => Some(Err(broken(&error))),
            Some(Ok(())) | None => None,
        })
    }
}
