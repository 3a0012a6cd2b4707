//! Batches in a temporary file, written at its end while they are read from its beginning.

use std::{
    fmt,
    fs::File,
    io::{BufReader, BufWriter, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow_array::RecordBatch;
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};

/// A temporary file of batches, deleted when dropped (or when the process dies: it has no name).
pub(super) struct Spill {
    writer: Mutex<StreamWriter<BufWriter<File>>>,
    reader: Mutex<Option<StreamReader<BufReader<File>>>>,
    unopened: Mutex<Option<File>>,
    written: AtomicU64,
    read: AtomicU64,
}

/// Why the file could not be used.
#[derive(Debug)]
pub(super) struct Failed(ArrowError);

impl From<ArrowError> for Failed {
    fn from(error: ArrowError) -> Failed {
        Failed(error)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Failed {
        Failed(error.into())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Spill {
    /// An empty file. Both ends have a position of their own, and its name is gone at once.
    pub(super) fn create(schema: &SchemaRef) -> Result<Spill, Failed> {
        let file = tempfile::NamedTempFile::with_prefix("intarsia-")?;
        let reading = file.reopen()?;
        let writer = StreamWriter::try_new(BufWriter::new(file.into_file()), schema)?;
        Ok(Spill {
            writer: Mutex::new(writer),
            reader: Mutex::default(),
            unopened: Mutex::new(Some(reading)),
            written: AtomicU64::new(0),
            read: AtomicU64::new(0),
        })
    }

    /// Whether all that was written has been read.
    pub(super) fn is_read(&self) -> bool {
        self.read.load(Ordering::Acquire) == self.written.load(Ordering::Acquire)
    }

    /// Adds a batch. It counts once it is whole in the file.
    pub(super) fn write(&self, batch: &RecordBatch) -> Result<(), Failed> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write(batch)?;
        writer.get_mut().flush()?;
        self.written.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// The oldest batch not read yet. The caller knows that there [is](Spill::is_read) one.
    pub(super) fn read(&self) -> Result<RecordBatch, Failed> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = self.unopened.lock().unwrap_or_else(PoisonError::into_inner).take() {
            *reader = Some(StreamReader::try_new(BufReader::new(file), None)?);
        }
        let gone = || Failed(ArrowError::IpcError("the file ended early".to_owned()));
        let batch = reader.as_mut().and_then(Iterator::next).ok_or_else(gone)??;
        self.read.fetch_add(1, Ordering::AcqRel);
        Ok(batch)
    }
}

impl fmt::Debug for Spill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (read, written) = (&self.read, &self.written);
        f.debug_struct("Spill")
            .field("read", read)
            .field("written", written)
            .finish_non_exhaustive()
    }
}
