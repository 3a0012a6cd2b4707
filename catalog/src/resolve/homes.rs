//! Relations that a table names more than once. Two vertical parts may well share one; two horizontal parts
//! that do would both show all of its rows, since `where` is a promise and no filter.

use std::collections::HashMap;

use super::layout::{Resolver, Scope};
use crate::{Place, StoredTable, error::Position};

/// What the parts of a split share out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Split {
    Rows,
    Columns,
}

/// The part, by position, of each split around a layout, from the outermost on.
pub(super) type Path = Vec<(Split, usize)>;

/// The path of a part of the layout at `path`.
pub(super) fn step(path: &[(Split, usize)], split: Split, part: usize) -> Path {
    path.iter().copied().chain([(split, part)]).collect()
}

/// Where each relation was first named.
pub(super) type Homes = HashMap<Place, Home>;

/// A layout that names a relation.
#[derive(Debug)]
pub(super) struct Home {
    path: Path,
    subject: String,
    /// Whether it means only some of the relation's rows.
    filtered: bool,
}

impl Resolver<'_> {
    /// Warns if another horizontal part has the same relation, unless both say which rows are theirs.
    pub(super) fn judge_home(&mut self, stored: &StoredTable, at: Position, scope: &Scope<'_>) {
        let filtered = stored.rows.is_some();
        let place = self.full(&stored.place);
        let Some(home) = self.homes.get(&place) else {
            let (path, subject) = (scope.path.clone(), scope.subject.clone());
            self.homes.insert(place, Home { path, subject, filtered });
            return;
        };
        if shares_rows(&home.path, &scope.path) && !(filtered && home.filtered) {
            let message = format!(
                "{}: `{}` is also {}: both show all its rows, unless `rows` says which are whose",
                scope.subject, stored.place, home.subject
            );
            self.report.warn(at, message);
        }
    }
}

/// Whether the first split that parts the two is one of rows.
fn shares_rows(one: &[(Split, usize)], other: &[(Split, usize)]) -> bool {
    let parted = one.iter().zip(other).find(|(one, other)| one != other);
    parted.is_some_and(|((split, _), _)| *split == Split::Rows)
}
