//! The names that statements may use, learnt in the background while somebody begins to type.

use std::sync::{Arc, OnceLock};

use crate::source::{Source, Table};

/// What is known so far. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    tables: Arc<OnceLock<Vec<Table>>>,
    functions: Arc<OnceLock<Vec<String>>>,
    settings: Arc<OnceLock<Vec<String>>>,
}

/// Tables with their columns, functions, and settings without `intarsia.`.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) tables: &'a [Table],
    pub(super) functions: &'a [String],
    pub(super) settings: &'a [String],
}

/// Every function once: there is a row for each signature.
const FUNCTIONS: &str =
    "SELECT DISTINCT routine_name FROM information_schema.routines ORDER BY routine_name";

const SETTINGS: &str = "SELECT substr(name, 10) FROM information_schema.df_settings \
                        WHERE name LIKE 'intarsia.%' ORDER BY name";

impl Known {
    /// Asks `source` once. What it does not tell is not completed, and no more.
    pub(super) async fn learn(self, source: Arc<Source>) {
        let tables = source.tables().await.unwrap_or_default();
        let _first = self.tables.set(tables);
        let functions = source.column(FUNCTIONS).await.unwrap_or_default();
        let _first = self.functions.set(functions);
        let settings = source.column(SETTINGS).await.unwrap_or_default();
        let _first = self.settings.set(settings);
    }

    /// The names that have come.
    pub(super) fn names(&self) -> Names<'_> {
        Names {
            tables: self.tables.get().map(Vec::as_slice).unwrap_or_default(),
            functions: self.functions.get().map(Vec::as_slice).unwrap_or_default(),
            settings: self.settings.get().map(Vec::as_slice).unwrap_or_default(),
        }
    }

    #[cfg(test)]
    pub(super) fn of(tables: Vec<Table>, functions: &[&str], settings: &[&str]) -> Known {
        let texts = |texts: &[&str]| {
            Arc::new(OnceLock::from(
                texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(),
            ))
        };
        Known {
            tables: Arc::new(OnceLock::from(tables)),
            functions: texts(functions),
            settings: texts(settings),
        }
    }
}

/// A name as SQL takes it: in quotes where it would mean another without.
pub(super) fn spelled(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !super::vocabulary::is_reserved(name);
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// What a word of SQL names: without its quotes, or in lower case.
pub(super) fn meant(word: &str) -> String {
    match word.strip_prefix('"') {
        Some(open) => open.strip_suffix('"').unwrap_or(open).replace("\"\"", "\""),
        None => word.to_lowercase(),
    }
}
