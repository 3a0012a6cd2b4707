//! Values read from files that may change under a running server.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use crate::server::{Error, Result};

/// How often files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// What makes a value of its files' contents, in the order of their paths. A refusal says why, without a secret.
type Read<T> = Box<dyn Fn(&[Vec<u8>]) -> Result<T, String> + Send + Sync>;

/// A value of one or more files. When they change it is read anew; if they cannot be read then, the value stays.
///
/// Contents are compared, not times: a clock's grain hides no change, and a file that is replaced through a link (as
/// Kubernetes does with secrets) is seen.
pub(crate) struct Reloaded<T> {
    what: &'static str,
    paths: Vec<PathBuf>,
    read: Read<T>,
    current: RwLock<Arc<T>>,
    seen: Mutex<Vec<Vec<u8>>>,
}

impl<T> Reloaded<T> {
    /// Reads the files for the first time. `what` they hold is told in messages.
    ///
    /// # Errors
    /// What cannot be read now is an error: a server does not start on it.
    pub(crate) fn open(
        what: &'static str,
        paths: Vec<PathBuf>,
        read: impl Fn(&[Vec<u8>]) -> Result<T, String> + Send + Sync + 'static,
    ) -> Result<Reloaded<T>> {
        let seen = contents(what, &paths)?;
        let value = read(&seen).map_err(|why| fault(what, &paths, &why))?;
        let current = RwLock::new(Arc::new(value));
        Ok(Reloaded { what, paths, read: Box::new(read), current, seen: Mutex::new(seen) })
    }

    /// The value now.
    pub(crate) fn current(&self) -> Arc<T> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Something that looks at its files again.
pub(crate) trait Reload: Send + Sync {
    /// Takes over what has changed; logs what it was.
    fn reload(&self);
}

impl<T: Send + Sync> Reload for Reloaded<T> {
    fn reload(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let found = contents(self.what, &self.paths);
        // A file that is being replaced may be gone for a moment, and that is told once.
        let found = found.map_err(|error| if seen.is_empty() { None } else { Some(error) });
        if found.as_ref().is_ok_and(|found| *found == *seen) {
            return;
        }
        let read = found.as_ref().map(|found| (self.read)(found));
        match read {
            Ok(Ok(value)) => self.take_over(value),
            Ok(Err(why)) => kept(&fault(self.what, &self.paths, &why)),
            Err(Some(error)) => kept(error),
            Err(None) => {}
        }
        *seen = found.unwrap_or_default();
    }
}

impl<T> Reloaded<T> {
    fn take_over(&self, value: T) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
        tracing::info!("{} of {} read anew", self.what, shown(&self.paths));
    }
}

fn kept(error: &Error) {
    tracing::warn!("{error}; what was read before stays in use");
}

impl<T> fmt::Debug for Reloaded<T> {
    /// Files only: what they hold may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloaded").field("paths", &self.paths).finish_non_exhaustive()
    }
}

/// Looks at all files again and again; never ends.
pub(crate) async fn watch(files: Vec<Arc<dyn Reload>>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let files = files.clone();
        let looked =
            tokio::task::spawn_blocking(move || files.iter().for_each(|file| file.reload()));
        if let Err(error) = looked.await {
            tracing::error!("reading files anew failed: {error}");
        }
    }
}

fn contents(what: &str, paths: &[PathBuf]) -> Result<Vec<Vec<u8>>> {
    let content = |path: &PathBuf| {
        std::fs::read(path)
            .map_err(|error| fault(what, std::slice::from_ref(path), &error.to_string()))
    };
    paths.iter().map(content).collect()
}

fn fault(what: &str, paths: &[PathBuf], why: &str) -> Error {
    Error::new(format!("{what} of {}: {why}", shown(paths)))
}

fn shown(paths: &[PathBuf]) -> String {
    let shown: Vec<String> = paths.iter().map(|path| show(path)).collect();
    shown.join(", ")
}

fn show(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(contents: &[Vec<u8>]) -> Result<u32, String> {
        let text = String::from_utf8_lossy(&contents[0]);
        text.trim().parse().map_err(|_| format!("`{text}` is no number"))
    }

    #[test]
    fn a_changed_file_is_taken_over_and_a_bad_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n");
        std::fs::write(&path, "1").unwrap();
        let file = Reloaded::open("the number", vec![path.clone()], number).unwrap();
        let after = |content: Option<&str>| {
            match content {
                Some(content) => std::fs::write(&path, content).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            file.reload();
            *file.current()
        };
        let contents = [Some("2"), Some("x"), None, Some("y"), Some("3")];
        assert_eq!(contents.map(after), [2, 2, 2, 2, 3]);
    }

    #[test]
    fn what_cannot_be_read_at_first_names_the_file() {
        let error = Reloaded::open("the number", vec!["no/such".into()], number).unwrap_err();
        assert!(error.to_string().contains("the number of no/such"), "{error}");
    }
}
