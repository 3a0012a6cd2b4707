//! Judges credentials.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, header::AUTHORIZATION};
use tonic::{Status, metadata::MetadataMap};

use super::{
    Caller, Granted, Handshake, JwtOptions, TokenLimits, Users,
    credentials::Credentials,
    jwt::Jwt,
    passwords::Passwords,
    seal::Seal,
    tokens::{Owner, Tokens},
};
use crate::{
    reload::{Reload, Reloaded},
    server::Result,
};

/// Where pyarrow's and Java's older clients put the token of their handshake.
const OLD_TOKEN: &str = "auth-token-bin";

/// Who is let in. With neither users nor keys anybody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthOptions {
    /// The file of users; see [`Users`].
    pub users: Option<PathBuf>,
    /// Whose tokens are taken besides our own.
    pub jwt: Option<JwtOptions>,
    /// How long our own tokens live.
    pub tokens: TokenLimits,
}

/// Judges the credentials of calls and answers handshakes.
#[derive(Debug)]
pub struct Authenticator {
    users: Option<Arc<Reloaded<Users>>>,
    jwt: Option<Jwt>,
    passwords: Passwords,
    tokens: Tokens,
}

impl Authenticator {
    /// Reads the files; a [`Server`](crate::server::Server) reads them anew whenever they change.
    ///
    /// # Errors
    /// Names the file that cannot be read, and why.
    pub fn open(options: &AuthOptions) -> Result<Authenticator> {
        let users = options.users.clone().map(|path| {
            Reloaded::open("users", vec![path], |files| {
                let text = str::from_utf8(files.first().map_or(&[][..], Vec::as_slice));
                Users::parse(text.map_err(|error| error.to_string())?)
            })
        });
        let users = users.transpose()?.map(Arc::new);
        if users.as_ref().is_some_and(|users| users.current().is_empty()) {
            tracing::warn!("the file of users has none: nobody can log in with a password");
        }
        let seal = Seal::new()?;
        Ok(Authenticator {
            users,
            jwt: options.jwt.clone().map(Jwt::open).transpose()?,
            passwords: Passwords::new(seal.clone()),
            tokens: Tokens::new(seal, options.tokens),
        })
    }

    /// Whether calls need credentials.
    pub fn is_required(&self) -> bool {
        self.users.is_some() || self.jwt.is_some()
    }

    /// The files that may change.
    pub(crate) fn files(&self) -> Vec<Arc<dyn Reload>> {
        let users = self.users.clone().map(|users| users as Arc<dyn Reload>);
        let keys = self.jwt.as_ref().map(|jwt| Arc::clone(&jwt.keys) as Arc<dyn Reload>);
        users.into_iter().chain(keys).collect()
    }

    /// Who sends a call with these headers; `certified` is the name in the client's certificate.
    ///
    /// # Errors
    /// UNAUTHENTICATED, without a word about which part of the credentials was wrong.
    pub(crate) async fn caller(
        &self,
        headers: &HeaderMap,
        certified: Option<Arc<str>>,
    ) -> Result<Caller, Status> {
        match shown(headers)? {
            None if self.is_required() => Err(Status::unauthenticated(
                "this server asks for credentials: a user and a password, or a token",
            )),
            None => Ok(Caller { user: certified, token: None }),
            Some(Credentials::Basic { user, password }) => {
                let owner = self.login(&user, &password).await?;
                Ok(Caller { user: owner.user.or(certified), token: None })
            }
            Some(Credentials::Bearer(token)) => {
                let user = self.bearer(&token)?.or(certified);
                Ok(Caller { user, token: Some(token.into()) })
            }
        }
    }

    async fn login(&self, name: &str, password: &str) -> Result<Owner, Status> {
        if !self.is_required() {
            return Ok(Owner { user: None, hash: None });
        }
        let users = self.users.as_ref().map(|users| users.current()).unwrap_or_default();
        match self.passwords.check(&users, name, password).await? {
            Some((name, hash)) => Ok(Owner { user: Some(name), hash: Some(hash) }),
            None => {
                tracing::warn!(user = shown_name(name), "a login was refused");
                Err(refused())
            }
        }
    }

    /// The user of a token. Where nobody needs credentials any text is a token: it only tells sessions apart.
    fn bearer(&self, token: &str) -> Result<Option<Arc<str>>, Status> {
        if let Some(owner) = self.tokens.owner(token).filter(|owner| self.still_holds(owner)) {
            return Ok(owner.user);
        }
        if let Some(user) = self.jwt.as_ref().and_then(|jwt| jwt.user(token)) {
            return Ok(Some(user));
        }
        if self.is_required() { Err(refused()) } else { Ok(None) }
    }

    /// Whether the owner is still a user, with the same password.
    fn still_holds(&self, owner: &Owner) -> bool {
        let (Some(users), Some(user)) = (&self.users, &owner.user) else { return true };
        users.current().get(user).is_some_and(|(_, hash)| Some(hash) == owner.hash.as_ref())
    }
}

#[tonic::async_trait]
impl Handshake for Authenticator {
    /// Answers Basic with a token of ours, and a token with itself: JDBC's and ODBC's `token=` ask so.
    async fn handshake(
        &self,
        metadata: &MetadataMap,
        payloads: Vec<Bytes>,
    ) -> Result<Granted, Status> {
        let shown = shown(metadata.as_ref())?
            .or_else(|| payloads.iter().find_map(Credentials::from_payload));
        let owner = match shown {
            Some(Credentials::Bearer(token)) => {
                self.bearer(&token)?;
                return Ok(Granted { token });
            }
            Some(Credentials::Basic { user, password }) => self.login(&user, &password).await?,
            None if self.is_required() => return Err(refused()),
            None => Owner { user: None, hash: None },
        };
        let token =
            self.tokens.issue(owner).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Granted { token })
    }
}

/// The credentials in a call's headers.
fn shown(headers: &HeaderMap) -> Result<Option<Credentials>, Status> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        let read = Credentials::from_header(header.as_bytes());
        return read.map(Some).ok_or_else(|| {
            Status::unauthenticated("`authorization` is neither `Basic` with base64 of NAME:PASSWORD nor `Bearer` with a token")
        });
    }
    let Some(token) = headers.get(OLD_TOKEN) else { return Ok(None) };
    Credentials::from_binary(token.as_bytes()).map(Some).ok_or_else(refused)
}

/// Characters of a name in the log.
const SHOWN_CHARS: usize = 64;

/// A name that nobody may have, for the log.
fn shown_name(name: &str) -> String {
    let short: String = name.chars().take(SHOWN_CHARS).collect();
    let dots = if short.len() < name.len() { "…" } else { "" };
    format!("{}{dots}", short.escape_debug())
}

fn refused() -> Status {
    Status::unauthenticated("the credentials are not valid")
}

#[cfg(test)]
mod tests;
