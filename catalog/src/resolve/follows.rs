//! `follows`: a derived layout, whose rows live where their parents live.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    horizontal::Part,
    layout::{Resolver, Scope},
    table::{Draft, Drafts, table_name},
};
use crate::{
    Follows, Horizontal, Layout, Predicate, TableName,
    error::Position,
    names::{all, nearest, suggest},
    raw::{self, Fields, Kind, Yaml},
};

const KEYS: [&str; 2] = ["table", "key"];

/// The table that a layout follows.
pub(super) struct Parent {
    pub(super) follows: Follows,
    /// Its parts; `None` if its own layout is faulty, which is told there.
    parts: Option<Arc<Horizontal>>,
}

/// The tables that a layout names under `follows`, at any depth, as far as they are known.
pub(super) fn parents(layout: &Yaml, drafts: &Drafts) -> Vec<(TableName, Position)> {
    let mut found = Vec::new();
    let mut waiting = vec![layout];
    while let Some(yaml) = waiting.pop() {
        match &yaml.kind {
            Kind::Empty | Kind::Text(_) => {}
            Kind::List(items) => waiting.extend(items.iter().map(AsRef::as_ref)),
            Kind::Map(entries) => {
                for (key, value) in entries {
                    match key.name.as_str() {
                        "follows" => found.extend(followed(value, drafts)),
                        "horizontal" | "vertical" => waiting.push(value),
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

fn followed(yaml: &Yaml, drafts: &Drafts) -> Option<(TableName, Position)> {
    let Kind::Map(entries) = &yaml.kind else { return None };
    let (_, value) = entries.iter().find(|(key, _)| key.name == "table")?;
    let name = table_name(value.as_text()?).ok()?;
    drafts.contains_key(&name).then_some((name, value.at))
}

impl<'r> Resolver<'r> {
    /// The parent that `follows` names; `None` if it cannot be followed, which is told.
    pub(super) fn parent(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> Option<Parent> {
        let what = format!("{}, `follows`", scope.subject);
        let fields = Fields::read(yaml, &what, &KEYS, self.report)?;
        let table = fields.require("table", &what, self.report).cloned();
        let key = fields.require("key", &what, self.report).cloned();
        let table = table.and_then(|yaml| Some((self.parent_draft(&yaml, scope)?, yaml.at)));
        let (draft, at) = table?;
        let key = self.followed_key(key.as_ref()?, draft, scope)?;
        let follows = Follows { table: draft.name.clone(), key };
        let parts = match self.done.get(&draft.name).map(|table| &table.layout) {
            Some(Layout::Horizontal(parts)) => Some(Arc::clone(parts)),
            Some(Layout::Stored(_) | Layout::Vertical(_)) => {
                let message = format!("`follows`: table `{}` has no horizontal parts", draft.name);
                self.fault(scope, at, &message);
                return None;
            }
            None => None,
        };
        Some(Parent { follows, parts })
    }

    fn parent_draft(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> Option<&'r Draft> {
        let drafts = self.drafts;
        let text = raw::text(yaml, &format!("{}, `follows`", scope.subject), self.report)?;
        let found = table_name(text).ok().and_then(|name| drafts.get(&name));
        if found.is_none() {
            let known: Vec<String> = drafts.keys().map(TableName::to_string).collect();
            let hint = suggest(text, known.iter().map(String::as_str));
            self.fault(scope, yaml.at, &format!("`follows`: unknown table `{text}`{hint}"));
        }
        found
    }

    /// `key: { own: parent's }`: the right sides are the parent's primary key.
    fn followed_key(
        &mut self,
        yaml: &Yaml,
        parent: &Draft,
        scope: &Scope<'_>,
    ) -> Option<Vec<(usize, usize)>> {
        let what = format!("{}, `follows`", scope.subject);
        let mut key = Vec::new();
        let mut sound = true;
        for (own, theirs) in raw::entries(yaml, &format!("{what}, `key`"), self.report)? {
            let own = self.column(&own.name, own.at, scope).map(|column| (column, own.at));
            let theirs = self.parent_column(theirs, parent, scope);
            let (Some((own, at)), Some(theirs)) = (own, theirs) else {
                sound = false;
                continue;
            };
            self.judge_key_column(own, (parent, theirs), at, scope);
            key.push((own, theirs));
        }
        let named: HashSet<usize> = key.iter().map(|(_, theirs)| *theirs).collect();
        let exactly =
            named.len() == key.len() && named == parent.primary_key.iter().copied().collect();
        if sound && parent.sound && !exactly {
            let message = not_the_key(parent);
            self.fault(scope, yaml.at, &message);
        }
        sound.then_some(key)
    }

    fn parent_column(&mut self, yaml: &Yaml, parent: &Draft, scope: &Scope<'_>) -> Option<usize> {
        let name = raw::text(yaml, &format!("{}, `key`", scope.subject), self.report)?;
        let column = parent.column(name);
        if column.is_none() {
            let every: Vec<usize> = (0..parent.columns.len()).collect();
            let unknown = parent.unknown_column(name, &every);
            let message = format!("`follows`: table `{}`: {unknown}", parent.name);
            self.fault(scope, yaml.at, &message);
        }
        column
    }

    fn judge_key_column(
        &mut self,
        own: usize,
        (parent, theirs): (&Draft, usize),
        at: Position,
        scope: &Scope<'_>,
    ) {
        if !scope.draft.sound || !parent.sound {
            return;
        }
        let (own, theirs) = (&scope.draft.columns[own], &parent.columns[theirs]);
        if own.nullable {
            let message = format!(
                "`follows`: column `{}` may be NULL, and no part is a home for that: declare it \
                 `{} not null`",
                own.name, own.ty
            );
            self.fault(scope, at, &message);
        }
        if own.ty != theirs.ty {
            let message = format!(
                "`follows`: column `{}` is {}, `{}` of table `{}` is {}",
                own.name, own.ty, theirs.name, parent.name, theirs.ty
            );
            self.fault(scope, at, &message);
        }
    }

    /// What a parent's part says of the own columns.
    pub(super) fn followed_domain(
        &mut self,
        parent: &Parent,
        name: &str,
        at: Position,
        subject: &str,
    ) -> Option<Predicate> {
        let parts = &parent.parts.as_ref()?.parts;
        let Some(part) = parts.iter().find(|part| part.name == name) else {
            let table = &parent.follows.table;
            let known = parts.iter().map(|part| part.name.as_str());
            let message = match nearest(name, known) {
                Some(near) => {
                    format!("no part `{name}` in table `{table}`: did you mean `{near}`?")
                }
                None => format!("no part `{name}` in table `{table}`"),
            };
            self.report.fault(at, format!("{subject}: {message}"));
            return None;
        };
        let own: HashMap<usize, usize> =
            parent.follows.key.iter().map(|(own, theirs)| (*theirs, *own)).collect();
        Some(part.domain.map_columns(&|theirs| own.get(&theirs).copied()))
    }

    /// Each part of the parent is named once.
    pub(super) fn judge_followers(
        &mut self,
        parts: &[Part],
        parent: &Parent,
        at: Position,
        scope: &Scope<'_>,
    ) {
        let Some(theirs) = &parent.parts else { return };
        let mut named = HashSet::new();
        for part in parts {
            let Some(name) = part.text.as_deref() else { continue };
            if !named.insert(name) {
                self.fault(scope, part.at, &format!("part `{name}` is named twice"));
            }
        }
        let homeless: Vec<&str> = theirs
            .parts
            .iter()
            .map(|part| part.name.as_str())
            .filter(|name| !named.contains(name))
            .collect();
        // A part that names none, or an unknown one, may be meant for those that are left.
        if !homeless.is_empty() && parts.iter().all(|part| part.domain.is_some()) {
            let table = &parent.follows.table;
            let message =
                format!("no home for the rows that follow {} of `{table}`", all(&homeless));
            self.fault(scope, at, &message);
        }
    }
}

fn not_the_key(parent: &Draft) -> String {
    let key: Vec<&str> =
        parent.primary_key.iter().map(|&column| parent.columns[column].name.as_str()).collect();
    if key.is_empty() {
        return format!("`follows`: table `{}` has no `primary_key`", parent.name);
    }
    format!(
        "`follows`: the right side of `key` is the primary key of `{}`, which is {}",
        parent.name,
        all(&key)
    )
}
