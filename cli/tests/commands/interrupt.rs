//! Ctrl-C.

use std::{
    io::Read,
    process::{Child, Command},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use crate::support::endless;

/// How long an interrupted command may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Interrupts a command that has said nothing for a while: how it ends.
pub(crate) fn after(mut command: Command, silence: Duration) -> Option<i32> {
    let mut child = command.spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let (said, heard) = mpsc::sync_channel(1);
    thread::spawn(move || said.send(out.read(&mut [0; 1]).unwrap()));
    assert_eq!(heard.recv_timeout(silence), Err(RecvTimeoutError::Timeout));
    let begun = Instant::now();
    interrupt(&child);
    let status = child.wait().unwrap().code();
    assert!(begun.elapsed() < PATIENCE, "it took {:?}", begun.elapsed());
    status
}

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
}

#[test]
fn an_endless_query_ends_with_130() {
    let folder = endless();
    // It waits for a first row, which never comes.
    let command = folder.command(&["query", "-c", "n.yaml", "SELECT i FROM endless WHERE i < 0"]);
    assert_eq!(after(command, Duration::from_secs(2)), Some(130));
}
