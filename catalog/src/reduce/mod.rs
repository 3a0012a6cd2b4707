//! The smallest part of a layout that a query needs: all pruning, horizontal and vertical, is here.

mod index;
mod pruned;

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

pub(crate) use index::Index;
pub use pruned::Pruned;

use crate::{
    Horizontal, HorizontalPart, Keys, Layout, Predicate, Table, Vertical, VerticalPart,
    region::Region,
};

/// What is needed is told by at most so many boxes: each is compared with each part.
const BOXES: usize = 64;

/// What a query wants of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    /// The columns that it uses, those of its condition included.
    pub columns: BTreeSet<usize>,
    /// It wants only rows for which this is TRUE.
    pub condition: Predicate,
}

impl Layout {
    /// Keeps only the parts that can contribute to `need`; `None` if no part can. What is kept unchanged is
    /// shared. The layout is one of `table`, perhaps reduced before.
    pub fn reduce(&self, table: &Table, need: &Need) -> Option<Layout> {
        let region = needed(table, need);
        if !region.is_satisfiable(&table.columns) {
            return None;
        }
        Reducer { table, used: &need.columns }.layout(self, &region)
    }
}

/// The rows of a table that are needed.
fn needed(table: &Table, need: &Need) -> Region {
    Region::of_predicate(&need.condition, &table.columns).coarser(BOXES)
}

/// A walk down a layout. The region that it carries holds the needed rows of the parts around.
struct Reducer<'a> {
    table: &'a Table,
    used: &'a BTreeSet<usize>,
}

impl Reducer<'_> {
    fn layout(&self, layout: &Layout, region: &Region) -> Option<Layout> {
        match layout {
            Layout::Stored(_) => Some(layout.clone()),
            Layout::Horizontal(split) => self.horizontal(split, region),
            Layout::Vertical(split) => self.vertical(split, region),
        }
    }

    fn horizontal(&self, split: &Arc<Horizontal>, region: &Region) -> Option<Layout> {
        let region = region.with_hashes(&split.hashed, &self.table.columns);
        let candidates = split.index.as_ref().and_then(|index| index.candidates(&region));
        let candidates = candidates.unwrap_or_else(|| (0..split.parts.len()).collect());
        let mut kept = Vec::new();
        for at in candidates {
            let Some(both) = self.narrowed(&region, &split.regions[at]) else { continue };
            kept.extend(self.part(&split.parts[at], &both).map(|part| (at, part)));
        }
        let unchanged = kept.len() == split.parts.len()
            && kept.iter().all(|(at, part)| Arc::ptr_eq(part, &split.parts[*at]));
        match kept.is_empty() {
            true => None,
            false if unchanged => Some(Layout::Horizontal(Arc::clone(split))),
            false => Some(Layout::Horizontal(Arc::new(split.only(kept)))),
        }
    }

    /// The needed rows of a part; `None` if there can be none.
    fn narrowed<'r>(&self, region: &Region, part: &'r Region) -> Option<Cow<'r, Region>> {
        if region.is_all() {
            return (!part.boxes.is_empty()).then_some(Cow::Borrowed(part));
        }
        let both = region.intersect(part).coarser(BOXES);
        both.is_satisfiable(&self.table.columns).then_some(Cow::Owned(both))
    }

    fn part(&self, part: &Arc<HorizontalPart>, region: &Region) -> Option<Arc<HorizontalPart>> {
        let layout = self.layout(&part.layout, region)?;
        if layout.is(&part.layout) {
            return Some(Arc::clone(part));
        }
        Some(Arc::new(HorizontalPart { layout, ..HorizontalPart::clone(part) }))
    }

    fn vertical(&self, split: &Arc<Vertical>, region: &Region) -> Option<Layout> {
        let chosen = self.chosen(split, region)?;
        let mut parts = Vec::with_capacity(chosen.len());
        for part in chosen.iter().map(|at| &split.parts[*at]) {
            let layout = self.layout(&part.layout, &self.rows_of(part, region))?;
            parts.push((part, layout));
        }
        let unchanged = parts.len() == split.parts.len()
            && parts.iter().all(|(part, layout)| layout.is(&part.layout));
        if unchanged {
            return Some(Layout::Vertical(Arc::clone(split)));
        }
        let parts = parts.into_iter().map(|(part, layout)| VerticalPart { layout, ..part.clone() });
        Some(Layout::Vertical(Arc::new(Vertical { parts: parts.collect() })))
    }

    /// The parts that hold used columns. At least one of them is complete, since only those have all keys: if none
    /// is used, the smallest. `None` if that one has no needed row.
    fn chosen(&self, split: &Vertical, region: &Region) -> Option<Vec<usize>> {
        let parts = || split.parts.iter().enumerate();
        let used =
            parts().filter(|(_, part)| part.columns.iter().any(|one| self.used.contains(one)));
        let mut chosen: Vec<usize> = used.map(|(at, _)| at).collect();
        let complete = |at: &usize| split.parts[*at].keys == Keys::Complete;
        if !chosen.iter().any(complete) {
            let size = |(at, part): (usize, &VerticalPart)| {
                let layout = self.layout(&part.layout, region)?;
                Some((layout.leaves().count(), part.columns.len(), at))
            };
            let sizes = parts().filter(|(at, _)| complete(at)).map(size);
            let (.., smallest) = sizes.collect::<Option<Vec<_>>>()?.into_iter().min()?;
            chosen.push(smallest);
            chosen.sort_unstable();
        }
        Some(chosen)
    }

    /// The rows that a vertical part has to give.
    ///
    /// A row that an optional part does not give reads as NULL. Where a row of NULLs could be wanted, a row of
    /// other values must not be left out for its values, or it would come back as NULLs: only its key counts.
    fn rows_of<'r>(&self, part: &VerticalPart, region: &'r Region) -> Cow<'r, Region> {
        match part.keys {
            Keys::Complete => Cow::Borrowed(region),
            Keys::Optional if !self.wants_nulls(part, region) => Cow::Borrowed(region),
            Keys::Optional => {
                Cow::Owned(region.project(|column| self.table.primary_key.contains(&column)))
            }
        }
    }

    fn wants_nulls(&self, part: &VerticalPart, region: &Region) -> bool {
        let null = part.columns.iter().map(|column| Predicate::IsNull(*column)).collect();
        let nulls = Region::of_predicate(&Predicate::And(null), &self.table.columns);
        region.intersect(&nulls).is_satisfiable(&self.table.columns)
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
