//! A statement that is prepared once and asked with other values each time.

use arrow::{array::RecordBatch, datatypes::Schema};
use arrow_flight::sql::client::PreparedStatement;

use super::{Answer, Protocol, Result, conversation::Conversation};

/// A prepared statement. The server forgets it on [`Prepared::close`], or when it was not used for a while.
#[derive(Debug)]
pub struct Prepared {
    protocol: Protocol,
    statement: PreparedStatement<Conversation>,
}

impl Prepared {
    pub(super) fn new(protocol: Protocol, statement: PreparedStatement<Conversation>) -> Prepared {
        Prepared { protocol, statement }
    }

    /// The columns of its answers, as far as they are known without the values.
    ///
    /// # Errors
    /// If the server's answer cannot be read.
    pub fn schema(&self) -> Result<&Schema> {
        Ok(self.statement.dataset_schema()?)
    }

    /// The types of its parameters, in order.
    ///
    /// # Errors
    /// If the server's answer cannot be read.
    pub fn parameters(&self) -> Result<&Schema> {
        Ok(self.statement.parameter_schema()?)
    }

    /// Starts it without values.
    ///
    /// # Errors
    /// As [`Client::query`](super::Client::query).
    pub async fn query(&mut self) -> Result<Answer> {
        let info = self.statement.execute().await?;
        Answer::open(self.protocol.clone(), info).await
    }

    /// Starts it with a row of values, a column a parameter, in order; with several rows, once for each.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](super::ErrorKind::Invalid) also if a value does not become its parameter's type.
    pub async fn query_with(&mut self, values: RecordBatch) -> Result<Answer> {
        self.statement.set_parameters(values)?;
        self.query().await
    }

    /// Gives it back.
    ///
    /// # Errors
    /// If the server cannot be reached any more.
    pub async fn close(self) -> Result<()> {
        Ok(self.statement.close().await?)
    }
}
