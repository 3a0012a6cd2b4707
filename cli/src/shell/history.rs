//! What was entered before, in a file that only its owner may read.

use std::{
    env, fs,
    fs::{DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use reedline::{FileBackedHistory, History, ReedlineError};

use crate::tell;

/// Entries that are kept.
const ENTRIES: usize = 10_000;

/// The history of this user. Where there is no file for it, it lasts as long as the shell.
pub(super) fn open() -> Box<dyn History> {
    let opened = file().map(|path| {
        let kept = prepare(&path).map_err(ReedlineError::from);
        let opened = kept.and_then(|()| FileBackedHistory::with_file(ENTRIES, path.clone()));
        opened.map_err(|error| format!("{}: {error}", path.display()))
    });
    match opened {
        Some(Ok(history)) => Box::new(history),
        Some(Err(error)) => {
            tell(&format!("warning: nothing that is entered will be kept: {error}"));
            Box::<FileBackedHistory>::default()
        }
        None => Box::<FileBackedHistory>::default(),
    }
}

/// `intarsia/history` in the folder for a user's data, as the XDG base directories say.
fn file() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")))?;
    Some(data.join("intarsia").join("history"))
}

/// Makes the file, or takes it away from others.
fn prepare(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))
}
