//! Settings of a session, the same names in a catalog's `settings` and in `SET intarsia.NAME`.

use std::{any::Any, collections::BTreeMap, time::Duration};

use datafusion::config::{ConfigEntry, ConfigExtension, ExtensionOptions};

use crate::{Error, ErrorKind, Result, plan::Rules};

/// The settings as written. [`Settings::limits`] says what they mean.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Memory of the process.
    pub memory: String,
    /// Memory of one query.
    pub query_memory: String,
    /// How long a statement may take.
    pub statement_timeout: String,
    /// Rules of the planner that are off, such as `filter, top_n`; the answers are the same without them.
    pub disabled_rules: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            memory: "4GB".to_owned(),
            query_memory: UNLIMITED.to_owned(),
            statement_timeout: UNLIMITED.to_owned(),
            disabled_rules: String::new(),
        }
    }
}

/// A setting: its name, what it is for, and where it is kept.
type Setting = (&'static str, &'static str, fn(&mut Settings) -> &mut String);

const SETTINGS: [Setting; 4] = [
    (
        "memory",
        "Memory of the process for joins, sorts and aggregates, such as 4GB (units of 1024)",
        |all| &mut all.memory,
    ),
    (
        "query_memory",
        "Memory of one query for joins, sorts and aggregates; unlimited is all of the process",
        |all| &mut all.query_memory,
    ),
    (
        "statement_timeout",
        "How long a statement may take, such as 60s; unlimited is no end",
        |all| &mut all.statement_timeout,
    ),
    (
        "disabled_rules",
        "Rules of the planner that are off, such as filter, top_n; the answers are the same without them",
        |all| &mut all.disabled_rules,
    ),
];

impl ConfigExtension for Settings {
    const PREFIX: &'static str = "intarsia";
}

impl ExtensionOptions for Settings {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, value: &str) -> datafusion::common::Result<()> {
        Ok(self.put(key, value)?)
    }

    /// What SHOW lists, under full names.
    fn entries(&self) -> Vec<ConfigEntry> {
        let mut all = self.clone();
        let entry = |(name, description, field): Setting| ConfigEntry {
            key: format!("{}.{name}", Settings::PREFIX),
            value: Some(field(&mut all).clone()),
            description,
        };
        SETTINGS.into_iter().map(entry).collect()
    }
}

/// What a session's settings mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the process.
    pub memory: usize,
    /// Bytes of one query.
    pub query_memory: usize,
    /// How long planning, and then running, may each take.
    pub statement_timeout: Option<Duration>,
}

fn no_rule(name: &str) -> Error {
    let known = Rules::NAMES.join(", ");
    Error::new(
        ErrorKind::Invalid,
        format!("setting `disabled_rules`: `{name}` is no rule of the planner; they are {known}"),
    )
}

const UNLIMITED: &str = "unlimited";

impl Settings {
    /// The settings of a catalog, the rest by default.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a name that is no setting and for a value that does not read.
    pub fn from_catalog(settings: &BTreeMap<String, String>) -> Result<Settings> {
        let mut all = Settings::default();
        settings.iter().try_for_each(|(name, value)| all.put(name, value))?;
        Ok(all)
    }

    /// Each with its value.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, String)> {
        let mut all = self.clone();
        SETTINGS.into_iter().map(move |(name, _, field)| (name, field(&mut all).clone()))
    }

    /// Sets `name`, without its prefix. What was set stays where `value` is refused.
    pub(super) fn put(&mut self, name: &str, value: &str) -> Result<()> {
        let field = field(name)?;
        let mut changed = self.clone();
        value.clone_into(field(&mut changed));
        changed.limits()?;
        *self = changed;
        Ok(())
    }

    /// Sets `name` back to what it is in `initial`.
    pub(super) fn reset(&mut self, name: &str, initial: &Settings) -> Result<()> {
        let value = field(name)?(&mut initial.clone()).clone();
        self.put(name, &value)
    }

    /// What they mean.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a value that does not read.
    pub fn limits(&self) -> Result<Limits> {
        let memory = bytes("memory", &self.memory)?;
        Rules::without(&self.disabled_rules).map_err(|name| no_rule(&name))?;
        Ok(Limits {
            memory,
            query_memory: bytes("query_memory", &self.query_memory)?.min(memory),
            statement_timeout: duration("statement_timeout", &self.statement_timeout)?,
        })
    }
}

fn field(name: &str) -> Result<fn(&mut Settings) -> &mut String> {
    let setting = SETTINGS.iter().find(|(known, ..)| *known == name);
    setting.map(|(_, _, field)| *field).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Error {
    let known = SETTINGS.map(|(known, ..)| known);
    let nearest = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    let nearest = nearest.copied().unwrap_or_default();
    let all = known.join(", ");
    Error::new(
        ErrorKind::Invalid,
        format!(
            "`{name}` is no setting; did you mean `intarsia.{nearest}`? The settings are {all}"
        ),
    )
}

/// Reads a size with a unit of 1024, as PostgreSQL does; `usize::MAX` is unlimited.
fn bytes(name: &str, text: &str) -> Result<usize> {
    const UNITS: [(&str, u32); 9] = [
        ("", 0),
        ("b", 0),
        ("kb", 1),
        ("kib", 1),
        ("mb", 2),
        ("mib", 2),
        ("gb", 3),
        ("gib", 3),
        ("tb", 4),
    ];
    if text.eq_ignore_ascii_case(UNLIMITED) {
        return Ok(usize::MAX);
    }
    let (number, unit) = split(text);
    let power = UNITS.iter().find(|(spelling, _)| unit.eq_ignore_ascii_case(spelling));
    power
        .and_then(|(_, power)| number.parse::<usize>().ok()?.checked_mul(1024_usize.pow(*power)))
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| misread(name, text, "a size such as 512MB or 4GB"))
}

/// Reads a time with a unit; `None` is unlimited.
fn duration(name: &str, text: &str) -> Result<Option<Duration>> {
    const UNITS: [(&str, u64); 5] =
        [("ms", 1), ("s", 1000), ("min", 60_000), ("m", 60_000), ("h", 3_600_000)];
    if text.eq_ignore_ascii_case(UNLIMITED) {
        return Ok(None);
    }
    let (number, unit) = split(text);
    UNITS
        .iter()
        .find(|(spelling, _)| unit.eq_ignore_ascii_case(spelling))
        .and_then(|(_, factor)| number.parse::<u64>().ok()?.checked_mul(*factor))
        .filter(|millis| *millis > 0)
        .map(|millis| Some(Duration::from_millis(millis)))
        .ok_or_else(|| misread(name, text, "a time such as 500ms, 60s or 5min"))
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

fn misread(name: &str, text: &str, expected: &str) -> Error {
    let message = format!("setting `{name}`: `{text}` is not {expected}, nor `{UNLIMITED}`");
    Error::new(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(settings: &[(&str, &str)]) -> Result<Limits> {
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Settings::from_catalog(&settings.collect())?.limits()
    }

    #[test]
    fn sizes_and_times_have_units() {
        let limits = limits(&[("memory", "2 GB"), ("statement_timeout", "5min")]).unwrap();
        assert_eq!(limits.memory, 2 << 30);
        assert_eq!(limits.query_memory, 2 << 30);
        assert_eq!(limits.statement_timeout, Some(Duration::from_secs(300)));
    }

    #[test]
    fn a_query_has_at_most_the_process_memory() {
        let limits = limits(&[("memory", "1MB"), ("query_memory", "1GB")]).unwrap();
        assert_eq!(limits.query_memory, 1 << 20);
    }

    #[test]
    fn what_is_no_setting_is_told_with_the_nearest() {
        let error = limits(&[("memroy", "1GB")]).unwrap_err();
        assert!(error.to_string().contains("did you mean `intarsia.memory`?"), "{error}");
    }

    #[test]
    fn what_does_not_read_is_told() {
        for (name, value) in [
            ("memory", "4 lightyears"),
            ("memory", "0"),
            ("memory", "99999999999TB"),
            ("statement_timeout", "60"),
            ("statement_timeout", "-1s"),
        ] {
            let error = limits(&[(name, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(error.to_string().contains(value), "{error}");
        }
    }
}
