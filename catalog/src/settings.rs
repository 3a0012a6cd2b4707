//! The settings that a catalog's `settings` and a session's `SET intarsia.NAME` know, and their values.

use std::time::Duration;

/// A setting by its name, and what its values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The name, without `intarsia.`.
    pub name: &'static str,
    /// What its values are.
    pub kind: SettingKind,
}

/// What the values of a setting are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// An amount of memory; see [`memory_size`].
    Memory,
    /// A time; see [`duration`].
    Duration,
}

/// Every setting.
pub const SETTINGS: [Setting; 3] = [
    Setting { name: "memory", kind: SettingKind::Memory },
    Setting { name: "query_memory", kind: SettingKind::Memory },
    Setting { name: "statement_timeout", kind: SettingKind::Duration },
];

impl Setting {
    /// Whether `value` is one of its values.
    ///
    /// # Errors
    /// A message that says how values look.
    pub fn judge(&self, value: &str) -> Result<(), String> {
        match self.kind {
            SettingKind::Memory => memory_size(value).map(drop),
            SettingKind::Duration => duration(value).map(drop),
        }
    }
}

/// The setting of that name.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// The names of all settings.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|setting| setting.name)
}

/// The bytes of a text such as `512MB` or `4GB`: a whole number, at least 1, and a unit in any case, of
/// powers of 1024 as in PostgreSQL (`GiB` is the same as `GB`).
///
/// # Errors
/// A message that says how sizes look.
pub fn memory_size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let factor = match unit.to_ascii_lowercase().as_str() {
        "b" => Some(1),
        "kb" | "kib" => Some(1 << 10),
        "mb" | "mib" => Some(1 << 20),
        "gb" | "gib" => Some(1 << 30),
        "tb" | "tib" => Some(1 << 40),
        _ => None,
    };
    let bytes =
        factor.and_then(|factor: u64| number?.checked_mul(factor)).filter(|bytes| *bytes > 0);
    bytes.ok_or_else(|| format!("`{text}` is no size: write a whole number and kB, MB, GB or TB"))
}

/// The time of a text such as `500ms`, `60s`, `5min` or `2h`; `0` alone is no time, which for a limit
/// means none.
///
/// # Errors
/// A message that says how times look.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let millis = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        "" if number == Some(0) => Some(0),
        _ => None,
    };
    let millis = millis.and_then(|factor: u64| number?.checked_mul(factor));
    millis
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is no time: write a whole number and ms, s, min, h or d"))
}

/// A whole number and the unit behind it.
fn split(text: &str) -> (Option<u64>, &str) {
    let digits = text.find(|next: char| !next.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    (number.parse().ok(), unit.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_powers_of_1024() {
        assert_eq!(memory_size("4GB"), Ok(4 << 30));
        assert_eq!(memory_size("512 mb"), Ok(512 << 20));
        for wrong in ["", "4", "GB", "4.5GB", "-1GB", "0MB", "4XB", "99999999999TB", "4GB "] {
            assert!(memory_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        for wrong in ["", "60", "s", "1.5s", "-1s", "1 week", "99999999999999999999s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
