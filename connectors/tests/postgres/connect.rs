//! Logging in, and what keeps one from it.

use std::time::{Duration, Instant};

use intarsia_catalog::{Address, Secret, Type};
use intarsia_connectors::{Error, ErrorKind};

use crate::{
    server::Server,
    support::{Database, node, parameter, query},
};

async fn unavailable(database: &Database) -> Error {
    let error = database.connector.server().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(error.node(), "eu");
    error
}

fn user(node: &mut intarsia_catalog::Node, name: &str) {
    let Address::Server { user, .. } = &mut node.address else { panic!("a server") };
    *user = Some(name.to_owned());
}

fn port(node: &mut intarsia_catalog::Node, number: u16) {
    let Address::Server { port, .. } = &mut node.address else { panic!("a server") };
    *port = number;
}

fn host(node: &mut intarsia_catalog::Node, name: &str) {
    let Address::Server { host, .. } = &mut node.address else { panic!("a server") };
    *host = name.to_owned();
}

#[tokio::test]
async fn a_password_is_asked_for_and_never_told() {
    let database = Database::new(&[
        "DROP ROLE IF EXISTS secret",
        "CREATE ROLE secret LOGIN PASSWORD 'hunter\u{fc}2'",
    ])
    .await;
    let right = database.with(|node| {
        user(node, "secret");
        node.password = Some(Secret::new("hunter\u{fc}2"));
    });
    right.connector.server().await.unwrap();
    let wrong = database.with(|node| {
        user(node, "secret");
        node.password = Some(Secret::new("hunter3"));
    });
    let error = unavailable(&wrong).await;
    assert!(error.message().contains("password authentication failed"), "{error}");
    assert!(!format!("{error}{error:?}{:?}", wrong.connector).contains("hunter3"));
    let none = database.with(|node| user(node, "secret"));
    assert!(unavailable(&none).await.message().contains("password"));
}

#[tokio::test]
async fn what_does_not_answer_is_unavailable() {
    let database = Database::new(&[]).await;
    let error = unavailable(&database.with(|node| port(node, 1))).await;
    assert!(error.message().contains("refused"), "{error}");
    let nowhere = database.with(|node| {
        let Address::Server { database, .. } = &mut node.address else { panic!("a server") };
        *database = "nowhere".to_owned();
    });
    assert!(unavailable(&nowhere).await.message().contains("\"nowhere\" does not exist"));
    let dead = database.with(|node| port(node, 1));
    let error = dead.fails(query("SELECT 1", &[("a", Type::Integer)])).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_host_that_is_silent_is_given_up_at_the_deadline() {
    // Takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut node = node("postgres");
    port(&mut node, silent.local_addr().unwrap().port());
    parameter(&mut node, "connect_timeout", "1");
    let database = Database::new(&[]).await.with(|other| *other = node);
    let begun = Instant::now();
    let error = unavailable(&database).await;
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert_eq!(error.message(), "no connection within 1 s");
}

#[tokio::test]
async fn a_parameter_that_means_nothing_is_told() {
    let database = Database::new(&[]).await;
    let bad = [
        ("sslmode", "maybe", "sslmode is disable, prefer"),
        ("connect_timeout", "soon", "connect_timeout is a number of seconds, not `soon`"),
        ("sslcert", "/nowhere", "sslcert and sslkey go together"),
        ("sslrootcert", "/nowhere", ""),
    ];
    for (name, value, expected) in bad {
        let database = database.with(|node| {
            parameter(node, "sslmode", "verify-full");
            parameter(node, name, value);
        });
        assert!(unavailable(&database).await.message().contains(expected));
    }
}

/// Whether the node is reached with an `sslmode`, the server's authority known or not, under a name.
async fn reached(mode: &str, known: bool, name: &str) -> bool {
    let mut node = node("postgres");
    user(&mut node, "tlsonly");
    host(&mut node, name);
    parameter(&mut node, "sslmode", mode);
    if known {
        let authority = Server::shared().authority.to_str().unwrap();
        parameter(&mut node, "sslrootcert", authority);
    }
    let database = Database::new(&[]).await.with(|other| *other = node);
    match database.connector.server().await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
            false
        }
    }
}

#[tokio::test]
async fn tls_is_checked_as_sslmode_says() {
    Database::new(&[
        "DO $$ BEGIN CREATE ROLE tlsonly LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    ])
    .await;
    // The certificate is for `localhost`, not for its address.
    let cases = [
        ("disable", true, "localhost", false),
        ("prefer", false, "127.0.0.1", true),
        ("require", false, "127.0.0.1", true),
        ("verify-ca", false, "localhost", false),
        ("verify-ca", true, "127.0.0.1", true),
        ("verify-full", false, "localhost", false),
        ("verify-full", true, "127.0.0.1", false),
        ("verify-full", true, "localhost", true),
    ];
    for (mode, known, name, expected) in cases {
        assert_eq!(reached(mode, known, name).await, expected, "{mode} {known} {name}");
    }
}

#[tokio::test]
async fn a_connection_is_used_again_and_replaced_when_it_died() {
    let database = Database::new(&[]).await;
    let pid = "SELECT pg_backend_pid()::int8";
    let first = database.number(pid).await;
    assert_eq!(database.number(pid).await, first);
    let other = database.with(|_| {});
    // Waits for its end: a query that it takes meanwhile is cut off, which is no less right.
    other.number(&format!("SELECT pg_terminate_backend({first}, 10000)::int::int8")).await;
    assert_ne!(database.number(pid).await, first, "even if nobody had time to notice");
}
