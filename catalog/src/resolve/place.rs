//! Places: a relation of a node, in its short and its long form.

use super::layout::{Resolver, Scope};
use crate::{
    Address, Backend, Node, Place,
    names::suggest,
    raw::{self, Fields, Kind, Yaml},
};

/// The keys of the long form.
pub(super) const PLACE_KEYS: [&str; 3] = ["node", "schema", "relation"];

impl Resolver<'_> {
    /// `node.relation`, `node.schema.relation` or the long form.
    pub(super) fn place(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> Option<Place> {
        match &yaml.kind {
            Kind::Map(_) => {
                let what = format!("{}, place", scope.subject);
                let fields = Fields::read(yaml, &what, &PLACE_KEYS, self.report)?;
                self.long_place(&fields, scope)
            }
            Kind::Text(text) => match short_place(text) {
                Ok(place) => self.known(place, yaml, scope),
                Err(message) => {
                    self.fault(scope, yaml.at, &message);
                    None
                }
            },
            Kind::Empty | Kind::List(_) => {
                let message = format!("here stands {}, not a place", yaml.describe());
                self.fault(scope, yaml.at, &message);
                None
            }
        }
    }

    /// `{ node: eu, schema: s, relation: "odd.name" }`.
    pub(super) fn long_place(&mut self, fields: &Fields, scope: &Scope<'_>) -> Option<Place> {
        let what = format!("{}, place", scope.subject);
        let mut read = |key: &str| -> Option<String> {
            let yaml = fields.get(key)?;
            let text = raw::text(yaml, &format!("{what}, `{key}`"), self.report)?;
            if text.is_empty() {
                self.report.fault(yaml.at, format!("{what}: `{key}` is empty"));
                return None;
            }
            Some(text.to_owned())
        };
        let (node, schema, relation) = (read("node"), read("schema"), read("relation"));
        let node_yaml = fields.require("node", &what, self.report);
        fields.require("relation", &what, self.report);
        if schema.is_none() && fields.has("schema") {
            return None;
        }
        self.known(Place { node: node?, schema, relation: relation? }, node_yaml?, scope)
    }

    /// The place, if its node is one of the catalog's.
    fn known(&mut self, place: Place, at: &Yaml, scope: &Scope<'_>) -> Option<Place> {
        if self.nodes.contains_key(&place.node) {
            return Some(place);
        }
        let hint = suggest(&place.node, self.nodes.keys().map(String::as_str));
        self.fault(scope, at.at, &format!("unknown node `{}`{hint}", place.node));
        None
    }

    /// The node of a place; `None` if it is faulty.
    pub(super) fn node(&self, place: &Place) -> Option<&Node> {
        self.nodes.get(&place.node)?.as_deref()
    }

    /// The place with its node's default schema filled in, to tell equal ones.
    pub(super) fn full(&self, place: &Place) -> Place {
        let default = || self.node(place).map(|node| default_schema(node).to_owned());
        Place { schema: place.schema.clone().or_else(default), ..place.clone() }
    }
}

fn default_schema(node: &Node) -> &str {
    match (node.backend, &node.address) {
        (Backend::Postgres, _) => "public",
        (Backend::MySql, Address::Server { database, .. }) => database,
        (Backend::MySql | Backend::Sqlite, _) => "main",
    }
}

fn short_place(text: &str) -> Result<Place, String> {
    let names: Vec<&str> = text.split('.').collect();
    let (node, schema, relation) = match names.as_slice() {
        _ if names.contains(&"") => return Err(no_place(text)),
        [node, relation] => (node, None, relation),
        [node, schema, relation] => (node, Some((*schema).to_owned()), relation),
        _ => return Err(no_place(text)),
    };
    Ok(Place { node: (*node).to_owned(), schema, relation: (*relation).to_owned() })
}

fn no_place(text: &str) -> String {
    format!(
        "`{text}` is no place: write NODE.RELATION or NODE.SCHEMA.RELATION, or for a name with a \
         point {{ node: …, schema: …, relation: … }}"
    )
}
