//! `stored`: one relation, or replicas, and how local columns become global ones.

use std::{
    collections::{BTreeMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use sqlparser::ast::Expr;

use super::{
    expression,
    layout::{Resolver, Scope},
    place::PLACE_KEYS,
};
use crate::{
    Backend, Encoding, Layout, Local, Place, Stored, StoredTable, Type,
    error::Position,
    names::{list, suggest},
    raw::{self, Fields, Kind, Yaml},
};

/// The keys of the long form of `stored`.
const LONG_KEYS: [&str; 4] = ["at", "columns", "rows", "encoding"];
/// Of a mapping that may be a place or the long form.
const ANY_KEYS: [&str; 7] = ["node", "schema", "relation", "at", "columns", "rows", "encoding"];

const ENCODINGS: [(&str, Encoding); 4] = [
    ("unix_seconds", Encoding::UnixSeconds),
    ("unix_millis", Encoding::UnixMillis),
    ("unix_micros", Encoding::UnixMicros),
    ("julian_day", Encoding::JulianDay),
];

/// What the long form says besides places; nothing in the short form.
#[derive(Default)]
struct Mapping {
    columns: BTreeMap<usize, Local>,
    rows: Option<Expr>,
    encodings: BTreeMap<usize, Encoding>,
}

impl Resolver<'_> {
    pub(super) fn stored(&mut self, yaml: &Rc<Yaml>, scope: &Scope<'_>) -> Option<Layout> {
        let mut replicas = Vec::new();
        let mut complete = true;
        let forms = match &yaml.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Empty | Kind::Text(_) | Kind::Map(_) => std::slice::from_ref(yaml),
        };
        if forms.is_empty() {
            self.fault(scope, yaml.at, "`stored` names no place");
        }
        for form in forms {
            match self.replicas(form, scope) {
                Some(more) => replicas.extend(more),
                None => complete = false,
            }
        }
        self.judge_replicas(&replicas, scope);
        for (replica, at) in &replicas {
            self.judge_home(replica, *at, scope);
        }
        let replicas: Vec<StoredTable> = replicas.into_iter().map(|(replica, _)| replica).collect();
        let whole = complete && !replicas.is_empty();
        whole.then(|| Layout::Stored(Arc::new(Stored { columns: scope.columns.clone(), replicas })))
    }

    /// A place, or a long form, which may have several.
    fn replicas(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> Option<Vec<(StoredTable, Position)>> {
        let (places, mapping) = match &yaml.kind {
            Kind::Map(_) => {
                let what = format!("{}, `stored`", scope.subject);
                let fields = Fields::read(yaml, &what, &ANY_KEYS, self.report)?;
                if fields.has("at") || !PLACE_KEYS.iter().any(|key| fields.has(key)) {
                    self.long_form(&fields, scope)?
                } else {
                    let place = self.bare_place(&fields, scope)?;
                    (vec![(place, yaml.at)], Mapping::default())
                }
            }
            Kind::Empty | Kind::Text(_) | Kind::List(_) => {
                (vec![(self.place(yaml, scope)?, yaml.at)], Mapping::default())
            }
        };
        let replica = |(place, at)| (mapping.at(place, scope), at);
        Some(places.into_iter().map(replica).collect())
    }

    /// `stored: { node: …, relation: … }`.
    fn bare_place(&mut self, fields: &Fields, scope: &Scope<'_>) -> Option<Place> {
        for key in LONG_KEYS.into_iter().filter(|key| fields.has(key)) {
            let message = format!("beside `{key}` the place stands under `at`");
            self.fault(scope, fields.position(key), &message);
        }
        self.long_place(fields, scope)
    }

    fn long_form(
        &mut self,
        fields: &Fields,
        scope: &Scope<'_>,
    ) -> Option<(Vec<(Place, Position)>, Mapping)> {
        for key in PLACE_KEYS.into_iter().filter(|key| fields.has(key)) {
            self.fault(scope, fields.position(key), &format!("beside `at` there is no `{key}`"));
        }
        let what = format!("{}, `stored`", scope.subject);
        let at = fields.require("at", &what, self.report).map(Rc::clone);
        let places = at.and_then(|at| self.places(&at, scope));
        let columns = fields.get("columns").map(|yaml| self.local_columns(yaml, scope));
        let rows = fields.get("rows").map(|yaml| self.rows(yaml, scope));
        let encodings = fields.get("encoding").map(|yaml| self.encodings(yaml, scope));
        let places = places?;
        if encodings.is_some() {
            self.judge_encoding(&places, fields.position("encoding"), scope);
        }
        let mapping = Mapping {
            columns: columns.unwrap_or_default(),
            rows: rows.flatten(),
            encodings: encodings.unwrap_or_default(),
        };
        Some((places, mapping))
    }

    /// A place or a list of places.
    fn places(&mut self, yaml: &Rc<Yaml>, scope: &Scope<'_>) -> Option<Vec<(Place, Position)>> {
        let places = match &yaml.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Empty | Kind::Text(_) | Kind::Map(_) => std::slice::from_ref(yaml),
        };
        if places.is_empty() {
            self.fault(scope, yaml.at, "`at` names no place");
            return None;
        }
        let read: Vec<Option<(Place, Position)>> =
            places.iter().map(|yaml| Some((self.place(yaml, scope)?, yaml.at))).collect();
        read.into_iter().collect()
    }

    /// `columns: { global: LOCAL }`.
    fn local_columns(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> BTreeMap<usize, Local> {
        let what = format!("{}, `columns`", scope.subject);
        let mut columns = BTreeMap::new();
        for (key, value) in raw::entries(yaml, &what, self.report).unwrap_or_default() {
            if self.report.is_full() {
                break;
            }
            let column = self.column(&key.name, key.at, scope);
            let what = format!("{}, column `{}`", scope.subject, key.name);
            let Some(text) = raw::text(value, &what, self.report) else { continue };
            match (column, expression::local(text)) {
                (Some(column), Ok(local)) => {
                    self.judge_null(column, &local, value.at, scope);
                    columns.insert(column, local);
                }
                (None, Ok(_)) => {}
                (_, Err(message)) => self.report.fault(value.at, format!("{what}: {message}")),
            }
        }
        columns
    }

    fn judge_null(&mut self, column: usize, local: &Local, at: Position, scope: &Scope<'_>) {
        if scope.draft.sound && !scope.draft.columns[column].nullable && expression::is_null(local)
        {
            let name = scope.name(column);
            self.fault(
                scope,
                at,
                &format!("column `{name}` is `not null`, here it is always NULL"),
            );
        }
    }

    fn rows(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> Option<Expr> {
        let what = format!("{}, `rows`", scope.subject);
        let text = raw::text(yaml, &what, self.report)?;
        match expression::parse(text) {
            Ok(rows) => Some(rows),
            Err(message) => {
                self.report.fault(yaml.at, format!("{what}: {message}"));
                None
            }
        }
    }

    fn encodings(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> BTreeMap<usize, Encoding> {
        let what = format!("{}, `encoding`", scope.subject);
        let mut encodings = BTreeMap::new();
        for (key, value) in raw::entries(yaml, &what, self.report).unwrap_or_default() {
            let column = self.column(&key.name, key.at, scope);
            let column = column.filter(|&column| self.is_temporal(column, key.at, scope));
            let Some(word) = raw::text(value, &what, self.report) else { continue };
            match (column, ENCODINGS.iter().find(|(name, _)| *name == word)) {
                (Some(column), Some((_, encoding))) => drop(encodings.insert(column, *encoding)),
                (None, Some(_)) => {}
                (_, None) => self.report.fault(value.at, format!("{what}: {}", no_encoding(word))),
            }
        }
        encodings
    }

    fn is_temporal(&mut self, column: usize, at: Position, scope: &Scope<'_>) -> bool {
        let ty = scope.draft.columns[column].ty;
        let temporal = matches!(ty, Type::Date | Type::Timestamp | Type::TimestampTz);
        if !temporal && scope.draft.sound {
            let name = scope.name(column);
            let message = format!(
                "`encoding` is for date, timestamp and timestamptz; column `{name}` is {ty}"
            );
            self.fault(scope, at, &message);
        }
        temporal
    }

    fn judge_encoding(&mut self, places: &[(Place, Position)], at: Position, scope: &Scope<'_>) {
        let other = places
            .iter()
            .filter_map(|(place, _)| self.node(place))
            .find(|node| node.backend != Backend::Sqlite)
            .map(|node| node.name.clone());
        if let Some(node) = other {
            let message = format!("`encoding` is for SQLite, and node `{node}` is none");
            self.fault(scope, at, &message);
        }
    }

    fn judge_replicas(&mut self, replicas: &[(StoredTable, Position)], scope: &Scope<'_>) {
        let mut seen = HashSet::new();
        for (replica, at) in replicas {
            if !seen.insert(self.full(&replica.place)) {
                let message = format!("`{}` is here twice as a replica", replica.place);
                self.fault(scope, *at, &message);
            }
        }
    }

    /// The column of that name; told if it is not here.
    pub(super) fn column(&mut self, name: &str, at: Position, scope: &Scope<'_>) -> Option<usize> {
        match scope.column(name) {
            Ok(column) => Some(column),
            Err(message) => {
                self.fault(scope, at, &message);
                None
            }
        }
    }
}

impl Mapping {
    /// The relation at `place`, with a local column for each global one.
    fn at(&self, place: Place, scope: &Scope<'_>) -> StoredTable {
        let local = |column: usize| {
            let same = || Local::Column { name: scope.name(column).to_owned(), exact: false };
            self.columns.get(&column).cloned().unwrap_or_else(same)
        };
        let columns = scope.columns.iter().map(|&column| (column, local(column))).collect();
        StoredTable { place, columns, rows: self.rows.clone(), encodings: self.encodings.clone() }
    }
}

fn no_encoding(word: &str) -> String {
    let words = ENCODINGS.map(|(name, _)| name);
    format!("unknown word `{word}`{} (known: {})", suggest(word, words), list(&words))
}
