//! The recursive layout of a table. A hybrid layout is a value of [`Layout`] inside another.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use sqlparser::ast::Expr;

use crate::{Column, Predicate, TableName, reduce::Index, region::Region};

/// How a table, or a part of one, is laid out.
#[derive(Debug, Clone)]
pub enum Layout {
    /// In one relation of one node, or in equal copies of it.
    Stored(Arc<Stored>),
    /// Each row in exactly one part.
    Horizontal(Arc<Horizontal>),
    /// Each column outside the key in exactly one part, each key in every part.
    Vertical(Arc<Vertical>),
}

impl Layout {
    /// The fragments, in the catalog's order.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf<'_>> {
        let mut ahead = vec![(Vec::new(), self)];
        std::iter::from_fn(move || {
            loop {
                let (path, layout) = ahead.pop()?;
                match layout {
                    Layout::Stored(stored) => return Some(Leaf { path, stored }),
                    Layout::Horizontal(split) => {
                        let parts = split.parts.iter().map(|part| (&part.name, &part.layout));
                        ahead.extend(below(&path, parts));
                    }
                    Layout::Vertical(split) => {
                        let parts = split.parts.iter().map(|part| (&part.name, &part.layout));
                        ahead.extend(below(&path, parts));
                    }
                }
            }
        })
    }

    /// The foreign keys that it follows, at any depth, each once.
    pub fn follows(&self) -> Vec<&Follows> {
        let mut found: Vec<&Follows> = Vec::new();
        let mut ahead = vec![self];
        while let Some(layout) = ahead.pop() {
            match layout {
                Layout::Stored(_) => {}
                Layout::Horizontal(split) => {
                    let new = split.follows.as_ref().filter(|follows| !found.contains(follows));
                    found.extend(new);
                    ahead.extend(split.parts.iter().map(|part| &part.layout));
                }
                Layout::Vertical(split) => {
                    ahead.extend(split.parts.iter().map(|part| &part.layout));
                }
            }
        }
        found
    }

    /// Whether both are one and the same layout in memory.
    pub(crate) fn is(&self, other: &Layout) -> bool {
        match (self, other) {
            (Layout::Stored(a), Layout::Stored(b)) => Arc::ptr_eq(a, b),
            (Layout::Horizontal(a), Layout::Horizontal(b)) => Arc::ptr_eq(a, b),
            (Layout::Vertical(a), Layout::Vertical(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// The layouts of parts with their paths, last first.
fn below<'a>(
    path: &[&'a str],
    parts: impl DoubleEndedIterator<Item = (&'a String, &'a Layout)>,
) -> impl Iterator<Item = (Vec<&'a str>, &'a Layout)> {
    let path = path.to_vec();
    parts.rev().map(move |(name, layout)| ([&path[..], &[name.as_str()]].concat(), layout))
}

/// A fragment and where in the layout it is.
#[derive(Debug, Clone)]
pub struct Leaf<'a> {
    /// The names of the parts that lead to it, outermost first; none if the table is not split.
    pub path: Vec<&'a str>,
    /// The fragment.
    pub stored: &'a Arc<Stored>,
}

/// A leaf: a fragment of the table as it stands in one relation, or in each of several replicas.
#[derive(Debug)]
pub struct Stored {
    /// The global columns that the fragment holds, by position, ascending. Includes the primary key below a vertical part.
    pub columns: Vec<usize>,
    /// The equal copies, in the catalog's order; at least one.
    pub replicas: Vec<StoredTable>,
}

/// One relation of one node, and how its columns become global ones.
#[derive(Debug, Clone)]
pub struct StoredTable {
    /// Where it is.
    pub place: Place,
    /// What each global column (by position) of the fragment is here; one entry for each of [`Stored::columns`].
    pub columns: BTreeMap<usize, Local>,
    /// Only rows for which this is TRUE belong to the fragment.
    pub rows: Option<Expr>,
    /// How numbers or texts stand for dates and times, by global column.
    pub encodings: BTreeMap<usize, Encoding>,
}

/// A relation of a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The node's name.
    pub node: String,
    /// The schema (PostgreSQL), database (MySQL) or attached database (SQLite); the node's default if `None`.
    pub schema: Option<String>,
    /// The table or view.
    pub relation: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{}.{schema}.{}", self.node, self.relation),
            None => write!(f, "{}.{}", self.node, self.relation),
        }
    }
}

/// What a global column is in a local relation.
#[derive(Debug, Clone, PartialEq)]
pub enum Local {
    /// A local column.
    Column {
        /// Its name.
        name: String,
        /// Whether the catalog names it; if not, MySQL and SQLite also find it without case.
        exact: bool,
    },
    /// An expression over local columns in the global dialect.
    Expression(Box<Expr>),
}

/// How an SQLite column stands for a date or a time, where it is not ISO-8601 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Whole seconds since 1970-01-01.
    UnixSeconds,
    /// Whole milliseconds since 1970-01-01.
    UnixMillis,
    /// Whole microseconds since 1970-01-01.
    UnixMicros,
    /// A Julian day, rounded to the millisecond.
    JulianDay,
}

/// A horizontal split.
#[derive(Debug)]
pub struct Horizontal {
    /// The table whose parts the parts follow, if derived.
    pub follows: Option<Follows>,
    /// The parts; at least one.
    pub parts: Vec<Arc<HorizontalPart>>,
    /// Where each part's domain is TRUE.
    pub(crate) regions: Vec<Arc<Region>>,
    /// The columns whose hashes the domains speak of.
    pub(crate) hashed: Vec<usize>,
    /// Finds the parts for a few values; `None` if there are few parts.
    pub(crate) index: Option<Index>,
}

impl Horizontal {
    /// A split of a table with these columns.
    pub fn new(
        columns: &[Column],
        follows: Option<Follows>,
        parts: Vec<HorizontalPart>,
    ) -> Horizontal {
        let region = |part: &HorizontalPart| Arc::new(Region::of_predicate(&part.domain, columns));
        let regions: Vec<_> = parts.iter().map(region).collect();
        let (index, hashed) = (Index::new(&regions), hashed(&regions));
        let parts = parts.into_iter().map(Arc::new).collect();
        Horizontal { follows, parts, regions, hashed, index }
    }

    /// The same split of only some of its parts, each perhaps laid out otherwise.
    pub(crate) fn only(&self, parts: Vec<(usize, Arc<HorizontalPart>)>) -> Horizontal {
        let regions = parts.iter().map(|(at, _)| Arc::clone(&self.regions[*at])).collect();
        let parts = parts.into_iter().map(|(_, part)| part).collect();
        // Its parts are about to be read: there is nothing left to look up.
        let (follows, hashed) = (self.follows.clone(), self.hashed.clone());
        Horizontal { follows, parts, regions, hashed, index: None }
    }
}

fn hashed(regions: &[Arc<Region>]) -> Vec<usize> {
    let boxes = regions.iter().flat_map(|region| &region.boxes);
    let axes = boxes.flat_map(|one| one.iter().map(|(axis, _)| axis));
    let hashed: BTreeSet<usize> = axes.filter(|axis| axis.hash).map(|axis| axis.column).collect();
    hashed.into_iter().collect()
}

/// The foreign key that a derived layout follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follows {
    /// The parent.
    pub table: TableName,
    /// (own column, parent's column) by position; the right sides are exactly the parent's primary key.
    pub key: Vec<(usize, usize)>,
}

/// A part of a horizontal split.
#[derive(Debug, Clone)]
pub struct HorizontalPart {
    /// Its name, unique among its siblings.
    pub name: String,
    /// A row is here exactly when this is TRUE. For a derived part: what its parent's domain says of the own
    /// columns, [`Predicate::Unknown`] where it says nothing.
    pub domain: Predicate,
    /// Of a derived part, the name of the parent's part that it follows.
    pub follows: Option<String>,
    /// How the part is laid out.
    pub layout: Layout,
}

/// A vertical split.
#[derive(Debug)]
pub struct Vertical {
    /// The parts; at least one of them complete.
    pub parts: Vec<VerticalPart>,
}

/// A part of a vertical split.
#[derive(Debug, Clone)]
pub struct VerticalPart {
    /// Its name, unique among its siblings.
    pub name: String,
    /// Its columns without the primary key, by position, ascending.
    pub columns: Vec<usize>,
    /// Whether every key is here.
    pub keys: Keys,
    /// How the part is laid out.
    pub layout: Layout,
}

/// Which keys a vertical part holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Every key of the table.
    Complete,
    /// Perhaps not every key; the columns of a missing one read as NULL.
    Optional,
}
