//! A YAML value that knows where it stands.

use std::rc::Rc;

use crate::error::Position;

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Yaml {
    pub(crate) at: Position,
    pub(crate) kind: Kind,
    /// How many values it is made of, itself included and aliases followed.
    pub(crate) size: usize,
}

/// What a value is. There are no numbers, booleans or nulls: every scalar is its text.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Nothing was written.
    Empty,
    /// A scalar.
    Text(String),
    /// A sequence. Its items are shared with the aliases of their anchors.
    List(Vec<Rc<Yaml>>),
    /// A mapping, in the order of the file, each key once.
    Map(Vec<(Key, Rc<Yaml>)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) at: Position,
    pub(crate) name: String,
}

impl Yaml {
    /// What it is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Empty => "nothing",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            Kind::Empty | Kind::List(_) | Kind::Map(_) => None,
        }
    }
}
