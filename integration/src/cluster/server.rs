//! A server process with a folder of its own, which ends with its owner.

use std::{
    ffi::OsStr,
    fs,
    net::TcpListener,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::Result;

/// Runs the server in the background and waits for the end of its own input, which the test process holds
/// open: it comes when the [`Server`] is dropped and also when the test process is killed.
const WATCHDOG: &str = r#"folder=$1 signal=$2
shift 2
"$@" >"$folder/log" 2>&1 &
server=$!
read -r _
exec 2>/dev/null # where the shell would tell that the server was killed
kill -s "$signal" "$server"
wait "$server"
rm -rf "$folder""#;

/// A running server. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    watchdog: Child,
}

impl Server {
    /// Starts `command` (program first) in `folder`; `signal` is the one that ends it fastest.
    pub(crate) fn spawn(
        folder: Folder,
        port: u16,
        signal: &str,
        command: &[String],
    ) -> Result<Server> {
        let mut shell = folder.command("sh");
        shell.args(["-c", WATCHDOG, "watchdog"]).arg(folder.path()).arg(signal).args(command);
        // In a group of its own: Ctrl-C reaches the tests only, and their end is what ends the server.
        let watchdog = shell.stdin(Stdio::piped()).process_group(0).spawn()?;
        Ok(Server { folder: folder.keep(), port, watchdog })
    }

    /// The TCP port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What the server has logged, at most its last lines.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // Nobody is left to tell: a watchdog that cannot be waited for has ended.
        let _ = self.watchdog.wait();
    }
}

/// A temporary folder that belongs to the user that a server runs as.
#[derive(Debug)]
pub(crate) struct Folder {
    folder: TempDir,
    user: Option<String>,
}

impl Folder {
    /// A folder of the user that the tests run as.
    pub(crate) fn own() -> Result<Folder> {
        let folder = tempfile::Builder::new().prefix("intarsia-").tempdir()?;
        Ok(Folder { folder, user: None })
    }

    /// A folder for a server which refuses to run as root: then `user` runs it.
    pub(crate) fn of(user: &str) -> Result<Folder> {
        let Folder { folder, .. } = Folder::own()?;
        let user = is_root().then(|| user.to_owned());
        if let Some(user) = &user {
            run(Command::new("chown").arg(user).arg(folder.path()))?;
        }
        Ok(Folder { folder, user })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command that runs as the folder's owner.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = match &self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--init-groups", "--"]);
                command.arg(program);
                command
            }
        };
        command.current_dir(self.path());
        command
    }

    fn keep(self) -> PathBuf {
        self.folder.keep()
    }
}

/// Runs a command to its end; what it printed is the error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{command:?} failed: {}\n{out}{err}", output.status).into())
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The first of `candidates` that exists, a bare name being looked for in the usual folders of programs.
pub(crate) fn program(candidates: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .collect();
    let find =
        |name: &PathBuf| folders.iter().map(|folder| folder.join(name)).find(|p| p.is_file());
    candidates.iter().find_map(find)
}

/// What to say where a server is not installed.
pub(crate) fn missing(server: &str) -> String {
    format!("{server} is not installed; `.ci/servers` installs the servers that the tests need")
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
