//! `horizontal`: each row in exactly one part, told by `where`, or under `follows` by its parent's part.

use std::{rc::Rc, sync::Arc};

use super::{
    follows::Parent,
    homes,
    layout::{Resolver, Scope, part_subject},
};
use crate::{
    Horizontal, HorizontalPart, Layout, Predicate, check,
    error::Position,
    predicate,
    raw::{self, Fields, Yaml},
};

const PART_KEYS: [&str; 7] =
    ["name", "where", "part", "stored", "horizontal", "vertical", "follows"];

/// A part that is not compared with the others yet.
pub(super) struct Part {
    pub(super) name: String,
    index: usize,
    subject: String,
    /// Where its `where` or `part` stands.
    pub(super) at: Position,
    /// What its `where` or `part` says.
    pub(super) text: Option<String>,
    /// What that means; `None` if it means nothing, which is told.
    pub(super) domain: Option<Predicate>,
    fields: Fields,
}

/// How the parts of a list say which rows are theirs.
enum Split {
    /// By `where`.
    Conditions,
    /// By `part`; without a parent if that one is faulty, which is told.
    Follows(Option<Parent>),
}

impl Split {
    /// The key that says it, and the key of the other way.
    fn keys(&self) -> (&'static str, &'static str) {
        match self {
            Split::Conditions => ("where", "part"),
            Split::Follows(_) => ("part", "where"),
        }
    }
}

impl Resolver<'_> {
    /// The layout of the list `yaml`, which stands under `horizontal` among the `fields` of a layout.
    pub(super) fn horizontal(
        &mut self,
        fields: &Fields,
        yaml: &Yaml,
        scope: &Scope<'_>,
    ) -> Option<Layout> {
        let split = match fields.get("follows").map(Rc::clone) {
            Some(follows) => Split::Follows(self.parent(&follows, scope)),
            None => Split::Conditions,
        };
        let what = format!("{}, `horizontal`", scope.subject);
        let items = raw::items(yaml, &what, self.report)?;
        if items.is_empty() {
            self.fault(scope, yaml.at, "`horizontal` has no part");
            return None;
        }
        let parts: Vec<Part> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| self.horizontal_part(index, item, &split, scope))
            .collect();
        self.judge_names(parts.iter().map(|part| (part.name.as_str(), part.at)), scope);
        let whole = parts.len() == items.len();
        match &split {
            Split::Conditions if whole => {
                self.judge_domains(&parts, fields.position("horizontal"), scope);
            }
            Split::Conditions | Split::Follows(None) => {}
            Split::Follows(Some(parent)) => self.judge_followers(&parts, parent, yaml.at, scope),
        }
        let layouts: Vec<Option<Layout>> =
            parts.iter().map(|part| self.inner(part, scope)).collect();
        let follows = match split {
            Split::Conditions => None,
            Split::Follows(parent) => Some(parent?.follows),
        };
        let finish = |(part, layout): (Part, Option<Layout>)| {
            let Part { name, domain, text, .. } = part;
            let follows = text.filter(|_| follows.is_some());
            Some(HorizontalPart { name, domain: domain?, follows, layout: layout? })
        };
        let parts = parts.into_iter().zip(layouts).map(finish).collect::<Option<_>>()?;
        let parts = Horizontal::new(&scope.draft.columns, follows, parts);
        whole.then(|| Layout::Horizontal(Arc::new(parts)))
    }

    /// A part as its own lines say.
    fn horizontal_part(
        &mut self,
        index: usize,
        yaml: &Yaml,
        split: &Split,
        scope: &Scope<'_>,
    ) -> Option<Part> {
        if self.report.is_full() {
            return None;
        }
        let position = (index + 1).to_string();
        let subject = part_subject(yaml, &position, scope);
        let fields = Fields::read(yaml, &subject, &PART_KEYS, self.report)?;
        let (text, at) = self.division(&fields, split, &subject);
        let default = match split {
            Split::Conditions => &position,
            Split::Follows(_) => text.as_ref().unwrap_or(&position),
        };
        let name = self.part_name(&fields, default, &subject);
        let domain = text.as_deref().and_then(|text| match split {
            Split::Conditions => self.domain(text, at, &subject, scope),
            Split::Follows(Some(parent)) => self.followed_domain(parent, text, at, &subject),
            Split::Follows(None) => None,
        });
        Some(Part { name, index, subject, at, text, domain, fields })
    }

    /// The text under `where` or `part`, and where it stands.
    fn division(
        &mut self,
        fields: &Fields,
        split: &Split,
        subject: &str,
    ) -> (Option<String>, Position) {
        let (key, other) = split.keys();
        if fields.has(other) {
            let message = match split {
                Split::Follows(_) => "under `follows` a part says `part`, not `where`",
                Split::Conditions => {
                    "`part` needs `follows` beside `horizontal`; otherwise a part says `where`"
                }
            };
            self.report.fault(fields.position(other), format!("{subject}: {message}"));
        }
        let value = match fields.get(key) {
            // One message is enough for a part that says the wrong one of the two.
            None if fields.has(other) => None,
            _ => fields.require(key, subject, self.report),
        };
        let what = format!("{subject}, `{key}`");
        let text = value.and_then(|value| raw::text(value, &what, self.report));
        (text.map(str::to_owned), value.map_or(fields.at, |value| value.at))
    }

    /// What lays out a part.
    fn inner(&mut self, part: &Part, scope: &Scope<'_>) -> Option<Layout> {
        let outer = scope.outer.iter().copied().chain(&part.domain).collect();
        let (columns, subject) = (scope.columns.clone(), part.subject.clone());
        let path = homes::step(&scope.path, homes::Split::Rows, part.index);
        self.layout(&part.fields, &Scope { draft: scope.draft, columns, outer, path, subject })
    }

    /// The condition of a part. A table whose columns are faulty cannot have its conditions read.
    fn domain(
        &mut self,
        text: &str,
        at: Position,
        subject: &str,
        scope: &Scope<'_>,
    ) -> Option<Predicate> {
        if !scope.draft.sound {
            return None;
        }
        match predicate::parse(text, &scope.draft.columns, &scope.columns) {
            Ok(domain) => Some(domain),
            Err(message) => {
                self.report.fault(at, format!("{subject}: `where`: {message}"));
                None
            }
        }
    }

    /// Every row that can be here has exactly one part. Not judged while a part is not known.
    fn judge_domains(&mut self, parts: &[Part], at: Position, scope: &Scope<'_>) {
        let domains: Option<Vec<(&str, &Predicate)>> =
            parts.iter().map(|part| Some((part.name.as_str(), part.domain.as_ref()?))).collect();
        let Some(domains) = domains else { return };
        let outer = Predicate::And(scope.outer.iter().map(|domain| (*domain).clone()).collect());
        for fault in check::horizontal_within(&scope.draft.columns, &outer, &domains) {
            // Two parts are in each other's way where the second stands; a gap is the whole list's.
            let second = fault.other.and_then(|other| parts.get(other.max(fault.part)));
            self.fault(scope, second.map_or(at, |part| part.at), &fault.message);
        }
    }
}
