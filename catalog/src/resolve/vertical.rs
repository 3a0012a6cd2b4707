//! `vertical`: each column outside the key in exactly one part.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use super::{
    homes::{self, Split},
    layout::{Resolver, Scope, part_subject},
};
use crate::{
    Keys, Layout, Vertical, VerticalPart,
    error::Position,
    names::all,
    raw::{self, Fields, Yaml},
};

const PART_KEYS: [&str; 7] =
    ["name", "columns", "keys", "stored", "horizontal", "vertical", "follows"];

/// A part as its own lines say, before it is compared with the others.
struct Part {
    name: String,
    at: Position,
    /// Its columns outside the key, and where they are listed.
    columns: BTreeMap<usize, Position>,
    keys: Keys,
    layout: Option<Layout>,
    /// Whether its list of columns could be read.
    listed: bool,
}

impl Resolver<'_> {
    pub(super) fn vertical(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> Option<Layout> {
        let what = format!("{}, `vertical`", scope.subject);
        let items = raw::items(yaml, &what, self.report)?;
        if items.is_empty() {
            self.fault(scope, yaml.at, "`vertical` has no part");
            return None;
        }
        if scope.draft.primary_key.is_empty() && scope.draft.sound {
            let message =
                "a vertical layout needs a `primary_key`, by which its parts are rejoined";
            self.fault(scope, yaml.at, message);
        }
        let parts: Vec<Option<Part>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.vertical_part(index, item, scope))
            .collect();
        let parts: Vec<Part> = parts.into_iter().collect::<Option<_>>()?;
        self.judge_vertical(&parts, yaml.at, scope);
        let parts = parts.into_iter().map(finish).collect::<Option<_>>()?;
        Some(Layout::Vertical(Arc::new(Vertical { parts })))
    }

    fn vertical_part(&mut self, index: usize, yaml: &Yaml, scope: &Scope<'_>) -> Option<Part> {
        if self.report.is_full() {
            return None;
        }
        let default = (index + 1).to_string();
        let subject = part_subject(yaml, &default, scope);
        let fields = Fields::read(yaml, &subject, &PART_KEYS, self.report)?;
        let name = self.part_name(&fields, &default, &subject);
        let path = homes::step(&scope.path, Split::Columns, index);
        let scope = Scope { subject, path, ..scope.clone() };
        let listed = fields.require("columns", &scope.subject, self.report).cloned();
        let listed = listed.and_then(|yaml| self.listed(&yaml, &scope));
        let keys = self.keys(&fields, &scope);
        let known = listed.is_some();
        let columns = listed.unwrap_or_default();
        // Without a list of columns, any column may be meant to be here.
        let inner = if known { with_key(&columns, &scope) } else { scope.columns.clone() };
        let layout = self.layout(&fields, &Scope { columns: inner, ..scope });
        let at = fields.get("name").map_or(fields.at, |name| name.at);
        Some(Part { name, at, columns, keys, layout, listed: known })
    }

    /// The columns of a part without the key, which may be listed but need not.
    fn listed(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> Option<BTreeMap<usize, Position>> {
        let what = format!("{}, `columns`", scope.subject);
        let mut columns = BTreeMap::new();
        let mut seen = HashSet::new();
        let mut sound = true;
        for item in raw::items(yaml, &what, self.report)? {
            if self.report.is_full() {
                break;
            }
            let name = raw::text(item, &what, self.report);
            let Some(column) = name.and_then(|name| self.column(name, item.at, scope)) else {
                sound = false;
                continue;
            };
            if !seen.insert(column) {
                let message = format!("column `{}` is listed twice", scope.name(column));
                self.fault(scope, item.at, &message);
            } else if !scope.draft.primary_key.contains(&column) {
                columns.insert(column, item.at);
            }
        }
        sound.then_some(columns)
    }

    fn keys(&mut self, fields: &Fields, scope: &Scope<'_>) -> Keys {
        let Some(yaml) = fields.get("keys") else { return Keys::Complete };
        match raw::text(yaml, &format!("{}, `keys`", scope.subject), self.report) {
            Some("optional") => Keys::Optional,
            Some("complete") | None => Keys::Complete,
            Some(other) => {
                let hint = crate::names::suggest(other, ["complete", "optional"]);
                let message = format!("`keys` is `complete` or `optional`, not `{other}`{hint}");
                self.fault(scope, yaml.at, &message);
                Keys::Complete
            }
        }
    }

    fn judge_vertical(&mut self, parts: &[Part], at: Position, scope: &Scope<'_>) {
        let names = parts.iter().map(|part| (part.name.as_str(), part.at));
        self.judge_names(names, scope);
        let mut homes: BTreeMap<usize, &Part> = BTreeMap::new();
        for part in parts {
            for (&column, &at) in &part.columns {
                if let Some(first) = homes.insert(column, part) {
                    let (column, first, second) = (scope.name(column), &first.name, &part.name);
                    let message =
                        format!("column `{column}` is in two parts, `{first}` and `{second}`");
                    self.fault(scope, at, &message);
                }
            }
            self.judge_not_null(part, scope);
        }
        let keyed = scope.draft.sound && !scope.draft.primary_key.is_empty();
        if keyed && parts.iter().all(|part| part.listed) {
            self.judge_missing(&homes, at, scope);
        }
        if parts.iter().all(|part| part.keys == Keys::Optional) {
            let message = "every part has `keys: optional`: one at least has to hold all keys";
            self.fault(scope, at, message);
        }
    }

    fn judge_not_null(&mut self, part: &Part, scope: &Scope<'_>) {
        if part.keys == Keys::Complete || !scope.draft.sound {
            return;
        }
        for (&column, &at) in &part.columns {
            if !scope.draft.columns[column].nullable {
                let message = format!(
                    "column `{}` is `not null`, but part `{}` has `keys: optional` and may lack it",
                    scope.name(column),
                    part.name
                );
                self.fault(scope, at, &message);
            }
        }
    }

    fn judge_missing(&mut self, homes: &BTreeMap<usize, &Part>, at: Position, scope: &Scope<'_>) {
        let missing: Vec<&str> = scope
            .columns
            .iter()
            .filter(|column| !homes.contains_key(column))
            .filter(|column| !scope.draft.primary_key.contains(column))
            .map(|&column| scope.name(column))
            .collect();
        match missing.as_slice() {
            [] => {}
            [column] => self.fault(scope, at, &format!("column `{column}` is in no part")),
            several => {
                self.fault(scope, at, &format!("columns {} are in no part", all(several)));
            }
        }
    }

    /// A part's name is unique among its siblings.
    pub(super) fn judge_names<'b>(
        &mut self,
        names: impl Iterator<Item = (&'b str, Position)>,
        scope: &Scope<'_>,
    ) {
        let mut seen = HashSet::new();
        for (name, at) in names {
            if !seen.insert(name) {
                self.fault(scope, at, &format!("two parts have the name `{name}`"));
            }
        }
    }
}

fn with_key(columns: &BTreeMap<usize, Position>, scope: &Scope<'_>) -> Vec<usize> {
    let key = scope.draft.primary_key.iter().copied();
    key.chain(columns.keys().copied()).collect::<BTreeSet<_>>().into_iter().collect()
}

fn finish(part: Part) -> Option<VerticalPart> {
    let columns = part.columns.into_keys().collect();
    Some(VerticalPart { name: part.name, columns, keys: part.keys, layout: part.layout? })
}
