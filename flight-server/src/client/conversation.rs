//! What stays the same from call to call: who asks, and which session it is.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::{
    HeaderMap, HeaderValue, Request, Response,
    header::{AUTHORIZATION, COOKIE, SET_COOKIE},
};
use tonic::{
    body::Body,
    transport::{Channel, Error},
};
use tower::Service;

/// A channel that sends the login and the cookies with each call, and keeps those that come back: a server may
/// change a token at any call.
#[derive(Clone)]
pub(super) struct Conversation {
    channel: Channel,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    authorization: Option<HeaderValue>,
    cookies: BTreeMap<String, String>,
}

impl Conversation {
    pub(super) fn new(channel: Channel) -> Conversation {
        Conversation { channel, kept: Arc::default() }
    }

    /// Sends `value` with each call from now on, until the server gives a token.
    pub(super) fn authorize(&self, value: HeaderValue) {
        self.with_kept(|kept| kept.authorization = Some(value));
    }

    fn with_kept<T>(&self, action: impl FnOnce(&mut Kept) -> T) -> T {
        action(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn add_to(&self, headers: &mut HeaderMap) {
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        if let (false, Ok(cookies)) = (cookies.is_empty(), HeaderValue::try_from(cookies)) {
            headers.insert(COOKIE, cookies);
        }
    }

    fn take_from(&mut self, headers: &HeaderMap) {
        if let Some(token) = headers.get(AUTHORIZATION).filter(|token| is_bearer(token)) {
            let mut token = token.clone();
            token.set_sensitive(true);
            self.authorization = Some(token);
        }
        for cookie in headers.get_all(SET_COOKIE) {
            let Some((name, value, gone)) = cookie.to_str().ok().and_then(cookie_of) else {
                continue;
            };
            if gone {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn is_bearer(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| text.len() > 7 && text[..7].eq_ignore_ascii_case("bearer "))
}

/// Name and value of a cookie, and whether it is taken back.
fn cookie_of(text: &str) -> Option<(&str, &str, bool)> {
    let mut parts = text.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let gone = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
    Some((name, value, gone))
}

impl Service<Request<Body>> for Conversation {
    type Response = Response<Body>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Response<Body>, Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.channel.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        self.with_kept(|kept| kept.add_to(request.headers_mut()));
        let answer = self.channel.call(request);
        let conversation = self.clone();
        Box::pin(async move {
            let response = answer.await?;
            conversation.with_kept(|kept| kept.take_from(response.headers()));
            Ok(response)
        })
    }
}

/// Without the token and the cookies.
impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(headers: &[(&'static str, &'static str)], kept: &mut Kept) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        kept.take_from(&map);
    }

    fn sent(kept: &Kept) -> HeaderMap {
        let mut headers = HeaderMap::new();
        kept.add_to(&mut headers);
        headers
    }

    #[test]
    fn a_token_that_comes_back_is_sent_from_then_on() {
        let mut kept = Kept::default();
        assert!(sent(&kept).is_empty());
        answered(&[("authorization", "Bearer one")], &mut kept);
        answered(&[("authorization", "Basic no-token")], &mut kept);
        assert_eq!(sent(&kept)["authorization"], "Bearer one");
        answered(&[("authorization", "Bearer two")], &mut kept);
        assert_eq!(sent(&kept)["authorization"], "Bearer two");
    }

    #[test]
    fn cookies_are_kept_replaced_and_dropped() {
        let mut kept = Kept::default();
        answered(&[("set-cookie", "s=1; Path=/; HttpOnly"), ("set-cookie", "t=2")], &mut kept);
        assert_eq!(sent(&kept)["cookie"], "s=1; t=2");
        answered(&[("set-cookie", "s=3"), ("set-cookie", "t=; Max-Age=0")], &mut kept);
        assert_eq!(sent(&kept)["cookie"], "s=3");
    }
}
