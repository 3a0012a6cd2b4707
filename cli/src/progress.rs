//! A line on the terminal while one waits.

use std::{
    collections::BTreeSet,
    future::Future,
    io::{self, IsTerminal, Write},
    pin::pin,
    time::{Duration, Instant},
};

use intarsia_engine::Scans;
use tokio::time::timeout;

/// Nothing is shown to those who wait no longer than this.
const PATIENCE: Duration = Duration::from_secs(1);
/// Then the line changes this often.
const TICK: Duration = Duration::from_millis(200);

/// How far a statement is: shown on standard error if that is a terminal, and gone when there is something to read.
pub(crate) struct Progress {
    terminal: bool,
    started: Instant,
    rows: u64,
    scans: Option<Scans>,
}

impl Progress {
    /// The statement starts now.
    pub(crate) fn start() -> Progress {
        let terminal = io::stderr().is_terminal();
        Progress { terminal, started: Instant::now(), rows: 0, scans: None }
    }

    /// Tells of what is read of the nodes, too.
    pub(crate) fn watch(&mut self, scans: Option<Scans>) {
        self.scans = scans;
    }

    /// So many more rows have come.
    pub(crate) fn add(&mut self, rows: usize) {
        self.rows += u64::try_from(rows).unwrap_or(u64::MAX);
    }

    /// Waits for `future`.
    pub(crate) async fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        if !self.terminal {
            return future.await;
        }
        let mut future = pin!(future);
        let mut shown = false;
        loop {
            let pause = PATIENCE.saturating_sub(self.started.elapsed()).max(TICK);
            if let Ok(output) = timeout(pause, &mut future).await {
                if shown {
                    draw("");
                }
                return output;
            }
            draw(&line(self.rows, self.read(), self.started.elapsed()));
            shown = true;
        }
    }
}

impl Progress {
    /// Rows that came from nodes so far, and from how many.
    fn read(&self) -> (u64, usize) {
        let scans = self.scans.as_ref().map(Scans::read).unwrap_or_default();
        let nodes: BTreeSet<&str> = scans.iter().map(|scan| scan.node.as_str()).collect();
        (scans.iter().map(|scan| scan.rows).sum(), nodes.len())
    }
}

/// Takes the line away, if there may be one.
pub(crate) fn clear() {
    if io::stderr().is_terminal() {
        draw("");
    }
}

/// Replaces the terminal's current line.
fn draw(text: &str) {
    let mut terminal = io::stderr().lock();
    let _unseen = write!(terminal, "\r\x1b[2K{text}").and_then(|()| terminal.flush());
}

fn line(rows: u64, (read, nodes): (u64, usize), elapsed: Duration) -> String {
    let rows = match rows {
        0 => "no rows yet".to_owned(),
        1 => "1 row so far".to_owned(),
        _ => format!("{} rows so far", grouped(rows)),
    };
    let read = match nodes {
        0 => String::new(),
        1 => format!(", {} read from 1 node", grouped(read)),
        _ => format!(", {} read from {nodes} nodes", grouped(read)),
    };
    format!("{rows}{read}, {:.1} s (Ctrl-C stops it)", elapsed.as_secs_f64())
}

/// A number with commas between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_rows_and_time() {
        let second = Duration::from_millis(1234);
        assert_eq!(line(0, (0, 0), second), "no rows yet, 1.2 s (Ctrl-C stops it)");
        assert_eq!(
            line(1, (20, 1), second),
            "1 row so far, 20 read from 1 node, 1.2 s (Ctrl-C stops it)"
        );
        let many = "1,234,567 rows so far, 2,000,000 read from 3 nodes, 1.2 s (Ctrl-C stops it)";
        assert_eq!(line(1_234_567, (2_000_000, 3), second), many);
        assert_eq!(grouped(999), "999");
    }
}
