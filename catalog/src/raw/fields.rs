//! Reading a mapping whose keys are known, a list, a text: what is not as it should be is told, and the
//! reading goes on.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{Key, Kind, Yaml};
use crate::{
    error::{Position, Report},
    names::{list, nearest},
};

/// A mapping of known keys.
#[derive(Debug)]
pub(crate) struct Fields {
    /// Where the mapping stands.
    pub(crate) at: Position,
    known: HashMap<String, (Key, Rc<Yaml>)>,
    /// Keys that unknown ones may have meant: that they are missing is told already.
    meant: HashSet<String>,
}

impl Fields {
    /// The entries of `yaml` under the `allowed` keys; others are told. `None` if it is no mapping, which is
    /// told too. `what` begins the messages.
    pub(crate) fn read(
        yaml: &Yaml,
        what: &str,
        allowed: &[&str],
        report: &mut Report,
    ) -> Option<Fields> {
        let mut known = HashMap::new();
        let mut meant = HashSet::new();
        for (key, value) in entries(yaml, what, report)? {
            if allowed.contains(&key.name.as_str()) {
                known.insert(key.name.clone(), (key.clone(), Rc::clone(value)));
            } else if !report.is_full() {
                let near = nearest(&key.name, allowed.iter().copied());
                meant.extend(near.map(str::to_owned));
                let message = if is_torn(key, value) {
                    format!("{what}: {TORN}")
                } else {
                    unknown_key(what, &key.name, near, allowed)
                };
                report.fault(key.at, message);
            }
        }
        Some(Fields { at: yaml.at, known, meant })
    }

    /// The value under `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&Rc<Yaml>> {
        self.known.get(key).map(|(_, value)| value)
    }

    /// Where `key` is written; where the mapping begins if it is not.
    pub(crate) fn position(&self, key: &str) -> Position {
        self.known.get(key).map_or(self.at, |(key, _)| key.at)
    }

    /// Whether `key` is written.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.known.contains_key(key)
    }

    /// Whether an unknown key may have meant `key`.
    pub(crate) fn meant(&self, key: &str) -> bool {
        self.meant.contains(key)
    }

    /// The value under `key`, which has to be there.
    pub(crate) fn require(&self, key: &str, what: &str, report: &mut Report) -> Option<&Rc<Yaml>> {
        let value = self.get(key);
        if value.is_none() && !self.meant(key) {
            report.fault(self.at, format!("{what}: the key `{key}` is missing"));
        }
        value
    }
}

fn unknown_key(what: &str, name: &str, near: Option<&str>, allowed: &[&str]) -> String {
    let hint = near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
    format!("{what}: unknown key `{name}`{hint} (allowed: {})", list(allowed))
}

/// What to say of a torn text.
pub(crate) const TORN: &str = "a comma divides between { }: a text that has one needs quotes";

/// Whether a key is the end of a text that a comma tore: of `{ where: id IN (1, 2) }` YAML makes two entries.
pub(crate) fn is_torn(key: &Key, value: &Yaml) -> bool {
    matches!(value.kind, Kind::Empty) && key.name.contains(')') && !key.name.contains('(')
}

/// The text under `key` if `yaml` is a mapping that has it, for messages that come before the reading.
pub(crate) fn peek<'a>(yaml: &'a Yaml, key: &str) -> Option<&'a str> {
    let Kind::Map(entries) = &yaml.kind else { return None };
    entries.iter().find(|(found, _)| found.name == key)?.1.as_text()
}

/// The entries of a mapping of any keys, in order.
pub(crate) fn entries<'a>(
    yaml: &'a Yaml,
    what: &str,
    report: &mut Report,
) -> Option<&'a [(Key, Rc<Yaml>)]> {
    match &yaml.kind {
        Kind::Map(entries) => Some(entries),
        Kind::Empty | Kind::Text(_) | Kind::List(_) => expected("a mapping", yaml, what, report),
    }
}

/// The items of a list.
pub(crate) fn items<'a>(yaml: &'a Yaml, what: &str, report: &mut Report) -> Option<&'a [Rc<Yaml>]> {
    match &yaml.kind {
        Kind::List(items) => Some(items),
        Kind::Empty | Kind::Text(_) | Kind::Map(_) => expected("a list", yaml, what, report),
    }
}

/// A text.
pub(crate) fn text<'a>(yaml: &'a Yaml, what: &str, report: &mut Report) -> Option<&'a str> {
    match &yaml.kind {
        Kind::Text(text) => Some(text),
        Kind::Empty | Kind::List(_) | Kind::Map(_) => expected("a text", yaml, what, report),
    }
}

fn expected<T>(wanted: &str, found: &Yaml, what: &str, report: &mut Report) -> Option<T> {
    report.fault(found.at, format!("{what}: here stands {}, not {wanted}", found.describe()));
    None
}
