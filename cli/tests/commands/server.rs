//! `intarsia serve`, started by a test and ended with it.

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout},
};

use crate::support::Folder;

/// A server beside a folder's files.
pub(crate) struct Server {
    process: Child,
    /// Where it listens.
    pub(crate) url: String,
    log: Lines<BufReader<ChildStderr>>,
    /// Kept open: a server that cannot write to it would end.
    _out: BufReader<ChildStdout>,
}

impl Server {
    /// Serves `catalog` on a free port.
    pub(crate) fn start(folder: &Folder, catalog: &str, more: &[&str]) -> Server {
        Server::start_at("127.0.0.1:0", folder, catalog, more)
    }

    /// The same at an address.
    pub(crate) fn start_at(at: &str, folder: &Folder, catalog: &str, more: &[&str]) -> Server {
        let arguments = [&["serve", "-c", catalog, "--listen", at], more].concat();
        let mut process = folder.command(&arguments).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let log = BufReader::new(process.stderr.take().unwrap()).lines();
        assert!(line.starts_with("listening on grpc"), "it said {line:?}");
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        Server { process, url, log, _out: out }
    }

    /// The URL with something before the host, such as `ada:secret@`.
    pub(crate) fn url_of(&self, user: &str) -> String {
        self.url.replace("://", &format!("://{user}"))
    }

    /// Waits for a line of the server's log that holds all `words`.
    pub(crate) fn logged(&mut self, words: &[&str]) -> String {
        let mut lines = self.log.by_ref().map(Result::unwrap);
        lines.find(|line| words.iter().all(|word| line.contains(word))).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}
