//! `horizontal`: each row in exactly one part, told by `where`, or under `follows` by its parent's part.

use std::{rc::Rc, sync::Arc};

use super::{
    follows::Parent,
    layout::{Resolver, Scope},
};
use crate::{
    Horizontal, HorizontalPart, Layout, Predicate,
    error::Position,
    predicate,
    raw::{self, Fields, Yaml},
};

const PART_KEYS: [&str; 7] =
    ["name", "where", "part", "stored", "horizontal", "vertical", "follows"];

/// A part that is not compared with the others yet.
pub(super) struct Part {
    pub(super) name: String,
    /// Where its `where` or `part` stands.
    pub(super) at: Position,
    pub(super) domain: Predicate,
    /// The parent's part that it names.
    pub(super) follows: Option<String>,
    fields: Fields,
}

impl Resolver<'_> {
    /// The layout of the list `yaml`, which stands under `horizontal` among the `fields` of a layout.
    pub(super) fn horizontal(
        &mut self,
        fields: &Fields,
        yaml: &Yaml,
        scope: &Scope<'_>,
    ) -> Option<Layout> {
        let parent = fields.get("follows").map(Rc::clone);
        let parent = parent.map(|yaml| self.parent(&yaml, scope));
        let what = format!("{}, `horizontal`", scope.subject);
        let items = raw::items(yaml, &what, self.report)?;
        if items.is_empty() {
            self.fault(scope, yaml.at, "`horizontal` has no part");
            return None;
        }
        let parts: Vec<Option<Part>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.horizontal_part(index, item, parent.as_ref(), scope))
            .collect();
        let whole = parts.iter().all(Option::is_some);
        let parts: Vec<Part> = parts.into_iter().flatten().collect();
        self.judge_names(parts.iter().map(|part| (part.name.as_str(), part.at)), scope);
        let layouts: Vec<Option<Layout>> =
            parts.iter().map(|part| self.inner(part, scope)).collect();
        if !whole {
            return None;
        }
        if let Some(parent) = &parent {
            self.judge_followers(&parts, parent.as_ref(), yaml.at, scope);
        }
        let finish = |(part, layout): (Part, Option<Layout>)| {
            Some(HorizontalPart { name: part.name, domain: part.domain, layout: layout? })
        };
        let parts = parts.into_iter().zip(layouts).map(finish).collect::<Option<_>>()?;
        let follows = match parent {
            Some(parent) => Some(parent?.follows),
            None => None,
        };
        Some(Layout::Horizontal(Arc::new(Horizontal { follows, parts })))
    }

    /// A part's name and domain; `None` if one of them cannot be told.
    fn horizontal_part(
        &mut self,
        index: usize,
        yaml: &Yaml,
        parent: Option<&Option<Parent>>,
        scope: &Scope<'_>,
    ) -> Option<Part> {
        let position = (index + 1).to_string();
        let numbered = format!("{}, part {position}", scope.subject);
        let fields = Fields::read(yaml, &numbered, &PART_KEYS, self.report)?;
        let (key, other) = if parent.is_some() { ("part", "where") } else { ("where", "part") };
        if fields.has(other) {
            let message = match parent {
                Some(_) => "under `follows` a part says `part`, not `where`",
                None => "`part` needs `follows` beside `horizontal`; otherwise a part says `where`",
            };
            self.report.fault(fields.position(other), format!("{numbered}: {message}"));
        }
        let value = match fields.get(key) {
            Some(value) => Some(Rc::clone(value)),
            // One message is enough for a part that says the wrong one of the two.
            None if fields.has(other) => None,
            None => fields.require(key, &numbered, self.report).cloned(),
        };
        let text = value.as_ref().and_then(|value| {
            raw::text(value, &format!("{numbered}, `{key}`"), self.report).map(str::to_owned)
        });
        let follows = text.clone().filter(|_| parent.is_some());
        let default = follows.clone().unwrap_or(position);
        let name = self.part_name(&fields, &default, &numbered);
        let subject = format!("{}, part `{name}`", scope.subject);
        let at = value.as_ref().map_or(fields.at, |value| value.at);
        let domain = match (parent, text) {
            (_, None) => None,
            (Some(parent), Some(text)) => {
                self.followed_domain(parent.as_ref(), &text, at, &subject)
            }
            (None, Some(text)) => self.domain(&text, at, &Scope { subject, ..scope.clone() }),
        };
        match domain {
            Some(domain) => Some(Part { name, at, domain, follows, fields }),
            None => {
                // Its layout is judged all the same.
                let unknown = Part { name, at, domain: Predicate::Unknown, follows, fields };
                self.inner(&unknown, scope);
                None
            }
        }
    }

    fn inner(&mut self, part: &Part, scope: &Scope<'_>) -> Option<Layout> {
        let outer = scope.outer.iter().copied().chain([&part.domain]).collect();
        let subject = format!("{}, part `{}`", scope.subject, part.name);
        let columns = scope.columns.clone();
        self.layout(&part.fields, &Scope { draft: scope.draft, columns, outer, subject })
    }

    /// The condition of a part. A table whose columns are faulty cannot have its conditions read.
    fn domain(&mut self, text: &str, at: Position, scope: &Scope<'_>) -> Option<Predicate> {
        if !scope.draft.sound {
            return None;
        }
        match predicate::parse(text, &scope.draft.columns, &scope.columns) {
            Ok(domain) => Some(domain),
            Err(message) => {
                self.fault(scope, at, &format!("`where`: {message}"));
                None
            }
        }
    }
}
