//! What a caller shows: a name and a password, or a token.

use std::fmt;

use arrow_flight::BasicAuth;
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use prost::Message;

/// ADBC sends Basic without base64's padding, Java, C++ and Rust with it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes of a name, of a password and of a token at most: nothing longer is hashed, kept or logged.
const LONGEST: usize = 16 << 10;

/// Credentials as they came, not judged yet.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// A user's own.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A token of this server's or of another authority.
    Bearer(String),
}

impl fmt::Debug for Credentials {
    /// Without the secret, and for a token there is nothing else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::Basic { user, .. } => {
                f.debug_struct("Basic").field("user", user).finish_non_exhaustive()
            }
            Credentials::Bearer(_) => f.debug_struct("Bearer").finish_non_exhaustive(),
        }
    }
}

impl Credentials {
    /// Reads an `authorization` header. `None` for what is neither Basic nor Bearer.
    pub(super) fn from_header(header: &[u8]) -> Option<Credentials> {
        let header = str::from_utf8(header).ok().filter(|header| header.len() <= LONGEST)?;
        let (scheme, value) = header.trim().split_once(' ')?;
        let value = value.trim();
        if scheme.eq_ignore_ascii_case("basic") {
            Credentials::from_basic(value)
        } else if scheme.eq_ignore_ascii_case("bearer") && !value.is_empty() {
            Some(Credentials::Bearer(value.to_owned()))
        } else {
            None
        }
    }

    /// Reads the value of a header with binary content: a token.
    pub(super) fn from_binary(header: &[u8]) -> Option<Credentials> {
        let token = BASE64.decode(header).ok().filter(|token| token.len() <= LONGEST)?;
        let token = String::from_utf8(token).ok().filter(|token| !token.is_empty())?;
        Some(Credentials::Bearer(token))
    }

    /// Reads the payload of a handshake, as pyarrow's and Java's older clients send it.
    pub(super) fn from_payload(payload: &Bytes) -> Option<Credentials> {
        let payload = Some(payload).filter(|payload| payload.len() <= LONGEST)?;
        let BasicAuth { username: user, password } = BasicAuth::decode(payload.clone()).ok()?;
        (!user.is_empty()).then_some(Credentials::Basic { user, password })
    }

    /// The name ends at the first colon; a password may have more of them.
    fn from_basic(value: &str) -> Option<Credentials> {
        let text = String::from_utf8(BASE64.decode(value).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Credentials::Basic { user: user.to_owned(), password: password.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(user: &str, password: &str) -> Option<Credentials> {
        Some(Credentials::Basic { user: user.to_owned(), password: password.to_owned() })
    }

    fn read(header: &str) -> Option<Credentials> {
        Credentials::from_header(header.as_bytes())
    }

    #[test]
    fn basic_is_read_with_padding_as_java_sends_it_and_without_as_adbc_does() {
        assert_eq!(read("Basic YWRhOng="), basic("ada", "x"));
        assert_eq!(read("Basic YWRhOng"), basic("ada", "x"));
        assert_eq!(read("basic  YWRhOng= "), basic("ada", "x"));
    }

    #[test]
    fn a_password_may_hold_colons_and_be_empty() {
        assert_eq!(read(&format!("Basic {}", BASE64.encode("ada:a:b:"))), basic("ada", "a:b:"));
        assert_eq!(read(&format!("Basic {}", BASE64.encode("ada:"))), basic("ada", ""));
    }

    #[test]
    fn what_is_neither_is_nothing() {
        for header in ["", "Basic", "Basic !", "Basic YWRh", "Bearer ", "Digest x", "Basic gIA6"] {
            assert_eq!(read(header), None, "{header}");
        }
        assert_eq!(read(&format!("Bearer {}", "x".repeat(LONGEST))), None);
        assert_eq!(Credentials::from_header(b"Bearer \xff"), None);
    }

    #[test]
    fn a_payload_holds_a_name_and_a_password_of_some_length() {
        let payload = |user: &str, password: &str| {
            let login = BasicAuth { username: user.to_owned(), password: password.to_owned() };
            Credentials::from_payload(&login.encode_to_vec().into())
        };
        assert_eq!(payload("ada", "sesame"), basic("ada", "sesame"));
        assert_eq!(payload("", "sesame"), None);
        assert_eq!(payload("ada", &"x".repeat(LONGEST)), None);
        assert_eq!(payload(&"x".repeat(LONGEST), ""), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?} {:?}", basic("ada", "sesame"), read("Bearer sesame"));
        assert!(shown.contains("ada") && !shown.contains("sesame"), "{shown}");
    }
}
