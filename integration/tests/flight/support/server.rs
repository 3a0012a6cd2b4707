//! `intarsia serve`, as an operator starts it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::LazyLock,
};

use super::world;

/// Who may call the server with users.
pub(crate) const USER: &str = "ada";
/// With a colon, at which not every server splits it right.
pub(crate) const PASSWORD: &str = "open:sesame é";

/// Ends the server when the end of its own input comes, however the test process ends.
const WATCHDOG: &str = r#"
"$@" & server=$!
echo $server
read -r _
kill -KILL $server
"#;

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    /// `grpc://…` or `grpc+tls://…`.
    pub(crate) url: String,
    /// The process.
    pub(crate) pid: u32,
    watchdog: Child,
}

impl Server {
    /// Plain, and open to anybody on this machine.
    pub(crate) fn plain() -> Server {
        Server::start(&[])
    }

    /// With TLS and users.
    pub(crate) fn secure() -> Server {
        let files = Secrets::shared();
        let [certificate, key, users] = [&files.certificate, &files.key, &files.users];
        let [certificate, key, users] =
            [certificate, key, users].map(|path| path.to_str().unwrap());
        Server::start(&["--tls-cert", certificate, "--tls-key", key, "--users", users])
    }

    /// The certificate of servers with TLS, which is its own authority.
    pub(crate) fn certificate() -> &'static Path {
        &Secrets::shared().certificate
    }

    fn start(options: &[&str]) -> Server {
        let mut shell = Command::new("sh");
        shell.args(["-c", WATCHDOG, "watchdog"]).arg(binary());
        shell.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "-c"]);
        shell.arg(world::catalog()).args(options);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut watchdog = shell.spawn().unwrap();
        let mut output = BufReader::new(watchdog.stdout.take().unwrap());
        let pid = line(&mut output).parse().unwrap();
        let url = line(&mut output).strip_prefix("listening on ").unwrap().to_owned();
        Server { url, pid, watchdog }
    }
}

fn line(output: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(!line.is_empty(), "the server ended before it listened; see standard error above");
    line.trim_end().to_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ended = self.watchdog.wait();
    }
}

/// The program, beside the tests of the same build.
pub(crate) fn binary() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.ancestors().nth(2).unwrap().join("intarsia");
    assert!(
        binary.is_file(),
        "{} is not built; `cargo build --workspace --bin intarsia` builds it",
        binary.display()
    );
    binary
}

/// What a server with users has beside its catalog.
struct Secrets {
    certificate: PathBuf,
    key: PathBuf,
    users: PathBuf,
}

impl Secrets {
    fn shared() -> &'static Secrets {
        static SHARED: LazyLock<Secrets> = LazyLock::new(Secrets::make);
        &SHARED
    }

    fn make() -> Secrets {
        let folder = world::catalog().parent().unwrap();
        let at = |name: &str| folder.join(name);
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let secrets =
            Secrets { certificate: at("cert.pem"), key: at("key.pem"), users: at("users") };
        fs::write(&secrets.certificate, made.cert.pem()).unwrap();
        fs::write(&secrets.key, made.signing_key.serialize_pem()).unwrap();
        add_user(&secrets.users);
        secrets
    }
}

fn add_user(users: &Path) {
    let mut add = Command::new(binary());
    add.args(["users", "add"]).arg(users).arg(USER);
    let mut add = add.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(add.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let mut said = String::new();
    add.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(add.wait().unwrap().success(), "{said}");
}
