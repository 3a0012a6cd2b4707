//! Where a condition is TRUE: a union of boxes, each a conjunction of [`Domain`]s.

use crate::{
    Column, Compare, Predicate, Value,
    domain::{Axis, Classes, Domain, Loose, Point, Residues, fold},
    hash::hash,
};

/// An intersection of more boxes than this is made coarser.
const BOXES: usize = 4096;

/// So many pairs of boxes are intersected at once.
const PAIRS: usize = 1 << 18;

/// So many values of a column are hashed one by one to find the parts that hold them.
const HASHED: u128 = 1024;

/// So many are hashed again for each part.
const HASHED_AGAIN: u128 = 16;

/// Rows, by what their columns' values may be.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    /// A row is in the region if it is in one of them.
    pub(crate) boxes: Vec<Bounds>,
    /// Whether the condition is TRUE for every row of it; otherwise it may hold more rows.
    pub(crate) exact: bool,
}

/// A box: what is not bounded may have any value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Bounds {
    /// By axis, ascending; none is empty.
    list: Vec<(Bounded, Domain)>,
}

/// A column, or the hash of it. A box that bounds the hash also bounds the column to be not NULL. Columns come
/// before hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bounded {
    pub(crate) hash: bool,
    pub(crate) column: usize,
}

impl Bounded {
    pub(crate) fn values(column: usize) -> Bounded {
        Bounded { hash: false, column }
    }

    pub(crate) fn hashes(column: usize) -> Bounded {
        Bounded { hash: true, column }
    }

    /// Whether NULL can be among them.
    pub(crate) fn nullable(self, columns: &[Column]) -> bool {
        !self.hash && columns[self.column].nullable
    }

    /// The line that its values are on.
    pub(crate) fn axis(self, columns: &[Column]) -> Axis {
        if self.hash { Axis::Hashes } else { Axis::Values(columns[self.column].ty) }
    }
}

impl Bounds {
    fn of(axis: Bounded, domain: Domain) -> Bounds {
        Bounds { list: vec![(axis, domain)] }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Bounded, &Domain)> {
        self.list.iter().map(|(axis, domain)| (*axis, domain))
    }

    pub(crate) fn get(&self, axis: Bounded) -> Option<&Domain> {
        let at = self.list.binary_search_by_key(&axis, |(axis, _)| *axis).ok()?;
        Some(&self.list[at].1)
    }

    /// `None` if no row is in both.
    fn intersect(&self, other: &Bounds) -> Loose<Option<Bounds>> {
        let mut list = Vec::with_capacity(self.list.len() + other.list.len());
        let mut exact = true;
        let (mut a, mut b) = (self.list.iter().peekable(), other.list.iter().peekable());
        loop {
            let next = match (a.peek(), b.peek()) {
                (None, None) => break,
                (Some(_), None) => a.next().cloned(),
                (None, Some(_)) => b.next().cloned(),
                (Some((left, _)), Some((right, _))) if left < right => a.next().cloned(),
                (Some((left, _)), Some((right, _))) if left > right => b.next().cloned(),
                (Some((axis, left)), Some((_, right))) => {
                    let both = left.intersect(right);
                    exact &= both.exact;
                    let both = (*axis, both.value);
                    a.next();
                    b.next();
                    Some(both)
                }
            };
            match next {
                Some((_, domain)) if domain.is_empty() => {
                    return Loose { value: None, exact: true };
                }
                next => list.extend(next),
            }
        }
        Loose { value: Some(Bounds { list }), exact }
    }

    /// Whether some row is in it; boxes alone are never empty, but their hashes may be at odds with their values.
    fn is_satisfiable(&self, columns: &[Column]) -> bool {
        self.list.iter().filter(|(axis, _)| axis.hash).all(|(axis, hashes)| {
            match self.hashes(axis.column, columns, HASHED_AGAIN) {
                Some(points) => points.iter().any(|point| hashes.contains(Some(point))),
                None => true,
            }
        })
    }

    /// The hashes that the column can have, if its values are at most `few`.
    fn hashes(&self, column: usize, columns: &[Column], few: u128) -> Option<Vec<Point>> {
        let axis = Bounded::values(column).axis(columns);
        let domain = self.get(Bounded::values(column))?;
        if domain.null {
            // NULL has no hash, and bounds on the hash would rule it out.
            return None;
        }
        let counts = domain.slices.iter().map(|slice| slice.count());
        let count = counts.sum::<Option<u128>>()?;
        let points = domain.slices.iter().flat_map(|slice| slice.points());
        let hashes = || points.filter_map(|point| hash_point(axis, &point)).collect();
        (count <= few).then(hashes)
    }
}

/// The point of the hash of the value at a point.
pub(crate) fn hash_point(axis: Axis, point: &Point) -> Option<Point> {
    Some(Point::Number(hash(&axis.value(point)?)?.into()))
}

impl Region {
    /// Every row.
    pub(crate) fn all() -> Region {
        Region { boxes: vec![Bounds::default()], exact: true }
    }

    /// Whether every row is in it.
    pub(crate) fn is_all(&self) -> bool {
        self.boxes.iter().any(|one| one.list.is_empty())
    }

    fn none() -> Region {
        Region { boxes: Vec::new(), exact: true }
    }

    fn of(axis: Bounded, domain: Domain) -> Region {
        if domain.is_empty() {
            Region::none()
        } else {
            Region { boxes: vec![Bounds::of(axis, domain)], exact: true }
        }
    }

    /// The rows for which the condition is TRUE, or perhaps more.
    pub(crate) fn of_predicate(predicate: &Predicate, columns: &[Column]) -> Region {
        Truth { columns }.region(predicate, true)
    }

    /// The rows of both.
    pub(crate) fn intersect(&self, other: &Region) -> Region {
        let (few, many) =
            if self.boxes.len() < other.boxes.len() { (self, other) } else { (other, self) };
        let coarse = || Region { boxes: few.boxes.clone(), exact: false };
        if few.boxes.len() * many.boxes.len() > PAIRS {
            return coarse();
        }
        let mut boxes = Vec::new();
        let mut exact = self.exact && other.exact;
        for (a, b) in few.boxes.iter().flat_map(|a| many.boxes.iter().map(move |b| (a, b))) {
            let both = a.intersect(b);
            exact &= both.exact;
            boxes.extend(both.value);
            if boxes.len() > BOXES {
                return coarse();
            }
        }
        Region { boxes, exact }
    }

    /// Whether some row is in it, as far as can be told.
    pub(crate) fn is_satisfiable(&self, columns: &[Column]) -> bool {
        self.boxes.iter().any(|one| one.is_satisfiable(columns))
    }

    /// The same rows, told by their hashes too where a column's values are few.
    pub(crate) fn with_hashes(&self, hashed: &[usize], columns: &[Column]) -> Region {
        let mut region = self.clone();
        for one in &mut region.boxes {
            for &column in hashed {
                let Some(points) = one.hashes(column, columns, HASHED) else { continue };
                let ranges =
                    points.into_iter().map(|point| (point.clone(), point.successor())).collect();
                let known = Bounds::of(Bounded::hashes(column), Domain::ranges(ranges));
                if let Some(narrower) = one.intersect(&known).value {
                    *one = narrower;
                }
            }
        }
        region
    }

    /// The same region without what it says of the columns that `keep` refuses.
    pub(crate) fn project(&self, keep: impl Fn(usize) -> bool) -> Region {
        let boxes = self.boxes.iter().map(|one| {
            let kept = one.list.iter().filter(|(axis, _)| keep(axis.column));
            Bounds { list: kept.cloned().collect() }
        });
        Region { boxes: boxes.collect(), exact: false }
    }

    /// The rows of any. Boxes of one and the same axis become one box, and boxes of different axes do not overlap:
    /// the boxes of a conjunction of alternatives would double with each of them.
    fn union(regions: Vec<Region>, columns: &[Column]) -> Region {
        let mut exact = regions.iter().all(|region| region.exact);
        let boxes = regions.into_iter().flat_map(|region| region.boxes);
        let (mut single, mut others): (Vec<_>, Vec<_>) = boxes.partition(|one| one.list.len() == 1);
        single.sort_by_key(|one| one.list[0].0);
        let (mut boxes, mut before) = (Vec::new(), Bounds::default());
        for group in single.chunk_by(|a, b| a.list[0].0 == b.list[0].0) {
            let axis = group[0].list[0].0;
            let domains: Vec<&Domain> = group.iter().map(|one| &one.list[0].1).collect();
            let domain = union_of(&domains, &mut exact);
            let rest = domain.complement(axis.axis(columns), axis.nullable(columns));
            boxes.extend(before.intersect(&Bounds::of(axis, domain)).value);
            if rest.is_empty() {
                break;
            }
            before.list.push((axis, rest));
        }
        boxes.append(&mut others);
        boxes.dedup();
        Region { boxes, exact }
    }

    /// One box around all, if there are more than so many.
    pub(crate) fn coarser(self, boxes: usize) -> Region {
        if self.boxes.len() > boxes { self.hull() } else { self }
    }

    /// One box around all.
    fn hull(&self) -> Region {
        let Some(first) = self.boxes.first() else { return self.clone() };
        let common = first.list.iter().filter_map(|(axis, _)| {
            let domains =
                self.boxes.iter().map(|one| one.get(*axis)).collect::<Option<Vec<_>>>()?;
            Some((*axis, union_of(&domains, &mut true)))
        });
        Region { boxes: vec![Bounds { list: common.collect() }], exact: false }
    }
}

fn union_of(domains: &[&Domain], exact: &mut bool) -> Domain {
    let domains: Vec<Domain> = domains.iter().map(|domain| (*domain).clone()).collect();
    let merge = &mut |a: &Domain, b: &Domain| {
        let union = a.union(b);
        *exact &= union.exact;
        union.value
    };
    fold(&domains, merge).unwrap_or_else(Domain::empty)
}

/// Finds where a predicate is TRUE, and where it is FALSE: NOT asks for the other one, so that NULL is in neither.
struct Truth<'a> {
    columns: &'a [Column],
}

impl Truth<'_> {
    fn region(&self, predicate: &Predicate, wanted: bool) -> Region {
        match predicate {
            Predicate::Constant(constant) if *constant == Some(wanted) => Region::all(),
            Predicate::Constant(_) => Region::none(),
            Predicate::Compare(column, op, value) => self.compare(*column, *op, value, wanted),
            Predicate::In { column, values, null } => self.list(*column, values, *null, wanted),
            Predicate::IsNull(column) if wanted => self.null(*column),
            Predicate::IsNull(column) => self.not_null(*column),
            Predicate::Column(column) => {
                self.compare(*column, Compare::Equal, &Value::Boolean(wanted), true)
            }
            Predicate::Modulo { column, modulus, residues } => {
                self.modulo(*column, *modulus, residues, wanted)
            }
            Predicate::Hash { column, modulus, residues } => {
                self.hash(*column, *modulus, residues, wanted)
            }
            Predicate::And(all) if wanted => self.every(all, true),
            Predicate::And(all) => self.any(all, false),
            Predicate::Or(all) if wanted => self.any(all, true),
            Predicate::Or(all) => self.every(all, false),
            Predicate::Not(inner) => self.region(inner, !wanted),
            Predicate::Unknown => Region { exact: false, ..Region::all() },
        }
    }

    fn every(&self, all: &[Predicate], wanted: bool) -> Region {
        let mut regions: Vec<Region> = all.iter().map(|one| self.region(one, wanted)).collect();
        regions.sort_by_key(|region| region.boxes.len());
        fold(&regions, &mut Region::intersect).unwrap_or_else(Region::all)
    }

    fn any(&self, all: &[Predicate], wanted: bool) -> Region {
        Region::union(all.iter().map(|one| self.region(one, wanted)).collect(), self.columns)
    }

    fn null(&self, column: usize) -> Region {
        let nullable = self.columns[column].nullable;
        Region::of(Bounded::values(column), if nullable { Domain::null() } else { Domain::empty() })
    }

    fn not_null(&self, column: usize) -> Region {
        let axis = Bounded::values(column);
        Region::of(axis, Domain::outside(axis.axis(self.columns), Vec::new()))
    }

    fn compare(&self, column: usize, op: Compare, value: &Value, wanted: bool) -> Region {
        let bounded = Bounded::values(column);
        let axis = bounded.axis(self.columns);
        let (Some(at), Some(after)) = (axis.at_least(value), axis.after(value)) else {
            return Region { exact: false, ..self.not_null(column) };
        };
        let op = if wanted { op } else { op.negated() };
        Region::of(
            bounded,
            match op {
                Compare::Equal => Domain::range(at, after),
                Compare::NotEqual => Domain::outside(axis, vec![(at, after)]),
                Compare::Less => Domain::range(axis.start(), at),
                Compare::LessOrEqual => Domain::range(axis.start(), after),
                Compare::Greater => Domain::range(after, axis.end()),
                Compare::GreaterOrEqual => Domain::range(at, axis.end()),
            },
        )
    }

    fn list(&self, column: usize, values: &[Value], null: bool, wanted: bool) -> Region {
        let bounded = Bounded::values(column);
        let axis = bounded.axis(self.columns);
        let range = |value| Some((axis.at_least(value)?, axis.after(value)?));
        let Some(ranges) = values.iter().map(range).collect::<Option<Vec<_>>>() else {
            return Region { exact: false, ..self.not_null(column) };
        };
        match (wanted, null) {
            (true, _) => Region::of(bounded, Domain::ranges(ranges)),
            (false, true) => Region::none(),
            (false, false) => Region::of(bounded, Domain::outside(axis, ranges)),
        }
    }

    /// Numbers from 0 on leave their residues; of those below it leaves `-r` what `modulus - r` is called here.
    fn modulo(&self, column: usize, modulus: u32, residues: &[i64], wanted: bool) -> Region {
        let bounded = Bounded::values(column);
        let axis = bounded.axis(self.columns);
        let modulus = u64::from(modulus);
        let side = |sign: i64| {
            let own = residues.iter().filter_map(|residue| u64::try_from(residue * sign).ok());
            let possible = own.filter(|residue| *residue < modulus);
            let counted = possible.map(|residue| match residue {
                1.. if sign < 0 => modulus - residue,
                residue => residue,
            });
            let residues = Residues::new(modulus, counted.collect());
            if wanted { Classes::only(residues) } else { Classes::except(residues) }
        };
        let zero = axis.number(0);
        let below = side(-1).map(|classes| Domain::classes(axis.start(), zero.clone(), classes));
        let above = side(1).map(|classes| Domain::classes(zero, axis.end(), classes));
        let slices = [below, above].into_iter().flatten().flat_map(|side| side.slices).collect();
        Region::of(bounded, Domain { null: false, slices })
    }

    fn hash(&self, column: usize, modulus: u32, residues: &[u32], wanted: bool) -> Region {
        let modulus = u64::from(modulus);
        let list =
            residues.iter().map(|residue| u64::from(*residue)).filter(|residue| *residue < modulus);
        let residues = Residues::new(modulus, list.collect());
        let classes = if wanted { Classes::only(residues) } else { Classes::except(residues) };
        let hashes = classes
            .map(|classes| Domain::classes(Axis::Hashes.start(), Axis::Hashes.end(), classes));
        let hashes = Region::of(Bounded::hashes(column), hashes.unwrap_or_else(Domain::empty));
        self.not_null(column).intersect(&hashes)
    }
}

#[cfg(test)]
mod laws;
