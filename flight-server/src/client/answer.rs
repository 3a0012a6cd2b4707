//! An answer: its columns, and its rows as they come.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use arrow_flight::{FlightInfo, Ticket, decode::FlightRecordBatchStream};
use futures::{FutureExt, Stream, StreamExt, future::BoxFuture};

use super::{Protocol, Result};

/// The rows of an answer, a stream of batches of [`Answer::schema`]; whole only when it ends without an error.
/// Dropped before its end, it stops the query.
pub struct Answer {
    schema: SchemaRef,
    protocol: Protocol,
    tickets: VecDeque<Ticket>,
    part: Part,
}

/// The part of the answer that is being read.
enum Part {
    None,
    Asked(BoxFuture<'static, Result<FlightRecordBatchStream>>),
    Open(Box<FlightRecordBatchStream>),
}

impl Answer {
    /// The answer that `info` tells of. Its parts are read one after another, in order.
    pub(super) async fn open(protocol: Protocol, info: FlightInfo) -> Result<Answer> {
        let tickets = info.endpoint.iter().filter_map(|endpoint| endpoint.ticket.clone()).collect();
        let schema = info.try_decode_schema()?.into();
        let mut answer = Answer { schema, protocol, tickets, part: Part::None };
        // Asked for at once: an error that is known by now is told by the call that asked the question.
        if let Some(ticket) = answer.tickets.pop_front() {
            answer.part = Part::Open(Box::new(answer.protocol.do_get(ticket).await?));
        }
        Ok(answer)
    }

    /// The names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    fn ask(&mut self, ticket: Ticket) {
        let mut protocol = self.protocol.clone();
        self.part = Part::Asked(async move { Ok(protocol.do_get(ticket).await?) }.boxed());
    }
}

impl Stream for Answer {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.part {
                Part::None => match self.tickets.pop_front() {
                    Some(ticket) => self.ask(ticket),
                    None => return Poll::Ready(None),
                },
                Part::Asked(asked) => match ready!(asked.poll_unpin(cx)) {
                    Ok(stream) => self.part = Part::Open(Box::new(stream)),
                    Err(error) => return Poll::Ready(Some(Err(self.end(error)))),
                },
                Part::Open(stream) => match ready!(stream.poll_next_unpin(cx)) {
                    Some(Ok(batch)) => return Poll::Ready(Some(Ok(batch))),
                    Some(Err(error)) => return Poll::Ready(Some(Err(self.end(error.into())))),
                    None => self.part = Part::None,
                },
            }
        }
    }
}

impl Answer {
    /// Nothing follows an error.
    fn end(&mut self, error: super::Error) -> super::Error {
        self.tickets.clear();
        self.part = Part::None;
        error
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("schema", &self.schema).finish_non_exhaustive()
    }
}
