//! The programs of `flight-server/examples`, run as their comments say, at a server with TLS and users.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::support::{PASSWORD, Server, USER, binary, installed};

/// The richest customer of each region.
const RICHEST: &str = "EU: Ada 10.50\nUS: Grace -1.00\n";

#[test]
fn python_by_adbc() {
    let server = Server::secure();
    let mut python = Command::new(installed("python/bin/python", "Python with ADBC and pyarrow"));
    python.arg(example("adbc.py")).args([&server.url, USER]);
    let arrow = "3 customers: id int64, name string, balance decimal128(12, 2)\n";
    says(python, &format!("{RICHEST}{arrow}"));
}

#[test]
fn java_by_jdbc() {
    let server = Server::secure();
    let jars = installed("jdbc", "JDBC driver, or no Java 17 with Maven");
    let url = server.url.replace("grpc+tls", "jdbc:arrow-flight-sql");
    let url = format!("{url}?tlsRootCerts={}", Server::certificate().display());
    let mut java = Command::new("java");
    java.args(["--add-opens=java.base/java.nio=ALL-UNNAMED", "-cp"]).arg(jars.join("*"));
    java.arg(example("Jdbc.java")).args([&url, USER]);
    says(java, RICHEST);
}

#[test]
fn go_by_arrows_client() {
    let server = Server::secure();
    let mut go = Command::new(installed("go", "Go 1.25 or later"));
    go.args(["run", "-mod=readonly", "."]).args([&server.url, USER]);
    go.current_dir(example("go"));
    says(go, RICHEST);
}

#[test]
fn rust_by_our_client() {
    let server = Server::secure();
    let program = binary().with_file_name("examples").join("client");
    let hint = "`cargo build --workspace --example client` builds it";
    assert!(program.is_file(), "{} is not built; {hint}", program.display());
    let url = server.url.replace("://", &format!("://{USER}@"));
    let mut rust = Command::new(program);
    rust.arg(format!("{url}?ca={}", Server::certificate().display()));
    says(rust, RICHEST);
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("flight-server/examples")
        .join(name)
}

/// Runs a program, which says `expected` and no more.
#[track_caller]
fn says(mut program: Command, expected: &str) {
    program.env("INTARSIA_PASSWORD", PASSWORD).env("INTARSIA_CA", Server::certificate());
    let output = program.stdin(Stdio::null()).output().unwrap();
    let [out, err] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert_eq!((output.status.success(), out.as_str()), (true, expected), "{program:?}:\n{err}");
}
