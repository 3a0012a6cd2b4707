//! Entries, from where they come: one is a command of the shell, or one or more whole statements.

use std::{
    collections::VecDeque,
    env,
    io::{self, BufRead, IsTerminal, Write},
    thread,
};

use intarsia_engine::session;
use tokio::{
    signal::ctrl_c,
    sync::mpsc::{self, Receiver},
    task::block_in_place,
};

use super::{
    command,
    editor::{Editor, MORE, PROMPT},
    names::Known,
};
use crate::{
    status::{Failure, Result},
    tell,
};

/// Where entries come from.
pub(super) enum Input {
    /// A terminal, with an editor.
    Editor(Box<Editor>),
    /// Lines as they are: from a pipe, or from a terminal that can do no more.
    Lines(Lines),
}

/// What was read.
pub(super) enum Read {
    /// Something to do.
    Entry(String),
    /// Somebody changed their mind.
    Nothing,
    /// No more will come.
    End,
}

impl Input {
    /// From somebody who types.
    pub(super) fn terminal(known: Known) -> Input {
        if env::var("TERM").is_ok_and(|terminal| terminal == "dumb") {
            return Input::lines();
        }
        Input::Editor(Box::new(Editor::new(known)))
    }

    /// From standard input.
    pub(super) fn lines() -> Input {
        Input::Lines(Lines::start())
    }

    /// Waits for the next entry.
    pub(super) async fn next(&mut self) -> Result<Read> {
        match self {
            Input::Editor(editor) => match block_in_place(|| editor.read()) {
                Ok(read) => Ok(read),
                Err(error) => {
                    tell(&format!("warning: this terminal allows no editing: {error}"));
                    *self = Input::lines();
                    Ok(Read::Nothing)
                }
            },
            Input::Lines(lines) => lines.next().await,
        }
    }
}

/// Standard input, by lines.
pub(super) struct Lines {
    /// Read on a thread of its own, which nobody has to wait for.
    incoming: Receiver<io::Result<String>>,
    entries: Entries,
    prompts: bool,
}

impl Lines {
    fn start() -> Lines {
        let (send, incoming) = mpsc::channel(1);
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if send.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        let prompts = io::stdin().is_terminal() && io::stderr().is_terminal();
        Lines { incoming, entries: Entries::default(), prompts }
    }

    async fn next(&mut self) -> Result<Read> {
        self.prompt();
        let line = tokio::select! {
            line = self.incoming.recv() => line,
            _ = ctrl_c(), if self.prompts => {
                self.entries.clear();
                tell("");
                return Ok(Read::Nothing);
            }
        };
        let entry = match line {
            Some(Ok(line)) => self.entries.push(&line),
            Some(Err(error)) => return Err(Failure::usage(format!("standard input: {error}"))),
            None => match self.entries.rest() {
                Some(rest) => Some(rest),
                None => return Ok(Read::End),
            },
        };
        Ok(entry.map_or(Read::Nothing, Read::Entry))
    }

    fn prompt(&self) {
        if self.prompts {
            let prompt = if self.entries.is_empty() { PROMPT } else { MORE };
            let mut terminal = io::stderr();
            let _unseen = write!(terminal, "{prompt}").and_then(|()| terminal.flush());
        }
    }
}

/// Lines, put together to entries.
#[derive(Default)]
pub(super) struct Entries {
    pending: String,
}

impl Entries {
    /// The entries of a script.
    pub(super) fn of_script(text: &str) -> VecDeque<String> {
        let mut entries = Entries::default();
        let mut all: VecDeque<_> = text.lines().filter_map(|line| entries.push(line)).collect();
        all.extend(entries.rest());
        all
    }

    /// Takes one more line: the entry that it ends, if it ends one.
    fn push(&mut self, line: &str) -> Option<String> {
        self.pending.push_str(line);
        self.pending.push('\n');
        // Most lines end nothing, which is seen without reading all from the start again.
        let may_end = self.pending.len() == line.len() + 1 || line.contains(';');
        if may_end && is_whole(&self.pending) { self.rest() } else { None }
    }

    /// What is left, if it is more than spaces.
    fn rest(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.pending);
        (!rest.trim().is_empty()).then_some(rest)
    }

    fn clear(&mut self) {
        self.pending.clear();
    }

    fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

/// Whether an entry needs no further line.
pub(super) fn is_whole(text: &str) -> bool {
    text.trim().is_empty() || command::is_command(text) || session::is_complete(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_make_entries() {
        let script = "\nSELECT 1; SELECT\n ';'\n;\n\\d t\n-- a comment;\nSELECT 2";
        let entries = Entries::of_script(script);
        let expected = ["SELECT 1; SELECT\n ';'\n;\n", "\\d t\n", "-- a comment;\nSELECT 2\n"];
        assert_eq!(entries, expected);
    }

    #[test]
    fn a_backslash_inside_of_a_statement_is_no_command() {
        assert_eq!(Entries::of_script("SELECT '\n\\q\n';"), ["SELECT '\n\\q\n';\n"]);
    }
}
