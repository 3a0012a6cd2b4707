//! What may stand where somebody types.

use std::collections::BTreeSet;

use intarsia_catalog::DEFAULT_SCHEMA;
use intarsia_engine::session::{WordKind, words};
use reedline::{Completer, Span, Suggestion};

use super::{
    command::COMMANDS,
    names::{Known, Names, meant, spelled},
    vocabulary,
};
use crate::{render::Format, source::Table};

/// Completes commands of the shell, keywords, and the names that are known.
pub(super) struct Sql {
    known: Known,
}

impl Sql {
    pub(super) fn new(known: Known) -> Sql {
        Sql { known }
    }
}

impl Completer for Sql {
    fn complete(&mut self, text: &str, at: usize) -> Vec<Suggestion> {
        let names = &self.known.names();
        let Some(before) = text.get(..at) else { return Vec::new() };
        if before.trim_start().starts_with('\\') {
            return command(before, names);
        }
        let Some(place) = Place::of(before) else { return Vec::new() };
        place.suggest(&candidates(&place, text, names))
    }
}

/// A word that is being typed, and what stands before it.
struct Place<'a> {
    start: usize,
    typed: &'a str,
    /// The words before, without spaces and comments.
    before: Vec<&'a str>,
}

impl<'a> Place<'a> {
    /// The place at the end of a text; `None` inside of a text or a comment.
    fn of(text: &'a str) -> Option<Place<'a>> {
        let mut words = words(text);
        let is_name = |kind, piece: &str| match kind {
            WordKind::Plain | WordKind::Quoted => true,
            WordKind::Open => piece.starts_with('"'),
            _ => false,
        };
        let last = words.last().map(|last| (last.kind, &text[last.range.clone()]));
        let start = match last {
            Some((kind, piece)) if is_name(kind, piece) => words.pop()?.range.start,
            Some((WordKind::Text | WordKind::Open | WordKind::Faulty | WordKind::Number, _)) => {
                return None;
            }
            Some((WordKind::Comment, piece)) if !piece.ends_with("*/") => return None,
            _ => text.len(),
        };
        let seen = |kind| !matches!(kind, WordKind::Space | WordKind::Comment);
        let before = words.into_iter().filter(|word| seen(word.kind));
        let before = before.map(|word| &text[word.range]).collect();
        Some(Place { start, typed: &text[start..], before })
    }

    /// Whether a table's name belongs here.
    fn wants_table(&self) -> bool {
        self.follows(&["FROM", "JOIN", "DESCRIBE", "TABLE"])
    }

    /// Whether one of these words stands right before.
    fn follows(&self, words: &[&str]) -> bool {
        let last = self.before.last();
        last.is_some_and(|last| words.iter().any(|word| word.eq_ignore_ascii_case(last)))
    }

    /// The candidates that begin as what is typed.
    fn suggest(&self, candidates: &[Candidate]) -> Vec<Suggestion> {
        let typed = meant(self.typed).to_lowercase();
        let mut seen = BTreeSet::new();
        let fitting = candidates.iter().filter(|candidate| {
            candidate.name.to_lowercase().starts_with(&typed) && seen.insert(candidate.value())
        });
        let upper = self.typed.chars().any(char::is_uppercase) || self.typed.is_empty();
        fitting.map(|candidate| self.suggestion(candidate, upper)).collect()
    }

    fn suggestion(&self, candidate: &Candidate, upper: bool) -> Suggestion {
        let value = match candidate.kind {
            Kind::Keyword if !upper => candidate.value().to_lowercase(),
            _ => candidate.value(),
        };
        Suggestion {
            value,
            span: Span::new(self.start, self.start + self.typed.len()),
            append_whitespace: candidate.kind == Kind::Keyword,
            ..Suggestion::default()
        }
    }
}

/// Something that may stand there.
struct Candidate {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Function,
    Keyword,
}

impl Candidate {
    fn name(name: &str) -> Candidate {
        Candidate { name: name.to_owned(), kind: Kind::Name }
    }

    /// How it is written.
    fn value(&self) -> String {
        match self.kind {
            Kind::Name => spelled(&self.name),
            Kind::Function => format!("{}(", self.name),
            Kind::Keyword => self.name.clone(),
        }
    }
}

/// What may stand at a place, the likeliest first.
fn candidates(place: &Place<'_>, text: &str, names: &Names<'_>) -> Vec<Candidate> {
    if let [.., qualifier, "."] = place.before[..] {
        return members(&meant(qualifier), text, names);
    }
    if place.wants_table() {
        return tables(names).collect();
    }
    if place.follows(&["SET", "RESET"]) {
        return vec![Candidate::name(SETTINGS)];
    }
    let columns = mentioned(text, names).into_iter().flat_map(|(_, table)| columns(table));
    let mut all: Vec<Candidate> = columns.collect();
    if place.typed.is_empty() && !all.is_empty() {
        return all;
    }
    all.extend(keywords());
    all.extend(tables(names));
    let function = |name: &String| Candidate { name: name.clone(), kind: Kind::Function };
    all.extend(names.functions.iter().map(function));
    all
}

fn keywords() -> impl Iterator<Item = Candidate> {
    let keyword = |word: &&str| Candidate { name: (*word).to_owned(), kind: Kind::Keyword };
    vocabulary::KEYWORDS.iter().map(keyword)
}

fn columns(table: &Table) -> impl Iterator<Item = Candidate> {
    table.columns.iter().map(|column| Candidate::name(&column.name))
}

/// The tables of the default schema, and the other schemas.
fn tables(names: &Names<'_>) -> impl Iterator<Item = Candidate> {
    names.tables.iter().map(|table| match table.schema.as_str() {
        DEFAULT_SCHEMA => Candidate::name(&table.name),
        other => Candidate::name(other),
    })
}

/// What stands before the point of a setting's name.
const SETTINGS: &str = "intarsia";

/// What may stand behind `qualifier.`: a table's columns, a schema's tables, or settings.
fn members(qualifier: &str, text: &str, names: &Names<'_>) -> Vec<Candidate> {
    if qualifier == SETTINGS {
        return names.settings.iter().map(|name| Candidate::name(name)).collect();
    }
    let mentioned = mentioned(text, names);
    let aliased = mentioned.iter().find(|(alias, _)| alias == qualifier).map(|(_, table)| *table);
    let named = || names.tables.iter().find(|table| table.name == qualifier);
    if let Some(table) = aliased.or_else(named) {
        return columns(table).collect();
    }
    let inside = names.tables.iter().filter(|table| table.schema == qualifier);
    inside.map(|table| Candidate::name(&table.name)).collect()
}

/// The tables that a text speaks of, each under the name that it has there.
fn mentioned<'a>(text: &str, names: &Names<'a>) -> Vec<(String, &'a Table)> {
    let seen = words(text).into_iter();
    let seen: Vec<_> =
        seen.filter(|word| !matches!(word.kind, WordKind::Space | WordKind::Comment)).collect();
    let piece = |at: usize| seen.get(at).map(|word| &text[word.range.clone()]);
    let is_name = |at: usize| {
        let kind = seen.get(at).map(|word| word.kind);
        match piece(at) {
            Some(_) if kind == Some(WordKind::Quoted) => true,
            Some(word) => kind == Some(WordKind::Plain) && !vocabulary::is_keyword(word),
            None => false,
        }
    };
    let mut found = Vec::new();
    for at in (0..seen.len()).filter(|at| is_name(*at)) {
        let name = piece(at).map(meant).unwrap_or_default();
        let Some(table) = names.tables.iter().find(|table| table.name == name) else { continue };
        // `table.column` speaks of one that is mentioned elsewhere.
        if piece(at + 1) == Some(".") {
            continue;
        }
        let as_word = piece(at + 1).is_some_and(|word| word.eq_ignore_ascii_case("as"));
        let alias = at + 1 + usize::from(as_word);
        let alias = if is_name(alias) { piece(alias).map(meant) } else { None };
        found.push((alias.unwrap_or(name), table));
    }
    found
}

/// Completions of a command of the shell.
fn command(before: &str, names: &Names<'_>) -> Vec<Suggestion> {
    let begun = before.trim_start();
    let suggest = |typed: &str, values: Vec<String>| {
        let fitting = values.into_iter().filter(|value| value.starts_with(typed));
        let span = Span::new(before.len() - typed.len(), before.len());
        let suggestion = |value| Suggestion { value, span, ..Suggestion::default() };
        fitting.map(suggestion).collect()
    };
    let Some((name, rest)) = begun.split_once(char::is_whitespace) else {
        return suggest(begun, COMMANDS.iter().map(|(name, ..)| (*name).to_owned()).collect());
    };
    let rest = rest.trim_start();
    match name {
        "\\d" | "\\d+" | "\\dt" => suggest(rest, names.tables.iter().map(Table::shown).collect()),
        "\\format" => suggest(rest, Format::texts().map(Format::name).collect()),
        "\\x" | "\\timing" => suggest(rest, vec!["on".to_owned(), "off".to_owned()]),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::source::tables::Column;

    use super::*;

    fn table(schema: &str, name: &str, columns: &[&str]) -> Table {
        let column = |name: &&str| Column {
            name: (*name).to_owned(),
            kind: "text".to_owned(),
            nullable: true,
        };
        Table {
            schema: schema.to_owned(),
            name: name.to_owned(),
            kind: "TABLE".to_owned(),
            comment: None,
            columns: columns.iter().map(column).collect(),
            of_catalog: None,
        }
    }

    /// What is suggested at the `|` of a text.
    fn at(text: &str) -> Vec<String> {
        let tables = vec![
            table("public", "customers", &["id", "name", "Odd One"]),
            table("public", "orders", &["id", "customer_id", "total"]),
            table("stock", "items", &["sku"]),
        ];
        let known = Known::of(tables, &["count", "concat"], &["memory", "statement_timeout"]);
        let mut sql = Sql::new(known);
        let cursor = text.find('|').unwrap();
        let suggested = sql.complete(&text.replace('|', ""), cursor);
        suggested.into_iter().map(|suggestion| suggestion.value).collect()
    }

    #[test]
    fn keywords_follow_the_case_of_what_is_typed() {
        assert_eq!(at("sel|"), ["select"]);
        assert_eq!(at("SELECT * FR|"), ["FROM"]);
        assert_eq!(at("SELECT 1 WH|"), ["WHEN", "WHERE"]);
    }

    #[test]
    fn tables_stand_behind_from_and_join() {
        assert_eq!(at("SELECT * FROM |"), ["customers", "orders", "stock"]);
        assert_eq!(at("SELECT * FROM cu|"), ["customers"]);
        assert_eq!(at("SELECT * FROM orders JOIN c|"), ["customers"]);
        assert_eq!(at("SELECT * FROM stock.|"), ["items"]);
    }

    #[test]
    fn columns_are_those_of_the_tables_that_are_mentioned() {
        assert_eq!(at("SELECT | FROM customers"), ["id", "name", "\"Odd One\""]);
        assert_eq!(at("SELECT na| FROM customers"), ["name", "natural"]);
        assert_eq!(at("SELECT tot| FROM orders"), ["total"]);
        assert_eq!(at("SELECT \"Od| FROM customers"), Vec::<String>::new());
    }

    #[test]
    fn an_alias_stands_for_its_table() {
        assert_eq!(
            at("SELECT o.| FROM customers c JOIN orders AS o"),
            ["id", "customer_id", "total"]
        );
        assert_eq!(at("SELECT c.n| FROM customers c"), ["name"]);
        assert_eq!(at("SELECT orders.t| FROM orders"), ["total"]);
    }

    #[test]
    fn settings_stand_behind_set() {
        assert_eq!(at("SET |"), ["intarsia"]);
        assert_eq!(at("SET intarsia.st|"), ["statement_timeout"]);
    }

    #[test]
    fn functions_open_their_parenthesis() {
        assert_eq!(at("SELECT cou|"), ["count("]);
    }

    #[test]
    fn nothing_is_suggested_inside_of_texts_and_comments() {
        for text in ["SELECT 'sel|", "SELECT 1 -- sel|", "SELECT /* sel|", "SELECT 12|"] {
            assert_eq!(at(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn commands_and_their_arguments_are_completed() {
        assert_eq!(at("\\ti|"), ["\\timing"]);
        assert_eq!(at("\\d or|"), ["orders"]);
        assert_eq!(at("\\d st|"), ["stock.items"]);
        assert_eq!(at("\\format nd|"), ["ndjson"]);
    }
}
