use arrow_flight::BasicAuth;
use http::HeaderValue;
use prost::Message;
use tonic::Code;

use super::{super::users::tests::cheap, *};

const ADA: &str = "Basic YWRhOnNlc2FtZQ"; // ada:sesame

/// A file of users with these passwords, and what lets them in.
fn with_users(users: &[(&str, &str)]) -> (Authenticator, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    write(&path, users);
    let options = AuthOptions { users: Some(path), ..AuthOptions::default() };
    (Authenticator::open(&options).unwrap(), folder)
}

fn write(path: &std::path::Path, users: &[(&str, &str)]) {
    let add = |text: String, (name, password): &(&str, &str)| {
        Users::with(&text, name, &cheap(password)).unwrap()
    };
    std::fs::write(path, users.iter().fold(String::new(), add)).unwrap();
}

fn headers(name: &'static str, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(
        http::HeaderName::from_static(name),
        HeaderValue::from_str(value).unwrap(),
    )])
}

async fn ask(authenticator: &Authenticator, authorization: &str) -> Result<Caller, Code> {
    let headers = headers("authorization", authorization);
    authenticator.caller(&headers, None).await.map_err(|status| status.code())
}

async fn handshake(authenticator: &Authenticator, authorization: &str) -> Result<String, Status> {
    let metadata = MetadataMap::from_headers(headers("authorization", authorization));
    authenticator.handshake(&metadata, Vec::new()).await.map(|granted| granted.token)
}

#[tokio::test]
async fn a_user_is_known_by_password_and_by_the_token_of_the_handshake() {
    let (authenticator, _folder) = with_users(&[("ada", "sesame")]);
    let caller = ask(&authenticator, ADA).await.unwrap();
    assert_eq!((caller.user.as_deref(), caller.token), (Some("ada"), None));
    let token = handshake(&authenticator, ADA).await.unwrap();
    let caller = ask(&authenticator, &format!("Bearer {token}")).await.unwrap();
    assert_eq!((caller.user.as_deref(), caller.token.as_deref()), (Some("ada"), Some(&*token)));
}

/// JDBC and ODBC with `token=` begin so.
#[tokio::test]
async fn a_handshake_with_a_token_answers_that_token() {
    let (authenticator, _folder) = with_users(&[("ada", "sesame")]);
    let token = handshake(&authenticator, ADA).await.unwrap();
    assert_eq!(handshake(&authenticator, &format!("Bearer {token}")).await.unwrap(), token);
    assert_eq!(
        handshake(&authenticator, "Bearer x").await.unwrap_err().code(),
        Code::Unauthenticated
    );
}

/// pyarrow's `ClientAuthHandler` and Java's older one.
#[tokio::test]
async fn old_clients_send_the_password_as_payload_and_the_token_as_binary_header() {
    let (authenticator, _folder) = with_users(&[("ada", "sesame")]);
    let login = BasicAuth { username: "ada".to_owned(), password: "sesame".to_owned() };
    let payload = Bytes::from(login.encode_to_vec());
    let granted = authenticator.handshake(&MetadataMap::new(), vec![payload]).await.unwrap();
    let token = MetadataMap::from_headers(HeaderMap::new());
    let mut token_header = token;
    token_header.insert_bin(
        OLD_TOKEN,
        tonic::metadata::MetadataValue::from_bytes(granted.token.as_bytes()),
    );
    let caller = authenticator.caller(token_header.as_ref(), None).await.unwrap();
    assert_eq!(caller.user.as_deref(), Some("ada"));
}

#[tokio::test]
async fn a_refusal_does_not_tell_what_was_wrong() {
    let (authenticator, _folder) = with_users(&[("ada", "sesame")]);
    let refused = |header: &'static str| {
        let authenticator = &authenticator;
        async move { handshake(authenticator, header).await.unwrap_err() }
    };
    let (no_user, no_password) = (refused("Basic ZXZlOng=").await, refused("Basic YWRhOng=").await);
    assert_eq!(no_user.code(), Code::Unauthenticated);
    assert_eq!((no_user.code(), no_user.message()), (no_password.code(), no_password.message()));
    for odd in ["Digest x", "Basic !", "Bearer forged", "Basic"] {
        assert_eq!(ask(&authenticator, odd).await, Err(Code::Unauthenticated), "{odd}");
    }
    let none = authenticator.caller(&HeaderMap::new(), None).await.unwrap_err();
    assert_eq!(none.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_new_password_and_a_removed_user_end_the_tokens() {
    let (authenticator, folder) = with_users(&[("ada", "sesame"), ("bob", "open")]);
    let ada = format!("Bearer {}", handshake(&authenticator, ADA).await.unwrap());
    let bob = format!("Bearer {}", handshake(&authenticator, "Basic Ym9iOm9wZW4=").await.unwrap());
    write(&folder.path().join("users"), &[("ada", "sesame2")]);
    authenticator.files().iter().for_each(|file| file.reload());
    for token in [ada, bob] {
        assert_eq!(ask(&authenticator, &token).await, Err(Code::Unauthenticated));
    }
    assert_eq!(ask(&authenticator, ADA).await, Err(Code::Unauthenticated), "the old password");
}

#[tokio::test]
async fn without_users_anybody_is_anonymous_and_tokens_tell_sessions_apart() {
    let authenticator = Authenticator::open(&AuthOptions::default()).unwrap();
    let nobody = authenticator.caller(&HeaderMap::new(), None).await.unwrap();
    assert_eq!(nobody, Caller::default());
    assert_eq!(ask(&authenticator, ADA).await.unwrap().user, None, "a name that nobody has proven");
    let token = handshake(&authenticator, ADA).await.unwrap();
    let caller = ask(&authenticator, &format!("Bearer {token}")).await.unwrap();
    assert_eq!((caller.user, caller.token.as_deref()), (None, Some(&*token)));
}

#[tokio::test]
async fn a_clients_certificate_names_the_user_where_nothing_else_does() {
    let authenticator = Authenticator::open(&AuthOptions::default()).unwrap();
    let certified = authenticator.caller(&HeaderMap::new(), Some("ada".into())).await.unwrap();
    assert_eq!(certified.user.as_deref(), Some("ada"));
    let (authenticator, _folder) = with_users(&[("ada", "sesame")]);
    let refused = authenticator.caller(&HeaderMap::new(), Some("ada".into())).await;
    assert!(refused.is_err(), "users are asked for their password too");
}

#[test]
fn a_name_in_the_log_is_short_and_one_line() {
    assert_eq!(shown_name("ada"), "ada");
    assert_eq!(shown_name("a\nb"), "a\\nb");
    assert_eq!(shown_name(&"é".repeat(1000)), format!("{}…", "é".repeat(SHOWN_CHARS)));
}
