//! The shell's own commands, which begin with a backslash.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::{
    render::Format,
    status::{Failure, Result},
};

/// What a command asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Help,
    Quit,
    /// On, off, or the other.
    Timing(Option<bool>),
    /// On, off, or the other.
    Expanded(Option<bool>),
    /// What it is, or what it shall be.
    Format(Option<Format>),
    /// The plan of a statement, of the last if it is empty.
    Explain(String),
    Script(PathBuf),
    Describe(What),
    /// Functions whose names fit a pattern.
    Functions(String),
}

/// What is described.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// All tables whose names fit a pattern; all of them if it is empty.
    Tables(String),
    /// The tables of a name or pattern, with their columns.
    Table(String),
    Schemas,
}

/// Name, arguments, what it does.
pub(super) const COMMANDS: [(&str, &str, &str); 11] = [
    ("\\d", "[TABLE]", "tables; or the columns, keys and layout of one"),
    ("\\dt", "[PATTERN]", "tables, * and ? in their names standing for anything"),
    ("\\dn", "", "schemas"),
    ("\\df", "[PATTERN]", "functions"),
    ("\\explain", "[STATEMENT]", "the plan of a statement, or of the last one"),
    ("\\x", "[on|off]", "a line a value, for wide rows"),
    ("\\format", "[NAME]", "how answers are written: table, expanded, csv, json, ndjson"),
    ("\\timing", "[on|off]", "how long statements take"),
    ("\\i", "FILE", "runs a script"),
    ("\\?", "", "this list"),
    ("\\q", "", "leaves, as Ctrl-D does"),
];

/// Other names for them.
const ALIASES: [(&str, &str); 7] = [
    ("\\quit", "\\q"),
    ("\\h", "\\?"),
    ("\\help", "\\?"),
    ("help", "\\?"),
    ("quit", "\\q"),
    ("exit", "\\q"),
    ("\\exit", "\\q"),
];

/// Whether an entry is a command: it then ends with its line, not with a `;`.
pub(super) fn is_command(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('\\') || ALIASES.iter().any(|(name, _)| *name == bare(text))
}

fn bare(text: &str) -> &str {
    text.trim_end_matches([';', ' '])
}

impl Command {
    /// Reads a command; `None` if the entry is none.
    pub(super) fn read(text: &str) -> Result<Option<Command>> {
        if !is_command(text) {
            return Ok(None);
        }
        let text = text.trim();
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        // What psql shows more of with a `+` is shown anyway.
        let name = bare(name).trim_end_matches('+');
        let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
        let rest = rest.trim();
        let argument = bare(rest);
        Ok(Some(match name {
            "\\?" => Command::Help,
            "\\q" => Command::Quit,
            "\\timing" => Command::Timing(switch(name, argument)?),
            "\\x" => Command::Expanded(switch(name, argument)?),
            "\\format" => Command::Format(format(argument)?),
            "\\explain" => Command::Explain(rest.to_owned()),
            "\\i" if argument.is_empty() => return Err(Failure::fault("\\i FILE")),
            "\\i" => Command::Script(PathBuf::from(rest)),
            "\\d" if argument.is_empty() => Command::Describe(What::Tables(String::new())),
            "\\d" => Command::Describe(What::Table(argument.to_owned())),
            "\\dt" => Command::Describe(What::Tables(argument.to_owned())),
            "\\dn" => Command::Describe(What::Schemas),
            "\\df" => Command::Functions(argument.to_owned()),
            _ => return Err(Failure::fault(format!("`{name}` is no command; \\? lists them"))),
        }))
    }
}

fn switch(name: &str, argument: &str) -> Result<Option<bool>> {
    match argument {
        "" => Ok(None),
        "on" => Ok(Some(true)),
        "off" => Ok(Some(false)),
        _ => Err(Failure::fault(format!("{name} on, {name} off, or {name} alone for the other"))),
    }
}

fn format(name: &str) -> Result<Option<Format>> {
    if name.is_empty() {
        return Ok(None);
    }
    let known = "there are table, expanded, csv, json and ndjson";
    let format = Format::from_str(name, true);
    format.map(Some).map_err(|_| Failure::fault(format!("`{name}` is no format; {known}")))
}

/// The list of commands.
pub(super) fn help() -> String {
    let line = |(name, arguments, does): &(&str, &str, &str)| {
        format!("{:<24}{does}\n", format!("{name} {arguments}"))
    };
    COMMANDS.iter().map(line).chain([KEYS.to_owned()]).collect()
}

const KEYS: &str = "
A statement ends with `;` and may have many lines; Alt-Enter begins one anywhere. Tab completes, Ctrl-R searches
what was entered before, Ctrl-C stops the statement that runs or empties the line, Ctrl-D leaves. What begins with
a space is not kept.
";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Command>, String> {
        Command::read(text).map_err(|failure| failure.to_string())
    }

    #[test]
    fn commands_are_read_with_their_arguments() {
        for (text, expected) in [
            ("\\q", Command::Quit),
            ("  exit;  ", Command::Quit),
            ("help", Command::Help),
            ("\\timing on", Command::Timing(Some(true))),
            ("\\x;", Command::Expanded(None)),
            ("\\format CSV", Command::Format(Some(Format::Csv))),
            ("\\explain SELECT ';' ;", Command::Explain("SELECT ';' ;".to_owned())),
            ("\\d", Command::Describe(What::Tables(String::new()))),
            ("\\d+ public.t ;", Command::Describe(What::Table("public.t".to_owned()))),
            ("\\dt+", Command::Describe(What::Tables(String::new()))),
            ("\\i two words.sql", Command::Script("two words.sql".into())),
        ] {
            assert_eq!(read(text), Ok(Some(expected)), "{text}");
        }
        assert_eq!(read("SELECT 1;"), Ok(None));
        assert_eq!(read("exit_code"), Ok(None));
    }

    #[test]
    fn what_is_no_command_is_told() {
        for (text, told) in [
            ("\\dance", "error: `\\dance` is no command; \\? lists them"),
            ("\\x maybe", "error: \\x on, \\x off, or \\x alone for the other"),
            (
                "\\format xml",
                "error: `xml` is no format; there are table, expanded, csv, json and ndjson",
            ),
            ("\\i", "error: \\i FILE"),
        ] {
            assert_eq!(read(text).unwrap_err(), told);
        }
    }

    #[test]
    fn every_command_that_is_listed_is_one() {
        for (name, arguments, _) in COMMANDS {
            let argument = if arguments.starts_with('[') { "" } else { arguments };
            assert!(read(&format!("{name} {argument}")).is_ok(), "{name}");
        }
    }
}
