//! Real servers of MySQL and MariaDB, started in a temporary folder on a free port.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use intarsia_catalog::{Address, Backend, Node, Secret};
use intarsia_connectors::{Connector, ErrorKind, Flavor, connect};

/// The user of the tests, who may do anything.
pub(crate) const USER: &str = "app";
/// Its password.
pub(crate) const PASSWORD: &str = "s3cret'\\";
/// Its database.
pub(crate) const DATABASE: &str = "shop";

/// A server, until the test process ends.
pub(crate) struct Server {
    pub(crate) flavor: Flavor,
    pub(crate) port: u16,
    /// Its folder; `data` in it.
    pub(crate) dir: PathBuf,
    /// Holds the pipe whose end stops the server, however the test process ends.
    watch: Mutex<Child>,
}

impl Server {
    /// Starts a server with options of its own and waits until it lets the test's user in.
    pub(crate) async fn start(flavor: Flavor, options: &[&str]) -> Server {
        let dir = tempfile::Builder::new().prefix("intarsia-my").tempdir().unwrap().keep();
        let binary = binary(flavor);
        initialize(flavor, &binary, &dir);
        fs::write(dir.join("init.sql"), init_sql()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let watch = spawn(flavor, &binary, &dir, port, options);
        let server = Server { flavor, port, dir, watch: Mutex::new(watch) };
        server.wait().await;
        server
    }

    async fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(25);
        loop {
            match self.connector().server().await {
                Ok(told) => return assert_eq!(told.flavor, self.flavor),
                Err(error)
                    if error.kind() != ErrorKind::Unavailable || Instant::now() > deadline =>
                {
                    let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
                    panic!("{error}\n{log}");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// A node of this server, to be changed by the test.
    pub(crate) fn node(&self) -> Node {
        Node {
            name: "us".to_owned(),
            backend: Backend::MySql,
            address: Address::Server {
                host: "127.0.0.1".to_owned(),
                port: self.port,
                user: Some(USER.to_owned()),
                database: DATABASE.to_owned(),
                parameters: BTreeMap::new(),
            },
            password: Some(Secret::new(PASSWORD)),
            zone: None,
            connections: 8,
        }
    }

    /// A connector of its own for one test: connections belong to the test's runtime.
    pub(crate) fn connector(&self) -> Arc<dyn Connector> {
        connect(&Arc::new(self.node()))
    }

    /// Stops the server.
    pub(crate) fn stop(&self) {
        let mut watch = self.watch.lock().unwrap();
        drop(watch.stdin.take());
        watch.wait().unwrap();
    }
}

/// Sets a parameter of a node's URL.
pub(crate) fn with(mut node: Node, name: &str, value: impl Into<String>) -> Node {
    let Address::Server { parameters, .. } = &mut node.address else { unreachable!() };
    parameters.insert(name.to_owned(), value.into());
    node
}

fn binary(flavor: Flavor) -> PathBuf {
    let found = match flavor {
        Flavor::MariaDb => ["/usr/sbin/mariadbd", "/usr/bin/mariadbd"].map(PathBuf::from).to_vec(),
        _ => vec![servers().join("mysql/mysqld")],
    };
    let there = found.iter().find(|path| path.exists());
    there.unwrap_or_else(|| panic!("no {flavor:?}: run .ci/servers")).clone()
}

/// Where `.ci/servers` puts what is no package of this system.
fn servers() -> PathBuf {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    variable("INTARSIA_SERVERS").unwrap_or_else(|| {
        let cache = variable("XDG_CACHE_HOME")
            .or_else(|| Some(variable("HOME")?.join(".cache")))
            .expect("neither INTARSIA_SERVERS nor HOME is set");
        cache.join("intarsia/servers")
    })
}

fn initialize(flavor: Flavor, binary: &Path, dir: &Path) {
    let data = format!("--datadir={}", dir.join("data").display());
    let mut command = match flavor {
        Flavor::MariaDb => {
            let mut command = Command::new("mariadb-install-db");
            command.args(["--no-defaults", "--auth-root-authentication-method=normal"]);
            command.arg("--skip-test-db");
            command
        }
        _ => {
            let mut command = Command::new(binary);
            command.args(["--no-defaults", "--initialize-insecure"]);
            command
        }
    };
    // Two servers that are made at the same time must not share temporary tables.
    let done = command.args([&data]).args(as_root()).env("TMPDIR", dir).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Both servers refuse to run as root unless told so.
fn as_root() -> Option<&'static str> {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    (id == b"0\n").then_some("--user=root")
}

/// A statement a line. MySQL and MariaDB spell backslashes in literals by their own default here.
fn init_sql() -> String {
    let password = PASSWORD.replace('\\', "\\\\").replace('\'', "''");
    format!(
        "CREATE DATABASE IF NOT EXISTS {DATABASE};\n\
         CREATE USER IF NOT EXISTS {USER}@'%' IDENTIFIED BY '{password}';\n\
         GRANT ALL ON *.* TO {USER}@'%' WITH GRANT OPTION;\n"
    )
}

/// Starts the server under a shell that stops it, and removes its folder, when the pipe to it ends.
fn spawn(flavor: Flavor, binary: &Path, dir: &Path, port: u16, options: &[&str]) -> Child {
    const WATCH: &str = r#"trap "" INT TERM; dir=$1; shift; "$@" >"$dir/log" 2>&1 </dev/null & server=$!
        read -r line; kill -9 $server; wait $server 2>/dev/null; rm -rf "$dir""#;
    let mut config = File::create(dir.join("my.cnf")).unwrap();
    writeln!(config, "[mysqld]").unwrap();
    let at = |name: &str| dir.join(name).display().to_string();
    let (data, socket, init) = (at("data"), at("sock"), at("init.sql"));
    writeln!(config, "datadir={data}\nsocket={socket}\ninit-file={init}\nport={port}").unwrap();
    writeln!(config, "pid-file={}\ntmpdir={}", at("pid"), dir.display()).unwrap();
    writeln!(config, "innodb-buffer-pool-size=32M\ninnodb-flush-log-at-trx-commit=0").unwrap();
    if flavor == Flavor::MySql {
        writeln!(config, "mysqlx=OFF\nskip-log-bin\nperformance-schema=OFF").unwrap();
    }
    for option in options {
        writeln!(config, "{option}").unwrap();
    }
    Command::new("sh")
        .args(["-c", WATCH, "sh"])
        .arg(dir)
        .arg(binary)
        .arg(format!("--defaults-file={}", at("my.cnf")))
        .args(as_root())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap()
}
