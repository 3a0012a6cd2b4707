//! A client of a Flight SQL server, for any Rust program: connect, ask, read batches as they come.
//!
//! ```no_run
//! use futures::TryStreamExt;
//! use intarsia_flight_server::client::Client;
//!
//! # async fn example() -> Result<(), intarsia_flight_server::client::Error> {
//! let client = Client::connect("grpc+tls://ada:secret@db.example:8815").await?;
//! let mut answer = client.query("SELECT region, count(*) FROM customers GROUP BY region").await?;
//! println!("{}", answer.schema());
//! while let Some(batch) = answer.try_next().await? {
//!     println!("{} rows", batch.num_rows());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A user's token ends some day, and with the server: the client then logs in again by itself.
//!
//! An answer that is dropped before its end stops the query on the server, and so on every node. Settings made with
//! `SET` belong to the client's session and are shared by its clones.

mod address;
mod answer;
mod conversation;
mod error;
mod login;
mod prepared;
mod tables;

use std::{fmt, sync::Arc};

use arrow_flight::{
    flight_service_client::FlightServiceClient, sql::client::FlightSqlServiceClient,
};
use intarsia_engine::{Result as EngineResult, session};

pub use address::Address;
pub use answer::Answer;
pub use error::{Error, ErrorKind, Result};
pub use prepared::Prepared;
pub use tables::{ForeignKey, Table};

use conversation::Conversation;
use login::Login;

/// The largest message that is taken. A server sends at most 2 MiB at a time, unless a single row is larger.
const MESSAGE_BYTES: usize = 256 << 20;

/// The protocol's own client over our channel.
type Protocol = FlightSqlServiceClient<Conversation>;

/// A connection to a server and a session there. Cheap to clone; clones may be used at once.
#[derive(Clone)]
pub struct Client {
    protocol: Protocol,
    login: Arc<Login>,
}

impl Client {
    /// Connects to the server at `url`, see [`Address`], and logs in if it names a user or a token.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if the URL is none; [`ErrorKind::Unavailable`] if nobody answers there;
    /// [`ErrorKind::Unauthenticated`] if the login is refused.
    pub async fn connect(url: &str) -> Result<Client> {
        Client::connect_to(&url.parse()?).await
    }

    /// The same with an address that was read before.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn connect_to(address: &Address) -> Result<Client> {
        let conversation = Conversation::new(address.channel().await?);
        let service = FlightServiceClient::new(conversation.clone())
            .max_decoding_message_size(MESSAGE_BYTES)
            .max_encoding_message_size(MESSAGE_BYTES);
        let login = Login::new(service.clone(), conversation, address.credentials().clone());
        login.log_in().await?;
        let protocol = FlightSqlServiceClient::new_from_inner(service);
        Ok(Client { protocol, login: Arc::new(login) })
    }

    /// Starts one statement.
    ///
    /// # Errors
    /// What the server finds wrong with it before the first row; the rest comes from the answer.
    pub async fn query(&self, sql: &str) -> Result<Answer> {
        let ask = || {
            let (mut protocol, sql) = (self.protocol.clone(), sql.to_owned());
            async move {
                let info = protocol.execute(sql, None).await?;
                Answer::open(protocol, info).await
            }
        };
        self.login.logged_in(ask).await
    }

    /// Prepares a statement with parameters, `?` or `$1`, `$2`, …
    ///
    /// # Errors
    /// What the server finds wrong with it.
    pub async fn prepare(&self, sql: &str) -> Result<Prepared> {
        let prepare = || {
            let (mut protocol, sql) = (self.protocol.clone(), sql.to_owned());
            async move { Ok(protocol.prepare(sql, None).await?) }
        };
        let statement = self.login.logged_in(prepare).await?;
        Ok(Prepared::new(self.protocol.clone(), statement))
    }

    /// Splits a script into its statements, as the server would read it. Nothing is sent.
    ///
    /// # Errors
    /// Where the text does not parse, with line and column.
    pub fn split(script: &str) -> EngineResult<Vec<String>> {
        session::split(script)
    }

    /// Ends the session: the server forgets its settings, which it else does after a while. Statements are not the
    /// session's: one that is prepared is forgotten when it is closed, or unused for a while.
    ///
    /// # Errors
    /// If the server cannot be reached any more.
    pub async fn close(self) -> Result<()> {
        login::close(self.protocol).await
    }
}

/// Without the login.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}
