//! Passwords, typed unseen.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Write},
    process::{Command, Stdio},
    thread,
};

use tokio::sync::oneshot;

/// A new password: from the terminal, unseen and twice, or the first line of standard input.
pub(crate) async fn new() -> io::Result<String> {
    if !io::stdin().is_terminal() {
        return apart(|| line(&mut io::stdin().lock())).await;
    }
    let typed = ask("password").await?;
    if ask("again").await? == typed {
        Ok(typed.unwrap_or_default())
    } else {
        Err(io::Error::other("the two were not the same"))
    }
}

/// A password from the terminal, unseen, even where standard input is something else; `None` without a terminal.
pub(crate) async fn ask(prompt: &str) -> io::Result<Option<String>> {
    let Ok(terminal) = File::options().read(true).write(true).open("/dev/tty") else {
        return Ok(None);
    };
    // Kept here and not where the line is read: a command that is interrupted is dropped, and shows what is typed
    // again, while its thread goes on waiting for a line.
    let _unseen = Unseen::new(terminal.try_clone()?);
    write!(&terminal, "{prompt}: ")?;
    let reader = terminal.try_clone()?;
    let typed = apart(move || line(&mut BufReader::new(reader))).await;
    writeln!(&terminal)?;
    typed.map(Some)
}

/// Waits for `work` on a thread that the end of the process does not wait for.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (done, wait) = oneshot::channel();
    thread::spawn(move || {
        let _nobody_waits = done.send(work());
    });
    wait.await.map_err(io::Error::other)?
}

fn line(input: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// A terminal that does not show what is typed, until this is dropped.
struct Unseen(File);

impl Unseen {
    fn new(terminal: File) -> Unseen {
        let unseen = Unseen(terminal);
        unseen.tell_terminal("-echo");
        unseen
    }

    /// By the system's own tool: the call behind it is unsafe. Where it is missing, the password is seen.
    fn tell_terminal(&self, setting: &str) {
        let Ok(terminal) = self.0.try_clone() else { return };
        let mut stty = Command::new("stty");
        let _missing = stty.arg(setting).stdin(terminal).stderr(Stdio::null()).status();
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        self.tell_terminal("echo");
    }
}
