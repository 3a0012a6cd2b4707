//! Logins, deadlines and encryption.

use std::{
    net::TcpListener,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use intarsia_catalog::{Address, Node, Secret, Type};
use intarsia_connectors::{Error, ErrorKind, Flavor, connect};
use tempfile::TempDir;

use crate::{
    server::{Server, with},
    support::{BOTH, query, server, values},
};

async fn refused(node: Node) -> Error {
    let error = connect(&Arc::new(node)).server().await.expect_err("it let us in");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    error
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it() {
    for flavor in BOTH {
        let mut node = server(flavor).await.node();
        node.password = Some(Secret::new("wr0ng-secret"));
        let error = refused(node).await;
        assert!(error.message().starts_with("refused the login: Access denied"), "{error}");
        assert!(!format!("{error} {error:?}").contains("wr0ng"), "{error:?}");
    }
}

#[tokio::test]
async fn an_unknown_database_is_told() {
    for flavor in BOTH {
        let mut node = server(flavor).await.node();
        if let Address::Server { database, .. } = &mut node.address {
            *database = "nowhere".to_owned();
        }
        assert!(refused(node).await.message().contains("nowhere"));
    }
}

#[tokio::test]
async fn a_server_that_is_away_or_silent_is_told_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut node = server(Flavor::MariaDb).await.node();
    node = with(node, "connect-timeout", "1");
    if let Address::Server { port, .. } = &mut node.address {
        *port = silent.local_addr().unwrap().port();
    }
    let since = Instant::now();
    let error = refused(node.clone()).await;
    assert_eq!(error.message(), "cannot be reached: no session within 1 s");
    assert!(since.elapsed() < Duration::from_secs(3));
    drop(silent);
    assert!(refused(node).await.message().starts_with("cannot be reached: "));
}

/// An authority, and a certificate of it for the host `db.test` alone.
fn certificates() -> TempDir {
    const MAKE: &str = "set -e
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 9 -subj /CN=authority
        openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -days 9 -subj /CN=other
        openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=db.test
        echo 'subjectAltName = DNS:db.test' > names
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 9 -extfile names \
            -out server.crt
        chmod a+r *";
    let dir = tempfile::tempdir().unwrap();
    let made = Command::new("sh").args(["-c", MAKE]).current_dir(&dir).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    dir
}

async fn encrypted(flavor: Flavor, files: &Path) -> Server {
    let file = |option: &str, name: &str| format!("{option}={}", files.join(name).display());
    let options =
        [file("ssl-ca", "ca.crt"), file("ssl-cert", "server.crt"), file("ssl-key", "server.key")];
    Server::start(flavor, &options.each_ref().map(String::as_str)).await
}

/// Whether a session of the node is encrypted.
async fn is_encrypted(node: Node) -> Result<bool, Error> {
    let status = query(
        "SHOW SESSION STATUS WHERE Variable_name = 'Ssl_cipher' AND Value <> ''",
        &[("Variable_name", Type::Text), ("Value", Type::Text)],
    );
    Ok(!values(&connect(&Arc::new(node)), status).await?.is_empty())
}

#[tokio::test]
async fn certificates_are_verified_as_far_as_the_url_says() {
    let files = certificates();
    let path = |name: &str| files.path().join(name).display().to_string();
    for flavor in BOTH {
        let server = encrypted(flavor, files.path()).await;
        let mode =
            |mode: &str, ca: &str| with(with(server.node(), "ssl-mode", mode), "ssl-ca", path(ca));
        assert!(!is_encrypted(with(server.node(), "ssl-mode", "DISABLED")).await.unwrap());
        assert!(is_encrypted(server.node()).await.unwrap(), "preferred on loopback");
        for (name, ca) in [("REQUIRED", "other.crt"), ("VERIFY_CA", "ca.crt")] {
            assert!(is_encrypted(mode(name, ca)).await.unwrap(), "{flavor:?} {name}");
        }
        for (name, ca) in [
            ("VERIFY_CA", "other.crt"),
            ("VERIFY_IDENTITY", "ca.crt"), // valid for db.test, not for 127.0.0.1
            ("VERIFY_IDENTITY", "other.crt"),
        ] {
            let error = refused(mode(name, ca)).await;
            assert!(error.message().contains("certificate"), "{flavor:?} {name} {ca}: {error}");
        }
        let ca_alone = with(server.node(), "ssl-ca", path("other.crt"));
        assert!(refused(ca_alone).await.message().contains("certificate"));
        server.stop();
    }
}
