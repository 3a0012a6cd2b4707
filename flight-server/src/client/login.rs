//! The beginning and the end of a session.

use arrow_flight::{Action, HandshakeRequest, flight_service_client::FlightServiceClient};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::{TryStreamExt, stream};
use http::HeaderValue;
use tonic::Request;

use super::{Error, ErrorKind, Protocol, Result, address::Credentials, conversation::Conversation};

/// Logs in. A user's name and password are sent once and give a token; a server that gives none is sent them with
/// each call.
pub(super) async fn log_in(
    mut service: FlightServiceClient<Conversation>,
    conversation: &Conversation,
    credentials: &Credentials,
) -> Result<()> {
    match credentials {
        Credentials::Nobody => Ok(()),
        Credentials::Token(token) => {
            conversation.authorize(secret(format!("Bearer {token}"))?);
            Ok(())
        }
        Credentials::User(user, password) => {
            let basic = BASE64_STANDARD.encode(format!("{user}:{password}"));
            conversation.authorize(secret(format!("Basic {basic}"))?);
            let request = HandshakeRequest { protocol_version: 0, payload: Bytes::new() };
            let request = Request::new(stream::iter([request]));
            let answer = service.handshake(request).await?.into_inner();
            answer.try_for_each(|_| async { Ok(()) }).await?;
            Ok(())
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
