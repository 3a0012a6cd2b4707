//! Reading a mapping whose keys are known, a list, a text: what is not as it should be is told, and the
//! reading goes on.

use std::{collections::HashMap, rc::Rc};

use super::{Key, Kind, Yaml};
use crate::{
    error::{Position, Report},
    names::{either, suggest},
};

/// A mapping of known keys.
#[derive(Debug)]
pub(crate) struct Fields {
    /// Where the mapping stands.
    pub(crate) at: Position,
    known: HashMap<String, (Key, Rc<Yaml>)>,
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
        for (key, value) in entries(yaml, what, report)? {
            if allowed.contains(&key.name.as_str()) {
                known.insert(key.name.clone(), (key.clone(), Rc::clone(value)));
            } else {
                report.fault(key.at, unknown_key(what, &key.name, allowed));
            }
        }
        Some(Fields { at: yaml.at, known })
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

    /// The value under `key`, which has to be there.
    pub(crate) fn require(&self, key: &str, what: &str, report: &mut Report) -> Option<&Rc<Yaml>> {
        let value = self.get(key);
        if value.is_none() {
            report.fault(self.at, format!("{what}: the key `{key}` is missing"));
        }
        value
    }
}

fn unknown_key(what: &str, name: &str, allowed: &[&str]) -> String {
    match suggest(name, allowed.iter().copied()) {
        hint if hint.is_empty() => {
            format!("{what}: unknown key `{name}`: it may be {}", either(allowed))
        }
        hint => format!("{what}: unknown key `{name}`{hint} (known: {})", either(allowed)),
    }
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
