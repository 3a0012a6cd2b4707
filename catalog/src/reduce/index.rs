//! Which parts of a split can hold a few values, without asking each.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    domain::{Classes, Domain, Point, Residues, Slice, residue},
    region::{Bounded, Region},
};

/// Fewer parts are walked.
const WORTHWHILE: usize = 16;

/// A slice of more residues is found by its bounds alone.
const RESIDUES: usize = 64;

/// The parts by what their domains say of each column.
#[derive(Debug)]
pub(crate) struct Index {
    parts: usize,
    axes: BTreeMap<Bounded, AxisIndex>,
}

/// The parts by the values of one column or hash. A part may be found that turns out not to match, never the
/// other way round.
#[derive(Debug, Default)]
struct AxisIndex {
    /// Those that may have any value.
    always: Vec<usize>,
    /// Those that may have NULL.
    null: Vec<usize>,
    /// Where their slices begin and end, in the order of the beginnings.
    slices: Vec<(Point, Point, usize)>,
    /// The greatest end so far: what begins before a point and ends behind it is one stretch.
    reach: Vec<Point>,
    /// By modulus and residue, where they are few.
    residues: BTreeMap<u64, HashMap<u64, Vec<usize>>>,
}

impl Index {
    /// `None` where it does not pay.
    pub(crate) fn new(regions: &[Arc<Region>]) -> Option<Index> {
        if regions.len() < WORTHWHILE {
            return None;
        }
        let mut axes: BTreeMap<Bounded, AxisIndex> = BTreeMap::new();
        let boxes = || {
            let numbered = regions.iter().enumerate();
            numbered.flat_map(|(part, region)| region.boxes.iter().map(move |one| (part, one)))
        };
        for (part, one) in boxes() {
            for (axis, domain) in one.iter() {
                axes.entry(axis).or_default().insert(part, domain);
            }
        }
        for (axis, index) in &mut axes {
            let free = boxes().filter(|(_, one)| one.get(*axis).is_none()).map(|(part, _)| part);
            index.finish(free.collect());
        }
        axes.retain(|_, index| index.always.len() * 2 < regions.len());
        Some(Index { parts: regions.len(), axes })
    }

    /// The parts that may hold rows of the region, ascending; `None` if that is most of them.
    pub(crate) fn candidates(&self, region: &Region) -> Option<Vec<usize>> {
        let limit = self.parts / 2;
        let mut all = Vec::new();
        for one in &region.boxes {
            let found =
                one.iter().filter_map(|(axis, domain)| self.axes.get(&axis)?.find(domain, limit));
            all.extend(found.min_by_key(Vec::len)?);
        }
        all.sort_unstable();
        all.dedup();
        Some(all)
    }
}

impl AxisIndex {
    fn insert(&mut self, part: usize, domain: &Domain) {
        self.null.extend(domain.null.then_some(part));
        for slice in &domain.slices {
            match &slice.classes {
                Classes::Only(Residues { modulus, list }) if list.len() <= RESIDUES => {
                    let residues = self.residues.entry(*modulus).or_default();
                    list.iter().for_each(|one| residues.entry(*one).or_default().push(part));
                }
                _ => self.slices.push((slice.from.clone(), slice.to.clone(), part)),
            }
        }
    }

    fn finish(&mut self, always: Vec<usize>) {
        self.always = always;
        self.slices.sort_unstable();
        self.reach = self.slices.iter().map(|(_, to, _)| to.clone()).collect();
        for at in 1..self.reach.len() {
            if self.reach[at] < self.reach[at - 1] {
                self.reach[at] = self.reach[at - 1].clone();
            }
        }
    }

    /// The parts that may have a value of the domain, in any order; `None` if they are more than `limit`.
    fn find(&self, domain: &Domain, limit: usize) -> Option<Vec<usize>> {
        let mut found = self.always.clone();
        if domain.null {
            found.extend(&self.null);
        }
        for slice in &domain.slices {
            let end = self.slices.partition_point(|(from, ..)| *from < slice.to);
            let start = self.reach.partition_point(|to| *to <= slice.from);
            let stretch = self.slices.get(start..end).unwrap_or_default();
            found.extend(
                stretch.iter().filter(|(_, to, _)| *to > slice.from).map(|(.., part)| *part),
            );
            for (modulus, parts) in &self.residues {
                match few_residues(slice, *modulus) {
                    Some(residues) => {
                        let parts = residues.iter().filter_map(|one| parts.get(one));
                        found.extend(parts.flatten());
                    }
                    None => found.extend(parts.values().flatten()),
                }
            }
            if found.len() > limit {
                return None;
            }
        }
        Some(found)
    }
}

/// What the numbers of a slice leave, if that is told by a few numbers or by its own classes.
fn few_residues(slice: &Slice, modulus: u64) -> Option<Vec<u64>> {
    if let Classes::Only(own) = &slice.classes
        && own.modulus.is_multiple_of(modulus)
        && own.list.len() <= RESIDUES
    {
        return Some(own.list.iter().map(|one| one % modulus).collect());
    }
    match (&slice.from, &slice.to) {
        (Point::Number(from), Point::Number(to))
            if to.saturating_sub(*from) <= RESIDUES as i128 =>
        {
            Some((*from..*to).map(|number| residue(number, modulus)).collect())
        }
        _ => None,
    }
}
