//! A program that is a client: run once, its cases told one by one.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use super::{PASSWORD, Server, USER, secrets::Secrets, token, token_of_parts};

/// Seconds that a program may take in all. Each of its cases has a shorter time of its own.
const SECONDS: &str = "600";

/// How the cases of a program ended.
pub(crate) struct Program {
    name: String,
    /// What a case said if it failed.
    cases: BTreeMap<String, Result<(), String>>,
    /// Everything that the program said.
    output: String,
}

impl Program {
    /// Runs a Python program of `clients`: a module, or a package.
    pub(crate) fn python(name: &str) -> Program {
        let mut command = limited(installed("python/bin/python", "Python with ADBC and pyarrow"));
        command.args(["-m", name]).current_dir(sources());
        // Nothing is to lie between the sources.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        Program::run(name, command)
    }

    /// Compiles a Java program of `clients`, which is a package, and runs it with the JDBC driver.
    pub(crate) fn java(package: &str) -> Program {
        let jars = installed("jdbc", "JDBC driver, or no Java 17 with Maven");
        let classes = tempfile::tempdir().unwrap();
        compile(package, classes.path());
        let path = format!("{}:{}", classes.path().display(), jars.join("*").display());
        let mut command = limited("java");
        command.args(["-Duser.timezone=UTC", "--add-opens=java.base/java.nio=ALL-UNNAMED"]);
        command.args(["-cp", &path, &format!("{package}.Main")]);
        Program::run(package, command)
    }

    /// Runs a program against servers of its own. What it needs to know is in its environment.
    fn run(name: &str, mut command: Command) -> Program {
        let (plain, secure) = (Server::plain(), Server::secure());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let token = runtime.block_on(token(&secure, USER, PASSWORD));
        let parts_token = runtime.block_on(token_of_parts(&secure, USER, PASSWORD));
        let secrets = Secrets::shared();
        command
            .env("INTARSIA_PLAIN", &plain.url)
            .env("INTARSIA_SECURE", &secure.url)
            .env("INTARSIA_MUTUAL", &Server::mutual().url)
            .env("INTARSIA_MANY", &Server::of_many_tables().url)
            .env("INTARSIA_PIDS", format!("{} {}", plain.pid, secure.pid))
            .env("INTARSIA_CERTIFICATE", &secrets.certificate)
            .env("INTARSIA_CLIENT_CERTIFICATE", &secrets.client_certificate)
            .env("INTARSIA_CLIENT_KEY", &secrets.client_key)
            .env("INTARSIA_USER", USER)
            .env("INTARSIA_PASSWORD", PASSWORD)
            .env("INTARSIA_TOKEN", token)
            .env("INTARSIA_PARTS_TOKEN", parts_token);
        let output = command.stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Program::read(name, &output)
    }

    /// A case is a line of JSON, `{"case": …, "error": …}`.
    fn read(name: &str, output: &Output) -> Program {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let out = text(&output.stdout);
        let cases = out.lines().filter_map(|line| {
            let told: Value = serde_json::from_str(line).ok()?;
            let case = told.get("case")?.as_str()?.to_owned();
            let error = told.get("error").and_then(Value::as_str);
            Some((case, error.map_or(Ok(()), |error| Err(error.to_owned()))))
        });
        let cases = cases.collect();
        let output = format!("{}\n{out}{}", output.status, text(&output.stderr));
        Program { name: name.to_owned(), cases, output }
    }

    /// Fails with what the case said, or with all that the program said where it never came to the case.
    #[track_caller]
    pub(crate) fn passed(&self, case: &str) {
        match self.cases.get(case) {
            Some(Ok(())) => {}
            Some(Err(error)) => panic!("{}, {case}:\n{error}", self.name),
            None => panic!("{} never came to {case}:\n{}", self.name, self.output),
        }
    }

    /// Fails if the program has a case that is not among `known`.
    #[track_caller]
    pub(crate) fn has_only(&self, known: &[&str]) {
        let unknown: Vec<_> =
            self.cases.keys().filter(|it| !known.contains(&it.as_str())).collect();
        assert!(unknown.is_empty(), "{} has cases without a test: {unknown:?}", self.name);
    }
}

/// A program that is ended when it takes too long.
fn limited(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", SECONDS]).arg(program);
    command
}

/// Java runs a program of several files only from its classes.
fn compile(package: &str, classes: &Path) {
    let mut javac = Command::new("javac");
    javac.args(["-encoding", "UTF-8", "-d"]).arg(classes);
    let files = fs::read_dir(sources().join(package)).unwrap();
    javac.args(files.map(|file| file.unwrap().path()));
    let compiled = javac.output().unwrap_or_else(|error| panic!("{javac:?}: {error}"));
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{package} does not compile:\n{said}");
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flight/clients")
}

/// Something in the folder of clients.
pub(crate) fn installed(path: &str, what: &str) -> PathBuf {
    let folder = env::var_os("INTARSIA_CLIENTS").map_or_else(default_folder, PathBuf::from);
    let installed = std::path::absolute(folder.join(path)).unwrap();
    let there = installed.exists();
    assert!(there, "no {what} in {}; `.ci/clients` installs the clients", folder.display());
    installed
}

fn default_folder() -> PathBuf {
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache");
    env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("intarsia/clients")
}
