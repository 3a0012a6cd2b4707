//! `intarsia serve`, as an operator starts it.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::LazyLock,
};

use super::{many, secrets::Secrets, world};

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
        Server::start(world::catalog(), &[])
    }

    /// With TLS and users.
    pub(crate) fn secure() -> Server {
        let files = Secrets::shared();
        Server::with_tls(&[("--users", &files.users)])
    }

    /// With mutual TLS: whoever has a certificate may call. It ends with the process of the tests.
    pub(crate) fn mutual() -> &'static Server {
        static MUTUAL: LazyLock<Server> = LazyLock::new(|| {
            Server::with_tls(&[("--tls-client-ca", &Secrets::shared().authority)])
        });
        &MUTUAL
    }

    /// Over many tables. It ends with the process of the tests.
    pub(crate) fn of_many_tables() -> &'static Server {
        static MANY: LazyLock<Server> = LazyLock::new(|| Server::start(many::catalog(), &[]));
        &MANY
    }

    /// The certificate of servers with TLS, which is its own authority.
    pub(crate) fn certificate() -> &'static Path {
        &Secrets::shared().certificate
    }

    fn with_tls(more: &[(&str, &Path)]) -> Server {
        let files = Secrets::shared();
        let tls: [(&str, &Path); 2] =
            [("--tls-cert", &files.certificate), ("--tls-key", &files.key)];
        Server::start(world::catalog(), &[&tls[..], more].concat())
    }

    fn start(catalog: &Path, options: &[(&str, &Path)]) -> Server {
        let mut shell = Command::new("sh");
        shell.args(["-c", WATCHDOG, "watchdog"]).arg(binary());
        shell.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "-c"]).arg(catalog);
        for (option, file) in options {
            shell.arg(option).arg(file);
        }
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
