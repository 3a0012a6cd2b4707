//! Bytes to tree, in bounded time and memory whatever the bytes are.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    str,
};

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use super::{Key, Kind, Yaml};
use crate::error::{Position, Report};

/// The most bytes that a catalog file can have. A longer one is refused: 10,000 parts take about 1 MB.
pub const MAX_BYTES: usize = 64 << 20;
/// So many values a file may have, aliases followed: an alias bomb ends here.
const MAX_VALUES: usize = 2_000_000;
/// So many bytes of a text count as one more value.
const BYTES_PER_VALUE: usize = 64;
/// So deep may brackets, and apart from them indentation, be nested.
const MAX_DEPTH: usize = 128;
/// So many characters may a key have. YAML says 1,024; names here are of any length.
const MAX_KEY: usize = 1 << 20;

/// The tree of the file's one document; `None` if it could not be made, which `report` then tells.
pub(crate) fn parse(bytes: &[u8], report: &mut Report) -> Option<Rc<Yaml>> {
    let text = decode(bytes, report)?;
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        simple_key_max_lookahead: MAX_KEY,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder { report, open: Vec::new(), anchors: HashMap::new(), root: None };
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => Err((position(error.marker()), sentence(&error))),
        };
        if let Err((at, message)) = step {
            report.fault(at, message);
            return None;
        }
    }
    let root = builder.root;
    if root.is_none() {
        report.fault(Position::START, "the file is empty: a catalog begins with `version: 1`");
    }
    root
}

fn decode<'a>(bytes: &'a [u8], report: &mut Report) -> Option<&'a str> {
    if bytes.len() > MAX_BYTES {
        let limit = MAX_BYTES >> 20;
        report.fault(Position::START, format!("the file is longer than {limit} MiB"));
        return None;
    }
    match str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            report.fault(end_of(&bytes[..error.valid_up_to()]), "the file is not UTF-8 here");
            None
        }
    }
}

/// The position behind valid UTF-8.
fn end_of(bytes: &[u8]) -> Position {
    let text = str::from_utf8(bytes).unwrap_or_default();
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position { line: text.matches('\n').count() + 1, column: last.chars().count() + 1 }
}

fn position(marker: &Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}

/// The parser's words as one line.
fn sentence(error: &ScanError) -> String {
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => format!("nested more than {MAX_DEPTH} deep"),
        _ => format!("not YAML: {}", error.info().replace('\n', "; ")),
    }
}

/// A fault that ends the reading.
type Fatal = (Position, String);

/// A list or mapping whose end has not come yet.
struct Open {
    at: Position,
    anchor: usize,
    size: usize,
    content: Content,
}

enum Content {
    List(Vec<Rc<Yaml>>),
    Map { entries: Vec<(Key, Rc<Yaml>)>, names: HashSet<String>, key: Option<PendingKey> },
}

enum PendingKey {
    /// The next value is this key's.
    Named(Key),
    /// The next value has no key to stand under, which has been told.
    Dropped,
}

struct Builder<'a> {
    report: &'a mut Report,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Yaml>>,
    root: Option<Rc<Yaml>>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Fatal> {
        let at = position(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.judge_tag(tag.as_deref(), &span);
                // The parser gives `~` for nothing; only its span tells that from a `~` that is written.
                let nothing = style == ScalarStyle::Plain && span.start == span.end;
                let size = 1 + text.len() / BYTES_PER_VALUE;
                let kind = if nothing { Kind::Empty } else { Kind::Text(text.into_owned()) };
                self.value(Rc::new(Yaml { at, kind, size }), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.judge_tag(tag.as_deref(), &span);
                self.start(at, anchor, Content::List(Vec::new()));
                Ok(())
            }
            Event::MappingStart(_, anchor, tag) => {
                self.judge_tag(tag.as_deref(), &span);
                let (entries, names) = (Vec::new(), HashSet::new());
                self.start(at, anchor, Content::Map { entries, names, key: None });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(id) => match self.anchors.get(&id).cloned() {
                Some(value) => self.value(value, 0),
                None => Err((at, "an alias inside its own anchor".to_owned())),
            },
            Event::UnresolvedAlias(name) => Err((at, format!("no anchor `&{name}` before this"))),
            Event::DocumentStart(..) if self.root.is_some() => {
                Err((at, "a second document: a catalog is one".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn judge_tag(&mut self, tag: Option<&Tag>, span: &Span) {
        let at = position(&span.tag_start().unwrap_or(span.start));
        if let Some(tag) = tag.filter(|tag| tag.core_suffix() != Some("str")) {
            self.report.fault(at, format!("the tag `{}` has no meaning here", tag.original()));
        }
    }

    fn start(&mut self, at: Position, anchor: usize, content: Content) {
        self.open.push(Open { at, anchor, size: 1, content });
    }

    fn end(&mut self) -> Result<(), Fatal> {
        let Some(Open { at, anchor, size, content }) = self.open.pop() else { return Ok(()) };
        let kind = match content {
            Content::List(items) => Kind::List(items),
            Content::Map { entries, .. } => Kind::Map(entries),
        };
        self.value(Rc::new(Yaml { at, kind, size }), anchor)
    }

    /// Puts a finished value into what is open around it.
    fn value(&mut self, value: Rc<Yaml>, anchor: usize) -> Result<(), Fatal> {
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&value));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        open.size = open.size.saturating_add(value.size);
        if open.size > MAX_VALUES {
            let message = format!("more than {MAX_VALUES} values, aliases followed");
            return Err((open.at, message));
        }
        match &mut open.content {
            Content::List(items) => items.push(value),
            Content::Map { entries, names, key } => match key.take() {
                Some(PendingKey::Named(key)) => entries.push((key, value)),
                Some(PendingKey::Dropped) => {}
                None => *key = Some(judge_key(&value, names, self.report)),
            },
        }
        Ok(())
    }
}

/// A key is a text, and there once.
fn judge_key(key: &Yaml, names: &mut HashSet<String>, report: &mut Report) -> PendingKey {
    let Some(name) = key.as_text() else {
        report.fault(key.at, format!("a key is a text, this is {}", key.describe()));
        return PendingKey::Dropped;
    };
    if !names.insert(name.to_owned()) {
        report.fault(key.at, format!("the key `{name}` is here twice"));
        return PendingKey::Dropped;
    }
    PendingKey::Named(Key { at: key.at, name: name.to_owned() })
}
