//! The beginning and the end of a session.

use arrow_flight::{Action, HandshakeRequest, flight_service_client::FlightServiceClient};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::{TryStreamExt, stream};
use http::HeaderValue;
use tonic::Request;

use super::{Error, ErrorKind, Protocol, Result, address::Credentials, conversation::Conversation};

/// How to log in, and to do so again.
pub(super) struct Login {
    service: FlightServiceClient<Conversation>,
    conversation: Conversation,
    credentials: Credentials,
}

impl Login {
    pub(super) fn new(
        service: FlightServiceClient<Conversation>,
        conversation: Conversation,
        credentials: Credentials,
    ) -> Login {
        Login { service, conversation, credentials }
    }

    /// Logs in. A user's name and password are sent once and give a token; a server that gives none is sent them with
    /// each call.
    pub(super) async fn log_in(&self) -> Result<()> {
        match &self.credentials {
            Credentials::Nobody => Ok(()),
            Credentials::Token(token) => {
                self.conversation.authorize(secret(format!("Bearer {token}"))?);
                Ok(())
            }
            Credentials::User(user, password) => self.handshake(user, password).await,
        }
    }

    async fn handshake(&self, user: &str, password: &str) -> Result<()> {
        let basic = BASE64_STANDARD.encode(format!("{user}:{password}"));
        self.conversation.authorize(secret(format!("Basic {basic}"))?);
        let request = HandshakeRequest { protocol_version: 0, payload: Bytes::new() };
        let request = Request::new(stream::iter([request]));
        let answer = self.service.clone().handshake(request).await?.into_inner();
        answer.try_for_each(|_| async { Ok(()) }).await?;
        Ok(())
    }

    /// Calls, and where the token that was given for a password has ended, with its time or with the server, logs in and
    /// calls once more.
    pub(super) async fn logged_in<T, F: Future<Output = Result<T>>>(
        &self,
        call: impl Fn() -> F,
    ) -> Result<T> {
        match (call().await, &self.credentials) {
            (Err(error), Credentials::User(..)) if error.kind() == ErrorKind::Unauthenticated => {
                self.log_in().await?;
                call().await
            }
            (result, _) => result,
        }
    }
}

fn secret(text: String) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        Error::new(ErrorKind::Invalid, "a token is one line of printable ASCII characters")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Ends the session, where the server knows sessions.
pub(super) async fn close(mut protocol: Protocol) -> Result<()> {
    let action = Action { r#type: "CloseSession".to_owned(), body: Bytes::new() };
    let closed = async {
        let answer = protocol.do_action(action).await?;
        answer.try_for_each(|_| async { Ok(()) }).await?;
        Ok::<_, Error>(())
    };
    match closed.await {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        closed => closed,
    }
}
