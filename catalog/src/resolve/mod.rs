//! What the file means: every name known, every default filled in, every rule judged. All problems are
//! told at once, so nothing here stops at the first; what is faulty is left out of the [`Catalog`], which
//! then is not handed out.

mod expression;
mod follows;
mod homes;
mod horizontal;
mod layout;
mod node;
mod order;
mod place;
mod secret;
mod stored;
mod table;
mod url;
mod vertical;

use std::{collections::BTreeMap, rc::Rc};

pub use secret::Secrets;

use crate::{
    Catalog, Problem, Problems,
    error::Report,
    names::{list, suggest},
    raw::{self, Fields, Yaml},
    settings,
};

/// The version of the file's form.
const VERSION: &str = "1";

impl Catalog {
    /// Reads and judges the `text` of a catalog file; `file` is its name for messages. Gives the catalog and
    /// warnings. Nothing is asked of any node.
    ///
    /// ```
    /// use intarsia_catalog::{Catalog, Secrets};
    ///
    /// /// No catalog here refers to a secret.
    /// struct NoSecrets;
    ///
    /// impl Secrets for NoSecrets {
    ///     fn env(&self, _: &str) -> Result<String, String> {
    ///         Err("there is none".to_owned())
    ///     }
    ///     fn file(&self, _: &str) -> Result<String, String> {
    ///         Err("there is none".to_owned())
    ///     }
    /// }
    ///
    /// let file = r#"
    /// version: 1
    /// nodes:
    ///   eu: { url: "sqlite:eu.db" }
    ///   us: { url: "sqlite:us.db" }
    /// tables:
    ///   customers:
    ///     columns: { id: bigint not null, region: text }
    ///     layout:
    ///       horizontal:
    ///         - { name: eu, where: region = 'EU', stored: eu.customers }
    ///         - { name: us, where: region <> 'EU', stored: us.customers }
    /// "#;
    /// let problems = Catalog::parse("crm.yaml", file.as_bytes(), &NoSecrets).unwrap_err();
    /// assert_eq!(
    ///     problems.to_string(),
    ///     "crm.yaml:10:7: table `customers`: no part holds region = null"
    /// );
    ///
    /// let file = file.replace("region <> 'EU'", "region <> 'EU' OR region IS NULL");
    /// let (catalog, warnings) = Catalog::parse("crm.yaml", file.as_bytes(), &NoSecrets)?;
    /// assert_eq!((catalog.tables.len(), warnings.len()), (1, 0));
    /// # Ok::<(), intarsia_catalog::Problems>(())
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with the file, in the order of the file. Faults of YAML syntax are told alone.
    pub fn parse(
        file: &str,
        text: &[u8],
        secrets: &dyn Secrets,
    ) -> Result<(Catalog, Vec<Problem>), Problems> {
        let mut report = Report::default();
        let catalog = match raw::parse(text, &mut report) {
            Some(root) => catalog(&root, secrets, &mut report),
            None => Catalog::empty(),
        };
        report.finish(file).map(|warnings| (catalog, warnings))
    }

    fn empty() -> Catalog {
        Catalog { nodes: BTreeMap::new(), tables: BTreeMap::new(), settings: BTreeMap::new() }
    }
}

fn catalog(root: &Yaml, secrets: &dyn Secrets, report: &mut Report) -> Catalog {
    const KEYS: [&str; 4] = ["version", "nodes", "tables", "settings"];
    let Some(fields) = Fields::read(root, "a catalog", &KEYS, report) else {
        return Catalog::empty();
    };
    version(&fields, report);
    let nodes = filled(&fields, "nodes")
        .map_or_else(BTreeMap::new, |yaml| node::nodes(yaml, secrets, report));
    let tables = filled(&fields, "tables")
        .map_or_else(BTreeMap::new, |yaml| table::tables(yaml, &nodes, report));
    let settings =
        filled(&fields, "settings").map_or_else(BTreeMap::new, |yaml| read_settings(yaml, report));
    let nodes = nodes.into_iter().filter_map(|(name, node)| Some((name, node?))).collect();
    Catalog { nodes, tables, settings }
}

/// The value under a key that may be left out, and may be there with nothing under it.
fn filled<'a>(fields: &'a Fields, key: &str) -> Option<&'a Rc<Yaml>> {
    fields.get(key).filter(|yaml| !matches!(yaml.kind, raw::Kind::Empty))
}

fn version(fields: &Fields, report: &mut Report) {
    let Some(value) = fields.require("version", "a catalog", report) else { return };
    if value.as_text() != Some(VERSION) {
        let found = value.as_text().map_or(value.describe().to_owned(), |text| format!("`{text}`"));
        report.fault(value.at, format!("write `version: {VERSION}`: there is no version {found}"));
    }
}

fn read_settings(yaml: &Yaml, report: &mut Report) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (key, value) in raw::entries(yaml, "`settings`", report).unwrap_or_default() {
        let subject = format!("setting `{}`", key.name);
        let Some(setting) = settings::find(&key.name) else {
            let hint = suggest(&key.name, settings::names());
            let known = list(&settings::names().collect::<Vec<_>>());
            let message = format!("unknown setting `{}`{hint} (known: {known})", key.name);
            report.fault(key.at, message);
            continue;
        };
        let Some(text) = raw::text(value, &subject, report) else { continue };
        match setting.judge(text) {
            Ok(()) => drop(found.insert(key.name.clone(), text.to_owned())),
            Err(message) => report.fault(value.at, format!("{subject}: {message}")),
        }
    }
    found
}
