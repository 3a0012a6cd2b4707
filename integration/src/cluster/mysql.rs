//! MariaDB from its installed binaries, and MySQL from the folder that `.ci/servers` unpacks it into.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{
    Defaults,
    server::{Folder, Server, free_port, missing, program, run},
};
use crate::Result;

/// The user of the tests; its rights come before any connection is taken.
const USER: &str = "CREATE USER app@'%' IDENTIFIED BY '';\nGRANT ALL ON *.* TO app@'%';\n";

/// Settings that change what SQL means, how values are written or how many rows come back.
const HOSTILE: &[&str] = &[
    "--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,IGNORE_SPACE",
    "--default-time-zone=-05:00",
    "--character-set-server=latin1",
    "--collation-server=latin1_swedish_ci",
    "--group-concat-max-len=4",
    "--div-precision-increment=0",
];

/// The same, for settings that have no option.
const HOSTILE_GLOBALS: &str =
    "SET GLOBAL sql_auto_is_null = 1;\nSET GLOBAL sql_select_limit = 1;\n";

/// What both flavours are started with: little memory, no durability.
const USUAL: &[&str] = &[
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=64M",
    "--performance-schema=OFF",
    "--max-connections=200",
    "--max-allowed-packet=64M",
];

/// A MariaDB server.
pub(super) fn start_mariadb(defaults: Defaults) -> Result<Server> {
    let install = program(&["mariadb-install-db".into()]).ok_or_else(|| missing("MariaDB"))?;
    let mariadbd = program(&["mariadbd".into()]).ok_or_else(|| missing("MariaDB"))?;
    let folder = Folder::of("mysql")?;
    let data = folder.path().join("data");
    run(folder
        .command(install)
        .env("TMPDIR", folder.path()) // not shared with a server that is made at the same time
        .args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"])
        .arg(format!("--datadir={}", data.display())))?;
    let options = ["--innodb-doublewrite=0"];
    spawn(folder, &mariadbd, &options, defaults)
}

/// A MySQL server. It runs as the user of the tests, root included: nobody else may be able to read the folder
/// that it was unpacked into.
pub(super) fn start_mysql(defaults: Defaults) -> Result<Server> {
    let mysqld = mysqld().ok_or_else(|| missing("MySQL"))?;
    let folder = Folder::own()?;
    run(folder
        .command(&mysqld)
        .env("TMPDIR", folder.path())
        .args(["--no-defaults", "--initialize-insecure", "--user=root"])
        .arg("--innodb-redo-log-capacity=16M")
        .arg(format!("--datadir={}", folder.path().join("data").display())))?;
    let options = [
        "--user=root",
        "--mysqlx=OFF",
        "--innodb-doublewrite=OFF",
        "--innodb-redo-log-capacity=16M",
    ];
    spawn(folder, &mysqld, &options, defaults)
}

/// Where `.ci/servers` puts MySQL.
fn mysqld() -> Option<PathBuf> {
    let folder =
        |variable: &str, below: &str| Some(PathBuf::from(env::var_os(variable)?).join(below));
    let servers = folder("INTARSIA_SERVERS", "")
        .or_else(|| folder("XDG_CACHE_HOME", "intarsia/servers"))
        .or_else(|| folder("HOME", ".cache/intarsia/servers"))?;
    program(&[servers.join("mysql/mysqld")])
}

fn spawn(folder: Folder, program: &Path, options: &[&str], defaults: Defaults) -> Result<Server> {
    let port = free_port()?;
    let init = folder.path().join("init.sql");
    let hostile = defaults == Defaults::Hostile;
    fs::write(&init, if hostile { format!("{USER}{HOSTILE_GLOBALS}") } else { USER.to_owned() })?;
    let mut command = vec![program.display().to_string(), "--no-defaults".to_owned()];
    command.extend(places(folder.path(), port));
    command.push(format!("--init-file={}", init.display()));
    let hostile = if hostile { HOSTILE } else { &[] };
    command.extend(USUAL.iter().chain(options).chain(hostile).map(|&option| option.to_owned()));
    Server::spawn(folder, port, "KILL", &command)
}

fn places(folder: &Path, port: u16) -> [String; 5] {
    let inside = |name: &str| folder.join(name).display().to_string();
    [
        format!("--datadir={}", inside("data")),
        format!("--socket={}", inside("socket")),
        format!("--pid-file={}", inside("pid")),
        format!("--tmpdir={}", folder.display()),
        format!("--port={port}"),
    ]
}
