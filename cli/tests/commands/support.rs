//! A folder with SQLite files and a catalog, and the program run beside them.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use intarsia_catalog::{Address, Backend, Node};
use tempfile::TempDir;

/// A folder of its own for a test.
pub(crate) struct Folder(TempDir);

/// How a run of the program ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(self, name: &str, text: &str) -> Folder {
        fs::write(self.path(name), text).unwrap();
        self
    }

    /// Runs a script on an SQLite file, which is made if it is not there.
    pub(crate) fn database(self, name: &str, script: &str) -> Folder {
        let node = Node {
            name: name.to_owned(),
            backend: Backend::Sqlite,
            address: Address::File(self.path(name)),
            password: None,
            zone: None,
            connections: 1,
        };
        let connector = intarsia_connectors::connect(&Arc::new(node));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(connector.run(&[script.to_owned()])).unwrap();
        self
    }

    /// The program, in this folder, with its variables unset.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_intarsia"));
        command.args(arguments).current_dir(self.0.path());
        for variable in ["INTARSIA_CATALOG", "INTARSIA_PASSWORD", "INTARSIA_TOKEN"] {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(&mut self.command(arguments))
    }

    /// Runs the program with `text` on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], text: &str) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Ended::from(child.wait_with_output().unwrap())
    }
}

impl Ended {
    pub(crate) fn of(command: &mut Command) -> Ended {
        Ended::from(command.output().unwrap())
    }

    /// The output of a run that went well and had nothing to remark.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }
}

impl From<std::process::Output> for Ended {
    fn from(output: std::process::Output) -> Ended {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let status = output.status.code().unwrap_or(-1);
        Ended { status, out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Numbers from 1 on, in a view that never ends.
pub(crate) fn endless() -> Folder {
    Folder::new()
        .database(
            "n.db",
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;",
        )
        .file(
            "n.yaml",
            "version: 1\nnodes: { n: { url: 'sqlite:n.db' } }\n\
             tables: { endless: { columns: { i: bigint }, layout: { stored: n.endless } } }\n",
        )
}

/// Customers in two houses, one of them split by columns.
pub(crate) fn shop() -> Folder {
    Folder::new()
        .database(
            "eu.db",
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, region TEXT NOT NULL, balance TEXT);
             INSERT INTO customers VALUES (1, 'Ada', 'EU', '12.50'), (2, '', 'EU', NULL), (3, NULL, 'EU', '-0.01');",
        )
        .database(
            "us.db",
            "CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT);
             INSERT INTO people VALUES (4, 'Bob, \"the\" first'), (5, 'Cy');",
        )
        .database(
            "vault.db",
            "CREATE TABLE balances (id INTEGER PRIMARY KEY, balance TEXT);
             INSERT INTO balances VALUES (4, '99.99'), (5, '0');",
        )
        .file("shop.yaml", SHOP)
}

const SHOP: &str = r#"version: 1
nodes:
  eu: { url: "sqlite:eu.db" }
  us: { url: "sqlite:us.db" }
  vault: { url: "sqlite:vault.db" }
tables:
  customers:
    columns:
      id: bigint not null
      name: text
      region: text not null
      balance: decimal(12,2)
    primary_key: [id]
    layout:
      horizontal:
        - { name: eu, where: region = 'EU', stored: eu.customers }
        - name: us
          where: region <> 'EU'
          vertical:
            - name: names
              columns: [name, region]
              stored: { at: us.people, columns: { name: full_name, region: "'US'" } }
            - { name: money, columns: [balance], stored: vault.balances }
"#;
