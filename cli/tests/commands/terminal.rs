//! A program in a terminal of its own, by `script` of util-linux.

use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// How long something may take to be shown.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a program sends to learn where the cursor is, and the answer.
const WHERE: &str = "\x1b[6n";
const HERE: &[u8] = b"\x1b[10;1R";

/// A terminal of 40 lines of 120 columns.
pub(crate) struct Terminal {
    process: Child,
    keys: ChildStdin,
    incoming: Receiver<Vec<u8>>,
    /// What was shown since the last wait, without colours and movements.
    screen: String,
    /// The end of what came, as far as it may be half of a sequence.
    raw: Vec<u8>,
}

impl Terminal {
    /// Runs `command` in it: its arguments hold no spaces.
    pub(crate) fn start(command: &Command) -> Terminal {
        Terminal::start_as(command, "xterm-256color")
    }

    /// The same in a terminal of a kind.
    pub(crate) fn start_as(command: &Command, kind: &str) -> Terminal {
        Terminal::start_after("", command, kind)
    }

    /// The same below a parent that ignores the end of a terminal; its process, too.
    pub(crate) fn start_deaf(command: &Command) -> (Terminal, u32) {
        let before = "trap '' HUP; echo process $$ begins;";
        let mut terminal = Terminal::start_after(before, command, "xterm-256color");
        let shown = terminal.wait_for(" begins");
        let process = shown.split_whitespace().rev().nth(1).unwrap().parse().unwrap();
        (terminal, process)
    }

    fn start_after(before: &str, command: &Command, kind: &str) -> Terminal {
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
        let line = format!("stty rows 40 cols 120; {before} exec {}", words.join(" "));
        let mut script = Command::new("script");
        script.args(["-q", "-e", "-f", "-c", &line, "/dev/null"]);
        script.current_dir(command.get_current_dir().unwrap());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        script.env("TERM", kind).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = script.spawn().unwrap();
        let mut out = process.stdout.take().unwrap();
        let (send, incoming) = mpsc::sync_channel(100);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = out.read(&mut bytes) {
                if send.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = process.stdin.take().unwrap();
        Terminal { process, keys, incoming, screen: String::new(), raw: Vec::new() }
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until `text` is shown, and gives what was shown up to its end.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.screen.find(text) {
                let rest = self.screen.split_off(at + text.len());
                return std::mem::replace(&mut self.screen, rest);
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            match self.incoming.recv_timeout(left) {
                Ok(bytes) => self.show(&bytes),
                Err(_) => assert_eq!(self.screen, text, "not shown"),
            }
        }
    }

    /// Waits for the end: its exit status, and what was shown until then.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        while let Ok(bytes) = self.incoming.recv_timeout(PATIENCE) {
            self.show(&bytes);
        }
        (self.process.wait().unwrap().code(), std::mem::take(&mut self.screen))
    }

    fn show(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        let text = String::from_utf8_lossy(&self.raw).into_owned();
        for _ in 0..text.matches(WHERE).count() {
            // It may have ended meanwhile.
            let _unread = self.keys.write_all(HERE).and_then(|()| self.keys.flush());
        }
        let (shown, rest) = plain(&text);
        self.screen.push_str(&shown);
        self.raw = rest.as_bytes().to_vec();
    }
}

/// A text without the terminal's sequences, and what may be the beginning of one at its end.
fn plain(text: &str) -> (String, &str) {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once('\x1b') {
        shown.push_str(before);
        let end = match sequence.strip_prefix('[') {
            Some(inside) => inside.find(|c: char| ('@'..='~').contains(&c)).map(|at| at + 2),
            None => sequence.chars().next().map(char::len_utf8),
        };
        let Some(end) = end else { return (shown, &rest[before.len()..]) };
        rest = &sequence[end..];
    }
    shown.push_str(rest);
    (shown.replace('\r', ""), "")
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}
