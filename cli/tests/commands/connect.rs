//! `intarsia query --connect`: the same answers and exit statuses from a server.

use std::{fs, time::Duration};

use crate::{
    interrupt,
    server::Server,
    support::{Ended, Folder, endless, shop},
};

const ALL: &str = "SELECT id, name, balance FROM customers ORDER BY id";

/// A folder with a user `ada`, whose password is `s3cret`.
fn with_user() -> Folder {
    let folder = shop();
    assert_eq!(folder.run_with(&["users", "add", "users", "ada"], "s3cret\n").status, 0);
    folder
}

#[test]
fn a_server_answers_as_its_catalog_does() {
    let folder = shop();
    let server = Server::start(&folder, "shop.yaml", &[]);
    for format in ["table", "csv", "json", "ndjson"] {
        let ask = |from: [&str; 2], sql| {
            folder.run(&["query", from[0], from[1], "--format", format, sql]).well()
        };
        for sql in
            [ALL, "SELECT id FROM customers WHERE id > 9", "SELECT 1 AS a; SELECT upper('b')"]
        {
            let here = ask(["-c", "shop.yaml"], sql);
            assert_eq!(ask(["--connect", &server.url], sql), here, "{format}");
        }
    }
}

#[test]
fn a_setting_lasts_for_the_script() {
    let folder = shop();
    let server = Server::start(&folder, "shop.yaml", &[]);
    let sql = "SET intarsia.disabled_rules = 'top_n'; SHOW intarsia.disabled_rules";
    let run = folder.run(&["query", "--connect", &server.url, "--format", "csv", sql]);
    assert_eq!(run.well(), "name,value\nintarsia.disabled_rules,top_n\n");
}

#[test]
fn faults_have_the_statuses_and_the_words_that_they_have_here() {
    let folder = shop();
    let server = Server::start(&folder, "shop.yaml", &[]);
    for sql in ["SELEKT 1", "SELECT\n  nam FROM customers", "DELETE FROM customers"] {
        let here = folder.run(&["query", "-c", "shop.yaml", sql]);
        let there = folder.run(&["query", "--connect", &server.url, sql]);
        assert_eq!((here.status, there.status), (1, 1), "{sql}");
        assert_eq!(there.err, here.err, "{sql}");
    }
    fs::remove_file(folder.path("vault.db")).unwrap();
    let run = folder.run(&["query", "--connect", &server.url, ALL]);
    assert_eq!((run.status, run.out.as_str()), (3, ""), "{}", run.err);
    assert!(run.err.contains("node `vault`"), "{}", run.err);
}

#[test]
fn the_url_is_at_fault_or_the_server_is_not_there() {
    let folder = shop();
    let nobody = "grpc://127.0.0.1:1";
    for (url, status, word) in [
        ("http://127.0.0.1:1", 2, "grpc://"),
        ("grpc://127.0.0.1", 2, "port"),
        ("grpc+tls://127.0.0.1:1?ca=none.pem", 2, "none.pem"),
        ("grpc://ada@127.0.0.1:1", 2, "INTARSIA_PASSWORD"),
        (nobody, 3, nobody),
    ] {
        // Without a terminal to ask for a password.
        let mut command = std::process::Command::new("setsid");
        command.arg("-w").arg(env!("CARGO_BIN_EXE_intarsia"));
        let run = Ended::of(command.args(["query", "--connect", url, "SELECT 1"]));
        assert_eq!((run.status, run.out.as_str()), (status, ""), "{url}: {}", run.err);
        assert!(run.err.contains(word), "{url}: {}", run.err);
    }
    let both = folder.run(&["query", "-c", "shop.yaml", "--connect", nobody, "SELECT 1"]);
    assert_eq!(both.status, 2, "{}", both.err);
}

#[test]
fn a_server_goes_before_the_variable_for_the_catalog() {
    let folder = shop();
    let server = Server::start(&folder, "shop.yaml", &[]);
    let arguments = ["query", "--connect", &server.url, "--format", "csv", "SELECT 1 AS a"];
    let mut command = folder.command(&arguments);
    assert_eq!(Ended::of(command.env("INTARSIA_CATALOG", "none.yaml")).well(), "a\n1\n");
}

#[test]
fn passwords_and_tokens_come_from_the_url_or_the_environment() {
    let folder = with_user();
    let server = Server::start(&folder, "shop.yaml", &["--users", "users"]);
    let ask = |url: &str, variable: (&str, &str)| {
        let arguments = ["query", "--connect", url, "--format", "csv", "SELECT 1 AS a"];
        Ended::of(folder.command(&arguments).env(variable.0, variable.1))
    };
    let none = ("INTARSIA_UNUSED", "");
    assert_eq!(ask(&server.url_of("ada:s3cret@"), none).well(), "a\n1\n");
    let url = server.url_of("ada@");
    assert_eq!(ask(&url, ("INTARSIA_PASSWORD", "s3cret")).well(), "a\n1\n");
    for refused in [
        ask(&server.url, none),
        ask(&server.url, ("INTARSIA_TOKEN", "s3cret")),
        ask(&url, ("INTARSIA_PASSWORD", "s3cret2")),
        ask(&server.url_of("bob:s3cret@"), none),
    ] {
        assert_eq!((refused.status, refused.out.as_str()), (3, ""), "{}", refused.err);
        assert!(!refused.err.contains("s3cret"), "{}", refused.err);
    }
}

#[test]
fn tls_asks_for_an_authority_that_is_trusted() {
    let folder = with_user();
    let host = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    fs::write(folder.path("cert.pem"), host.cert.pem()).unwrap();
    fs::write(folder.path("key.pem"), host.signing_key.serialize_pem()).unwrap();
    let tls = ["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--users", "users"];
    let server = Server::start(&folder, "shop.yaml", &tls);
    assert!(server.url.starts_with("grpc+tls://"), "{}", server.url);
    let url = server.url_of("ada:s3cret@");
    let ask = |url: &str| folder.run(&["query", "--connect", url, "SELECT 1"]);
    assert_eq!(ask(&format!("{url}?ca=cert.pem")).status, 0);
    for refused in [ask(&url), ask(&url.replace("grpc+tls", "grpc"))] {
        assert_eq!((refused.status, refused.out.as_str()), (3, ""), "{}", refused.err);
    }
}

#[test]
fn an_interrupted_query_ends_on_the_server_too() {
    let folder = endless();
    let mut server = Server::start(&folder, "n.yaml", &[]);
    let arguments = ["query", "--connect", &server.url, "SELECT i FROM endless WHERE i < 0"];
    let status = interrupt::after(folder.command(&arguments), Duration::from_secs(2));
    assert_eq!(status, Some(130));
    let line = server.logged(&["endless"]);
    assert!(line.contains("\"status\":\"CANCELLED\""), "{line}");
}
