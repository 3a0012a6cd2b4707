//! Reading a catalog file from disk, with the environment and the files that it refers to.

use std::{
    env, error, fmt, fs, io,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use intarsia_catalog::{Address, Catalog, MAX_BYTES, Problem, Problems, Secrets};

/// Why there is no catalog.
#[derive(Debug)]
pub enum LoadError {
    /// The file could not be read.
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is at fault.
    Faulty(Problems),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Read { path, error } => {
                write!(f, "the catalog {} cannot be read: {error}", path.display())
            }
            LoadError::Faulty(problems) => problems.fmt(f),
        }
    }
}

impl error::Error for LoadError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            LoadError::Read { error, .. } => Some(error),
            LoadError::Faulty(problems) => Some(problems),
        }
    }
}

/// Loads the catalog at `path`. What it refers to by `${file:…}` and `sqlite:` is relative to its folder;
/// a database file is not touched, so that one that is missing is a node that cannot be reached. Gives
/// the catalog and warnings.
///
/// # Errors
/// The file cannot be read, or is at fault.
pub fn load(path: &Path) -> Result<(Catalog, Vec<Problem>), LoadError> {
    let text =
        read(path, MAX_BYTES).map_err(|error| LoadError::Read { path: path.to_owned(), error })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let file = path.display().to_string();
    let (mut catalog, warnings) =
        Catalog::parse(&file, &text, &Surroundings { folder }).map_err(LoadError::Faulty)?;
    for node in catalog.nodes.values_mut() {
        if let Address::File(database) = &mut Arc::make_mut(node).address {
            *database = folder.join(&*database);
        }
    }
    Ok((catalog, warnings))
}

/// Reads at most one byte more than `limit`, so that the reader can tell that there is more.
fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The process's environment, and files relative to the catalog's folder.
struct Surroundings<'a> {
    folder: &'a Path,
}

/// The most bytes that a file with a secret can have.
const MAX_SECRET_BYTES: usize = 1 << 20;

impl Secrets for Surroundings<'_> {
    fn env(&self, name: &str) -> Result<String, String> {
        // Such names can be in no environment, and asking for one panics on some systems.
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err("no environment variable can have this name".to_owned());
        }
        env::var(name).map_err(|error| match error {
            env::VarError::NotPresent => format!("the environment variable `{name}` is not set"),
            env::VarError::NotUnicode(_) => {
                format!("the environment variable `{name}` is not UTF-8")
            }
        })
    }

    fn file(&self, path: &str) -> Result<String, String> {
        let path = self.folder.join(path);
        let shown = path.display();
        let bytes = read(&path, MAX_SECRET_BYTES)
            .map_err(|error| format!("the file {shown} cannot be read: {error}"))?;
        if bytes.len() > MAX_SECRET_BYTES {
            return Err(format!("the file {shown} is longer than {MAX_SECRET_BYTES} bytes"));
        }
        String::from_utf8(bytes).map_err(|_| format!("the file {shown} is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn secrets_and_database_files_are_relative_to_the_catalog() {
        let folder = folder(&[
            ("key", "s3cret\n"),
            (
                "c.yaml",
                "version: 1\nnodes:\n  pg:\n    url: postgresql://app@localhost/crm\n    \
                 password: ${file:key}\n  a: { url: \"sqlite:a.db\" }\ntables: {}\n",
            ),
        ]);
        let (catalog, warnings) = load(&folder.path().join("c.yaml")).unwrap();
        assert_eq!(warnings, []);
        assert_eq!(catalog.nodes["pg"].password.as_ref().unwrap().reveal(), "s3cret");
        assert_eq!(catalog.nodes["a"].address, Address::File(folder.path().join("a.db")));
    }

    #[test]
    fn what_a_reference_cannot_find_is_a_fault_of_its_line() {
        let folder = folder(&[(
            "c.yaml",
            "version: 1\nnodes:\n  a:\n    url: sqlite:a.db\n    zone: ${env:INTARSIA_NO_SUCH}\n  \
             b:\n    url: sqlite:b.db\n    zone: ${file:none}\n",
        )]);
        let path = folder.path().join("c.yaml");
        let LoadError::Faulty(problems) = load(&path).unwrap_err() else { panic!("not read") };
        let lines: Vec<usize> = problems.list.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [5, 8]);
        assert!(problems.list[0].message.ends_with(
            "`${env:INTARSIA_NO_SUCH}`: the environment variable `INTARSIA_NO_SUCH` is not set"
        ));
    }

    #[test]
    fn a_missing_catalog_is_named() {
        let error = load(Path::new("no/such.yaml")).unwrap_err();
        assert!(error.to_string().starts_with("the catalog no/such.yaml cannot be read:"));
    }
}
