//! Ctrl-C.

use std::{
    io::Read,
    process::{Child, Command},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use crate::support::Folder;

/// How long an interrupted command may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
}

#[test]
fn an_endless_query_ends_with_130() {
    let folder = Folder::new()
        .database(
            "n.db",
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0;",
        )
        .file(
            "n.yaml",
            "version: 1\nnodes: { n: { url: 'sqlite:n.db' } }\n\
             tables: { endless: { columns: { i: bigint }, layout: { stored: n.endless } } }\n",
        );
    let mut child =
        folder.command(&["query", "-c", "n.yaml", "SELECT i FROM endless"]).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let (said, heard) = mpsc::sync_channel(1);
    thread::spawn(move || said.send(out.read(&mut [0; 1]).unwrap()));
    // By then it waits for a first row, which never comes.
    assert_eq!(heard.recv_timeout(Duration::from_secs(2)), Err(RecvTimeoutError::Timeout));
    let begun = Instant::now();
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < PATIENCE, "it took {:?}", begun.elapsed());
}
