//! How often each row is covered by boxes: a sweep over one axis after the other.
//!
//! An axis is cut where any box begins or ends on it. Between two cuts the boxes at hand do not change, so what
//! is left is the same question with one axis less; residue classes are told apart in the same way.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    FAULTS,
    witness::{self, Row},
};
use crate::{
    Column,
    domain::{Classes, Domain, Point, Residues, Slice, common_multiple},
    region::{Bounded, Bounds},
};

/// Boxes are looked at this often in all.
const STEPS: usize = 8_000_000;

/// Whose a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// The rows that need a home.
    Outer,
    /// A home.
    Part(usize),
}

/// A row with no home or with two, or the end of patience.
#[derive(Debug)]
pub(super) enum Found {
    Overlap { part: usize, other: usize, row: Row },
    Gap { row: Row },
    Undecided,
}

/// The values of one axis that the sweep looks at.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Null,
    Values(Slice),
}

/// The sweep.
pub(super) struct Cover<'a> {
    columns: &'a [Column],
    boxes: Vec<(Owner, &'a Bounds)>,
    axes: Vec<Bounded>,
    /// Where on the axes before the sweep is.
    path: Vec<(Bounded, Cell)>,
    found: Vec<Found>,
    pairs: BTreeSet<(usize, usize)>,
    gaps: usize,
    steps: usize,
}

/// The sweep is over before its end.
struct Stop;

impl<'a> Cover<'a> {
    pub(super) fn new(columns: &'a [Column], boxes: Vec<(Owner, &'a Bounds)>) -> Cover<'a> {
        let axes: BTreeSet<Bounded> =
            boxes.iter().flat_map(|(_, one)| one.iter().map(|(axis, _)| axis)).collect();
        Cover {
            columns,
            boxes,
            axes: axes.into_iter().collect(),
            path: Vec::new(),
            found: Vec::new(),
            pairs: BTreeSet::new(),
            gaps: 0,
            steps: 0,
        }
    }

    /// All that it found, as far as it got.
    pub(super) fn run(mut self) -> Vec<Found> {
        let all: Vec<usize> = (0..self.boxes.len()).collect();
        if let Err(Stop) = self.descend(0, &all)
            && self.found.is_empty()
        {
            self.found.push(Found::Undecided);
        }
        self.found
    }

    /// Looks at the rows on the path that are in these boxes, as far as they go on axes from `depth` on.
    fn descend(&mut self, depth: usize, active: &[usize]) -> Result<(), Stop> {
        self.step(active.len() + 1)?;
        if !active.iter().any(|one| self.boxes[*one].0 == Owner::Outer) {
            return Ok(());
        }
        let Some(&axis) = self.axes.get(depth) else { return self.judge(active) };
        let (bounded, free): (Vec<usize>, Vec<usize>) =
            active.iter().partition(|one| self.domain(**one, axis).is_some());
        if bounded.is_empty() {
            return self.descend(depth + 1, &free);
        }
        if axis.nullable(self.columns) {
            let with_null = bounded
                .iter()
                .filter(|one| self.domain(**one, axis).is_some_and(|domain| domain.null));
            let active: Vec<usize> = free.iter().chain(with_null).copied().collect();
            self.enter(depth, Cell::Null, &active)?;
        }
        self.sweep(depth, &bounded, &free)
    }

    fn enter(&mut self, depth: usize, cell: Cell, active: &[usize]) -> Result<(), Stop> {
        self.path.push((self.axes[depth], cell));
        let result = self.descend(depth + 1, active);
        self.path.pop();
        result
    }

    /// Goes along the axis from cut to cut.
    fn sweep(&mut self, depth: usize, bounded: &[usize], free: &[usize]) -> Result<(), Stop> {
        let axis = self.axes[depth];
        let events =
            Events::of(bounded.iter().filter_map(|one| Some((*one, self.domain(*one, axis)?))));
        let mut open: BTreeMap<usize, &'a Classes> = BTreeMap::new();
        let mut from = axis.axis(self.columns).start();
        for (at, starts, ends) in events.0 {
            if from < at {
                self.range(depth, (&from, &at), &open, free)?;
            }
            ends.iter().for_each(|one| _ = open.remove(one));
            open.extend(starts);
            from = at;
        }
        let end = axis.axis(self.columns).end();
        if from < end { self.range(depth, (&from, &end), &open, free) } else { Ok(()) }
    }

    /// Looks at a range in which the same boxes are open.
    fn range(
        &mut self,
        depth: usize,
        (from, to): (&Point, &Point),
        open: &BTreeMap<usize, &'a Classes>,
        free: &[usize],
    ) -> Result<(), Stop> {
        let whole =
            open.iter().filter(|(_, classes)| ***classes == Classes::All).map(|(one, _)| *one);
        let whole: Vec<usize> = free.iter().copied().chain(whole).collect();
        let divided: Vec<(usize, &Classes)> = open
            .iter()
            .filter(|(_, classes)| ***classes != Classes::All)
            .map(|(one, c)| (*one, *c))
            .collect();
        let cells = if divided.is_empty() {
            vec![(Classes::All, Vec::new())]
        } else {
            self.classes(&divided)?
        };
        for (classes, mut active) in cells {
            if let Some(slice) = Slice::new(from.clone(), to.clone(), classes) {
                active.extend(&whole);
                self.enter(depth, Cell::Values(slice), &active)?;
            }
        }
        Ok(())
    }

    /// The residue classes in which the same boxes are open: each one that a box names, and all the others.
    fn classes(
        &mut self,
        divided: &[(usize, &Classes)],
    ) -> Result<Vec<(Classes, Vec<usize>)>, Stop> {
        let mut period = 1;
        for (_, classes) in divided {
            period = common_multiple(period, classes.modulus()).map_err(|_| Stop)?;
        }
        let mut named: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let mut except = Vec::new();
        for (one, classes) in divided {
            let (residues, only) = match classes {
                Classes::All => continue,
                Classes::Only(residues) => (residues, true),
                Classes::Except(residues) => (residues, false),
            };
            let residues = residues.repeated(period).map_err(|_| Stop)?;
            self.step(residues.len())?;
            for residue in &residues {
                let boxes = named.entry(*residue).or_default();
                boxes.extend(only.then_some(*one));
            }
            if !only {
                except.push((*one, Residues::new(period, residues)));
            }
        }
        self.step(named.len() * except.len())?;
        let others = Classes::except(Residues::new(period, named.keys().copied().collect()));
        let mut cells: Vec<(Classes, Vec<usize>)> = others
            .map(|classes| (classes, except.iter().map(|(one, _)| *one).collect()))
            .into_iter()
            .collect();
        for (residue, mut boxes) in named {
            let open = except.iter().filter(|(_, residues)| !residues.contains(residue.into()));
            boxes.extend(open.map(|(one, _)| *one));
            cells.extend(
                Classes::only(Residues::new(period, vec![residue])).map(|classes| (classes, boxes)),
            );
        }
        Ok(cells)
    }

    /// The rows of the path are in exactly these boxes.
    fn judge(&mut self, active: &[usize]) -> Result<(), Stop> {
        let homes: BTreeSet<usize> = active
            .iter()
            .filter_map(|one| match self.boxes[*one].0 {
                Owner::Outer => None,
                Owner::Part(part) => Some(part),
            })
            .collect();
        let mut homes = homes.into_iter();
        match (homes.next(), homes.next()) {
            (Some(_), None) => Ok(()),
            (None, _) if self.gaps >= FAULTS => Ok(()),
            (None, _) => {
                let row = self.witness()?;
                self.gaps += usize::from(row.is_some());
                self.found.extend(row.map(|row| Found::Gap { row }));
                Ok(())
            }
            (Some(part), Some(other)) => self.overlap(part, other),
        }
    }

    fn overlap(&mut self, part: usize, other: usize) -> Result<(), Stop> {
        if self.pairs.len() >= FAULTS || self.pairs.contains(&(part, other)) {
            return Ok(());
        }
        if let Some(row) = self.witness()? {
            self.pairs.insert((part, other));
            self.found.push(Found::Overlap { part, other, row });
        }
        Ok(())
    }

    /// A row of the path; `None` if there is none after all.
    fn witness(&mut self) -> Result<Option<Row>, Stop> {
        let (row, steps) = witness::row(self.columns, &self.path);
        self.step(steps)?;
        Ok(row)
    }

    fn domain(&self, one: usize, axis: Bounded) -> Option<&'a Domain> {
        self.boxes[one].1.get(axis)
    }

    fn step(&mut self, steps: usize) -> Result<(), Stop> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > STEPS { Err(Stop) } else { Ok(()) }
    }
}

/// Where boxes begin and end on an axis: the place, the boxes that begin there, those that end.
struct Events<'a>(Vec<Event<'a>>);

type Event<'a> = (Point, Vec<(usize, &'a Classes)>, Vec<usize>);

impl<'a> Events<'a> {
    fn of(boxes: impl Iterator<Item = (usize, &'a Domain)>) -> Events<'a> {
        let mut cuts: Vec<(&Point, usize, Option<&'a Classes>)> = Vec::new();
        for (one, domain) in boxes {
            for slice in &domain.slices {
                cuts.extend([(&slice.from, one, Some(&slice.classes)), (&slice.to, one, None)]);
            }
        }
        cuts.sort_by_key(|(point, ..)| *point);
        let mut events: Vec<Event<'a>> = Vec::new();
        for (point, one, starts) in cuts {
            if events.last().is_none_or(|(at, ..)| at != point) {
                events.push((point.clone(), Vec::new(), Vec::new()));
            }
            if let Some((_, begin, end)) = events.last_mut() {
                match starts {
                    Some(classes) => begin.push((one, classes)),
                    None => end.push(one),
                }
            }
        }
        Events(events)
    }
}
