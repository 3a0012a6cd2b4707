//! PostgreSQL from its installed binaries.

use std::path::{Path, PathBuf};

use super::{
    Defaults,
    server::{Folder, Server, free_port, missing, program, run},
};
use crate::Result;

/// Settings that a server, a database or a user may legally have, and that change what SQL means or how
/// values are written.
const HOSTILE: &[&str] = &[
    "timezone=America/New_York",
    "datestyle=SQL, DMY",
    "intervalstyle=sql_standard",
    "extra_float_digits=-10",
    "standard_conforming_strings=off",
    "backslash_quote=on",
    "bytea_output=escape",
    "transform_null_equals=on",
    "array_nulls=off",
    "search_path=pg_catalog",
    "client_encoding=LATIN1",
    "default_transaction_isolation=serializable",
    "default_transaction_read_only=off",
    "lc_numeric=C",
    "xmloption=document",
];

/// A server without durability, its texts ordered by ICU's English rules: an order that is not ours.
pub(super) fn start(defaults: Defaults) -> Result<Server> {
    let initdb = binary("initdb").ok_or_else(|| missing("PostgreSQL"))?;
    let postgres = binary("postgres").ok_or_else(|| missing("PostgreSQL"))?;
    let folder = Folder::of("postgres")?;
    let data = folder.path().join("data");
    run(folder
        .command(initdb)
        .args(["--username=app", "--auth=trust", "--encoding=UTF8"])
        .args([
            "--locale=C",
            "--locale-provider=icu",
            "--icu-locale=en-US",
            "--no-sync",
            "--no-instructions",
            "-D",
        ])
        .arg(&data))?;
    let port = free_port()?;
    Server::spawn(folder, port, "QUIT", &command(&postgres, &data, port, defaults))
}

fn command(postgres: &Path, data: &Path, port: u16, defaults: Defaults) -> Vec<String> {
    let port = format!("port={port}");
    let usual = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        "max_connections=200",
        "shared_buffers=64MB",
        &port,
    ];
    let hostile = if defaults == Defaults::Hostile { HOSTILE } else { &[] };
    let mut command =
        vec![postgres.display().to_string(), "-D".to_owned(), data.display().to_string()];
    for setting in usual.iter().chain(hostile) {
        command.extend(["-c".to_owned(), (*setting).to_owned()]);
    }
    command
}

/// Debian keeps the programs of each major version in a folder of its own; the newest serves.
fn binary(name: &str) -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = folders
        .filter_map(|folder| Some((folder.file_name().to_str()?.parse().ok()?, folder.path())))
        .collect();
    versions.sort();
    let mut candidates: Vec<PathBuf> =
        versions.into_iter().rev().map(|(_, folder)| folder.join("bin").join(name)).collect();
    candidates.push(name.into());
    program(&candidates)
}
