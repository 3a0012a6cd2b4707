//! The batches in the messages of an upload.
//!
//! Each message's header is looked at first: it may promise any number of bytes and values, and arrow believes it.

use std::panic::AssertUnwindSafe;

use arrow::{
    array::RecordBatch,
    ipc::{self, MessageHeader, root_as_message_with_opts},
};
use arrow_flight::{FlightData, decode::FlightRecordBatchStream, error::FlightError};
use flatbuffers::VerifierOptions;
use futures::{Stream, StreamExt, TryStreamExt};
use tonic::Status;

/// Bytes of all messages of an upload.
pub(super) const BYTES: usize = 64 << 20;
/// Values in them, also those inside of lists and those that are NULL: for a NULL no byte need come.
pub(super) const VALUES: usize = 1 << 20;

/// A header may show the same bytes in many places; written out it is no larger than this. 100,000 columns fit.
const HEADER: VerifierOptions = VerifierOptions {
    max_depth: 64,
    max_tables: 1 << 18,
    max_apparent_size: 32 << 20,
    ignore_missing_null_terminator: false,
};

/// The batches among the messages. A message that only names the command holds none.
pub(super) fn batches(
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + 'static,
) -> impl Stream<Item = Result<RecordBatch, Status>> + Send + 'static {
    let mut left = Left { bytes: BYTES, values: VALUES };
    let messages = messages.try_filter(|message| {
        let holds_something = !message.data_header.is_empty();
        async move { holds_something }
    });
    let messages = messages
        .map(move |message| message.and_then(|message| left.take(&message).map(|()| message)));
    let decoded =
        FlightRecordBatchStream::new_from_flight_data(messages.map_err(FlightError::from));
    // Arrow panics at types that it does not know, and at counts that do not agree.
    AssertUnwindSafe(decoded).catch_unwind().map(|decoded| match decoded {
        Ok(Ok(batch)) => Ok(batch),
        Ok(Err(FlightError::Tonic(status))) => Err(*status),
        Ok(Err(other)) => Err(undecodable(other)),
        Err(_) => Err(undecodable("arrow cannot read them")),
    })
}

fn undecodable(why: impl std::fmt::Display) -> Status {
    Status::invalid_argument(format!("the rows of values do not decode: {why}"))
}

/// How much more an upload may hold.
struct Left {
    bytes: usize,
    values: usize,
}

impl Left {
    /// Takes a message that may be decoded.
    fn take(&mut self, message: &FlightData) -> Result<(), Status> {
        let bytes = message.data_header.len() + message.data_body.len();
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(too_many_bytes)?;
        let header =
            root_as_message_with_opts(&HEADER, &message.data_header).map_err(undecodable)?;
        let batch = match header.header_type() {
            MessageHeader::DictionaryBatch => match header.header_as_dictionary_batch() {
                Some(batch) if batch.isDelta() => return Err(delta()),
                batch => batch.and_then(|batch| batch.data()),
            },
            _ => header.header_as_record_batch(),
        };
        match batch {
            Some(batch) if batch.compression().is_some() => Err(compressed()),
            Some(batch) => self.batch(&batch, message.data_body.len()),
            None => Ok(()),
        }
    }

    fn batch(&mut self, batch: &ipc::RecordBatch<'_>, body: usize) -> Result<(), Status> {
        let nodes = batch.nodes().into_iter().flatten().map(ipc::FieldNode::length);
        for length in nodes.chain([batch.length()]) {
            let length = usize::try_from(length).map_err(undecodable)?;
            self.values = self.values.checked_sub(length).ok_or_else(too_many_values)?;
        }
        fits(batch, body)
    }
}

/// Each buffer lies in the body, and no two in the same bytes: else a small body could make many large columns.
fn fits(batch: &ipc::RecordBatch<'_>, body: usize) -> Result<(), Status> {
    let mut left = body;
    for buffer in batch.buffers().into_iter().flatten() {
        let length = usize::try_from(buffer.length()).map_err(undecodable)?;
        let offset = usize::try_from(buffer.offset()).map_err(undecodable)?;
        let inside = offset.checked_add(length).is_some_and(|end| end <= body);
        match left.checked_sub(length) {
            Some(rest) if inside => left = rest,
            _ => return Err(undecodable("their buffers are larger than what came of them")),
        }
    }
    Ok(())
}

pub(super) fn too_many_bytes() -> Status {
    let mib = BYTES >> 20;
    Status::resource_exhausted(format!("at most {mib} MiB of values can be bound at once"))
}

fn too_many_values() -> Status {
    Status::resource_exhausted(format!("at most {VALUES} values can be bound at once"))
}

/// No released client compresses values, and how large they become nobody knows before they are.
fn compressed() -> Status {
    Status::invalid_argument("the rows of values are compressed: send them without compression")
}

/// Every one would make a copy of all before it.
fn delta() -> Status {
    Status::invalid_argument("a dictionary of values comes in pieces: send each dictionary whole")
}
