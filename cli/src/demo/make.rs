//! The demo's databases: made once, whole or not at all, in a folder that holds nothing else.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use intarsia_catalog::{Address, Backend, Node};
use intarsia_connectors::connect;

use crate::status::{Failure, Result};

/// The catalog's file in the demo's folder.
pub(super) const CATALOG: &str = "catalog.yaml";

/// How a catalog of the demo begins: the mark by which a later run knows the folder as its own.
const MARK: &str = "# Made by `intarsia demo`";

/// Each node's name, and the statements that make what it holds.
const NODES: [(&str, &str); 5] = [
    ("eu", include_str!("eu.sql")),
    ("us", include_str!("us.sql")),
    ("vault", include_str!("vault.sql")),
    ("warehouse", include_str!("warehouse.sql")),
    ("archive", include_str!("archive.sql")),
];

/// Makes what is not there yet, and says so. Files of others are never touched.
pub(super) async fn databases(dir: &Path) -> Result<String> {
    let started = Instant::now();
    claim(dir)?;
    let mut made = 0;
    for (name, script) in NODES {
        let file = dir.join(format!("{name}.db"));
        if !file.exists() {
            make(name, script, &file).await?;
            made += 1;
        }
    }
    let shown = dir.display();
    Ok(match made {
        0 => format!("The databases in {shown} are there already."),
        _ => {
            format!("Made {made} databases in {shown} in {:.1} s.", started.elapsed().as_secs_f64())
        }
    })
}

/// Makes the folder and its catalog, unless they are there from an earlier run.
fn claim(dir: &Path) -> Result<()> {
    let catalog = dir.join(CATALOG);
    if fs::read_to_string(&catalog).is_ok_and(|text| text.starts_with(MARK)) {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(|error| failure(dir, &error))?;
    let mut entries = fs::read_dir(dir).map_err(|error| failure(dir, &error))?;
    if entries.next().is_some() {
        return Err(Failure::usage(format!(
            "{} holds other files; name another folder with --dir",
            dir.display()
        )));
    }
    fs::write(&catalog, include_str!("catalog.yaml")).map_err(|error| failure(&catalog, &error))
}

/// Makes a database under another name first, so that a file with its own name is whole.
async fn make(name: &str, script: &str, file: &Path) -> Result<()> {
    let unfinished = file.with_extension("unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failure(&unfinished, &error));
        }
        _ => {}
    }
    let node = node(name, unfinished.clone());
    connect(&Arc::new(node)).run(&[script.to_owned()]).await?;
    fs::rename(&unfinished, file).map_err(|error| failure(file, &error))
}

fn node(name: &str, file: PathBuf) -> Node {
    Node {
        name: name.to_owned(),
        backend: Backend::Sqlite,
        address: Address::File(file),
        password: None,
        zone: None,
        connections: 1,
    }
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{}: {error}", path.display()))
}
