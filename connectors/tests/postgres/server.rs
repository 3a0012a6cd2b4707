//! A real PostgreSQL server in a temporary folder on a free port, for all tests of this process.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

/// What the server answers as.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// The certificate of the authority that signed the server's.
    pub(crate) authority: PathBuf,
    /// Holds the pipe whose end stops the server, however this process ends.
    _watch: Child,
}

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// Stops the server when standard input ends, and takes its folder away.
const WATCH: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -k "$2" > "$2/log" 2>&1 & pid=$!
read -r _; kill -INT $pid; wait $pid; rm -rf "$2"
"#;

const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
fsync = off
max_connections = 200
ssl = on
ssl_cert_file = '../server.crt'
ssl_key_file = '../server.key'
";

/// Who may come in, and how: see the names.
const ACCESS: &str = "
host    all secret  127.0.0.1/32 scram-sha-256
hostssl all tlsonly 127.0.0.1/32 trust
host    all tlsonly 127.0.0.1/32 reject
host    all all     127.0.0.1/32 trust
local   all all     trust
";

impl Server {
    /// The server; the first to ask starts it.
    pub(crate) fn shared() -> &'static Server {
        &SERVER
    }

    fn start() -> Server {
        let bin = binaries();
        let dir = tempfile::Builder::new().prefix("intarsia-pg").tempdir().unwrap().keep();
        let data = dir.join("data");
        certificates(&dir);
        own(&dir);
        let collation = ["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"];
        let initdb = as_server(&bin.join("initdb"))
            .args(["-U", "app", "-E", "UTF8", "--no-sync", "-D"])
            .arg(&data)
            .args(collation)
            .output()
            .unwrap();
        assert!(initdb.status.success(), "{}", String::from_utf8_lossy(&initdb.stderr));
        append(&data.join("postgresql.conf"), SETTINGS);
        fs::write(data.join("pg_hba.conf"), ACCESS).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let watch = as_server(Path::new("sh"))
            .args(["-c", WATCH, "watch"])
            .args([&bin, &dir])
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        wait(&bin, port, &dir);
        Server { port, authority: dir.join("authority.crt"), _watch: watch }
    }
}

fn binaries() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut bins: Vec<_> = versions.map(|entry| entry.path().join("bin")).collect();
    bins.retain(|bin| bin.join("postgres").exists());
    bins.sort();
    bins.pop().expect("no PostgreSQL server is installed; `.ci/servers` installs it")
}

/// The server refuses to run as root.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

fn own(dir: &Path) {
    if is_root() {
        let chown = Command::new("chown").args(["-R", "postgres:postgres"]).arg(dir).status();
        assert!(chown.unwrap().success());
    }
    // Tests that do not run as the server read the authority's certificate.
    assert!(Command::new("chmod").args(["755"]).arg(dir).status().unwrap().success());
}

/// An authority, and a certificate of it for `localhost` only.
fn certificates(dir: &Path) {
    let script = r#"
set -e
cd "$1"
openssl req -x509 -newkey rsa:2048 -nodes -keyout authority.key -out authority.crt -days 9 -subj /CN=authority
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > extensions
openssl x509 -req -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 9 -extfile extensions -out server.crt
chmod 600 server.key
"#;
    let made = Command::new("sh").args(["-c", script, "sh"]).arg(dir).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn append(file: &Path, more: &str) {
    let before = fs::read_to_string(file).unwrap();
    fs::write(file, before + more).unwrap();
}

fn wait(bin: &Path, port: u16, dir: &Path) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let port = port.to_string();
    let ask = ["-q", "-h", "127.0.0.1", "-p", &port, "-U", "app", "-d", "postgres"];
    while !Command::new(bin.join("pg_isready")).args(ask).status().unwrap().success() {
        let log = || fs::read_to_string(dir.join("log")).unwrap_or_default();
        assert!(Instant::now() < deadline, "the server does not answer: {}", log());
        #[expect(clippy::disallowed_methods, reason = "before any runtime is needed")]
        std::thread::sleep(Duration::from_millis(50));
    }
}
