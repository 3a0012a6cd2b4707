//! The values that one column can have.

mod axis;
mod classes;

pub(crate) use axis::{Axis, Point};
pub(crate) use classes::{Classes, Residues, Undecided, common_multiple, residue};

/// A set of values of one axis, NULL included or not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Domain {
    /// Whether NULL is in it.
    pub(crate) null: bool,
    /// The values, ascending; no two overlap and none is empty.
    pub(crate) slices: Vec<Slice>,
}

/// The points from one on and before another, of these residue classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Slice {
    pub(crate) from: Point,
    pub(crate) to: Point,
    pub(crate) classes: Classes,
}

impl Slice {
    /// `None` if it would be empty.
    pub(crate) fn new(from: Point, to: Point, classes: Classes) -> Option<Slice> {
        let first = match &from {
            Point::Number(number) => Point::Number(classes.first(*number)),
            other => other.clone(),
        };
        (first < to).then_some(Slice { from, to, classes })
    }

    /// How many points it spans, whatever their classes; `None` for more than can be counted.
    pub(crate) fn count(&self) -> Option<u128> {
        match (&self.from, &self.to) {
            (Point::Number(from), Point::Number(to)) => u128::try_from(to.checked_sub(*from)?).ok(),
            (Point::Number(from), Point::End) => i128::MAX.abs_diff(*from).checked_add(1),
            (Point::Text(from), Point::Text(to)) => {
                let zeros = to.strip_prefix(from.as_str())?;
                zeros.bytes().all(|b| b == 0).then_some(zeros.len() as u128)
            }
            _ => None,
        }
    }

    /// Its points one by one, from the first on.
    pub(crate) fn points(&self) -> impl Iterator<Item = Point> {
        self.points_from(self.from.clone())
    }

    /// Its points from this one on, which is not before its first.
    pub(crate) fn points_from(&self, from: Point) -> impl Iterator<Item = Point> {
        let next = |from: Point| match from {
            Point::Number(number) => Point::Number(self.classes.first(number)),
            other => other,
        };
        std::iter::successors(Some(next(from)), move |point| Some(next(point.successor())))
            .take_while(|point| *point < self.to)
    }

    /// Whether the point is in it.
    pub(crate) fn contains(&self, point: &Point) -> bool {
        let in_class = match point {
            Point::Number(number) => self.classes.contains(*number),
            Point::Text(_) | Point::End => true,
        };
        self.from <= *point && *point < self.to && in_class
    }
}

impl Domain {
    /// No value, not even NULL.
    pub(crate) fn empty() -> Domain {
        Domain { null: false, slices: Vec::new() }
    }

    /// NULL alone.
    pub(crate) fn null() -> Domain {
        Domain { null: true, slices: Vec::new() }
    }

    /// The values from one point on and before another.
    pub(crate) fn range(from: Point, to: Point) -> Domain {
        Domain::classes(from, to, Classes::All)
    }

    /// The values of a range that are of these classes.
    pub(crate) fn classes(from: Point, to: Point, classes: Classes) -> Domain {
        Domain { null: false, slices: Slice::new(from, to, classes).into_iter().collect() }
    }

    /// The values in any of these ranges, which come in any order.
    pub(crate) fn ranges(mut ranges: Vec<(Point, Point)>) -> Domain {
        ranges.sort_unstable();
        let mut slices: Vec<Slice> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges.into_iter().filter(|(from, to)| from < to) {
            match slices.last_mut() {
                Some(last) if from <= last.to => last.to = to.max(last.to.clone()),
                _ => slices.push(Slice { from, to, classes: Classes::All }),
            }
        }
        Domain { null: false, slices }
    }

    /// All values but NULL and those in these ranges.
    pub(crate) fn outside(axis: Axis, ranges: Vec<(Point, Point)>) -> Domain {
        Domain::ranges(ranges).complement(axis, false)
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.null && self.slices.is_empty()
    }

    /// All values that are not in it; NULL is one of them if it may be.
    pub(crate) fn complement(&self, axis: Axis, nullable: bool) -> Domain {
        let mut from = axis.start();
        let mut slices = Vec::new();
        for inside in &self.slices {
            slices.extend(Slice::new(from, inside.from.clone(), Classes::All));
            let others = inside.classes.complement();
            let others = others
                .and_then(|others| Slice::new(inside.from.clone(), inside.to.clone(), others));
            slices.extend(others);
            from = inside.to.clone();
        }
        slices.extend(Slice::new(from, axis.end(), Classes::All));
        Domain { null: nullable && !self.null, slices }
    }

    /// Whether this value (`None` is the NULL) is in it.
    pub(crate) fn contains(&self, point: Option<&Point>) -> bool {
        let Some(point) = point else { return self.null };
        let next = self.slices.partition_point(|slice| slice.from <= *point);
        next > 0 && self.slices[next - 1].contains(point)
    }

    /// The values of both. What cannot be decided stays in.
    pub(crate) fn intersect(&self, other: &Domain) -> Loose<Domain> {
        let (mut a, mut b) = (self.slices.iter().peekable(), other.slices.iter().peekable());
        let (mut slices, mut exact) = (Vec::new(), true);
        while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
            let from = (&left.from).max(&right.from);
            let to = (&left.to).min(&right.to);
            if from < to {
                let classes = left.classes.intersect(&right.classes).unwrap_or_else(|Undecided| {
                    exact = false;
                    Some(left.classes.clone())
                });
                slices.extend(
                    classes.and_then(|classes| Slice::new(from.clone(), to.clone(), classes)),
                );
            }
            if left.to <= right.to {
                a.next()
            } else {
                b.next()
            };
        }
        Loose { value: Domain { null: self.null && other.null, slices }, exact }
    }

    /// The values of either.
    pub(crate) fn union(&self, other: &Domain) -> Loose<Domain> {
        let mut cuts: Vec<&Point> = Vec::new();
        for slice in self.slices.iter().chain(&other.slices) {
            cuts.extend([&slice.from, &slice.to]);
        }
        cuts.sort_unstable();
        cuts.dedup();
        let (mut a, mut b) = (self.slices.as_slice(), other.slices.as_slice());
        let (mut slices, mut exact) = (Vec::<Slice>::new(), true);
        for cut in cuts.windows(2) {
            let (from, to) = (cut[0], cut[1]);
            let classes = match (covering(&mut a, from), covering(&mut b, from)) {
                (None, None) => continue,
                (Some(one), None) | (None, Some(one)) => one.clone(),
                (Some(one), Some(two)) => one.union(two).unwrap_or_else(|Undecided| {
                    exact = false;
                    Classes::All
                }),
            };
            match slices.last_mut() {
                Some(last) if last.to == *from && last.classes == classes => last.to = to.clone(),
                _ => slices.extend(Slice::new(from.clone(), to.clone(), classes)),
            }
        }
        Loose { value: Domain { null: self.null || other.null, slices }, exact }
    }
}

/// The classes of the slice that holds the elementary range from `from` on; slices before it are passed.
fn covering<'a>(slices: &mut &'a [Slice], from: &Point) -> Option<&'a Classes> {
    while let Some((first, rest)) = slices.split_first() {
        if first.to > *from {
            return (first.from <= *from).then_some(&first.classes);
        }
        *slices = rest;
    }
    None
}

/// A set, and whether it is exact or holds more than asked for.
#[derive(Debug, Clone)]
pub(crate) struct Loose<T> {
    pub(crate) value: T,
    pub(crate) exact: bool,
}

/// All of a list in one, halves first: the cost of a merge sort.
pub(crate) fn fold<T: Clone>(list: &[T], merge: &mut impl FnMut(&T, &T) -> T) -> Option<T> {
    match list {
        [] => None,
        [one] => Some(one.clone()),
        list => {
            let (left, right) = list.split_at(list.len() / 2);
            let (left, right) = (fold(left, merge)?, fold(right, merge)?);
            Some(merge(&left, &right))
        }
    }
}
