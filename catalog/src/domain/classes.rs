//! Residue classes of whole numbers: which remainders of a division a number may leave.

use std::sync::Arc;

/// Divisions whose common multiple is beyond this are not compared number by number.
const PERIOD: u64 = 1 << 20;

/// Some of the residue classes modulo a number. Residues count from 0 here, whatever the sign of the dividend.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Classes {
    /// All numbers.
    All,
    /// Only these residues.
    Only(Residues),
    /// All but these residues.
    Except(Residues),
}

/// Residues modulo a number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Residues {
    /// At least 1.
    pub(crate) modulus: u64,
    /// Ascending, each less than the modulus.
    pub(crate) list: Arc<[u64]>,
}

impl Residues {
    /// Of a list in any order.
    pub(crate) fn new(modulus: u64, mut list: Vec<u64>) -> Residues {
        list.sort_unstable();
        list.dedup();
        Residues { modulus, list: list.into() }
    }

    pub(crate) fn contains(&self, number: i128) -> bool {
        self.list.binary_search(&residue(number, self.modulus)).is_ok()
    }

    fn is_full(&self) -> bool {
        u64::try_from(self.list.len()) == Ok(self.modulus)
    }
}

/// What a number leaves, from 0 to `modulus - 1`.
pub(crate) fn residue(number: i128, modulus: u64) -> u64 {
    u64::try_from(number.rem_euclid(modulus.into())).expect("a residue is less than its modulus")
}

impl Classes {
    /// Exactly these residues.
    pub(crate) fn only(residues: Residues) -> Option<Classes> {
        match residues {
            none if none.list.is_empty() => None,
            full if full.is_full() => Some(Classes::All),
            some => Some(Classes::Only(some)),
        }
    }

    /// All but these residues.
    pub(crate) fn except(residues: Residues) -> Option<Classes> {
        match residues {
            full if full.is_full() => None,
            none if none.list.is_empty() => Some(Classes::All),
            some => Some(Classes::Except(some)),
        }
    }

    pub(crate) fn contains(&self, number: i128) -> bool {
        match self {
            Classes::All => true,
            Classes::Only(residues) => residues.contains(number),
            Classes::Except(residues) => !residues.contains(number),
        }
    }

    /// The first of its numbers from `from` on; there always is one.
    pub(crate) fn first(&self, from: i128) -> i128 {
        match self {
            Classes::All => from,
            Classes::Only(Residues { modulus, list }) => {
                let start = residue(from, *modulus);
                let next = list.partition_point(|residue| *residue < start);
                let ahead = match list.get(next) {
                    Some(residue) => residue - start,
                    None => modulus - start + list.first().copied().unwrap_or(0),
                };
                from.saturating_add(ahead.into())
            }
            Classes::Except(residues) => {
                let mut number = from;
                while residues.contains(number) {
                    number = number.saturating_add(1);
                }
                number
            }
        }
    }

    /// The numbers that are not among these.
    pub(crate) fn complement(&self) -> Option<Classes> {
        match self {
            Classes::All => None,
            Classes::Only(residues) => Classes::except(residues.clone()),
            Classes::Except(residues) => Classes::only(residues.clone()),
        }
    }

    /// The numbers of both, if there are any.
    pub(crate) fn intersect(&self, other: &Classes) -> Result<Option<Classes>, Undecided> {
        match (self, other) {
            (Classes::All, one) | (one, Classes::All) => Ok(Some(one.clone())),
            (Classes::Only(a), Classes::Only(b)) if a.share() <= b.share() => a.within(other),
            (_, Classes::Only(b)) => b.within(self),
            (Classes::Only(a), Classes::Except(_)) => a.within(other),
            (Classes::Except(a), Classes::Except(b)) => {
                let period = common_multiple(a.modulus, b.modulus)?;
                let list = [a.repeated(period)?, b.repeated(period)?].concat();
                Ok(Classes::except(Residues::new(period, list)))
            }
        }
    }

    /// The numbers of either.
    pub(crate) fn union(&self, other: &Classes) -> Result<Classes, Undecided> {
        let (Some(a), Some(b)) = (self.complement(), other.complement()) else {
            return Ok(Classes::All);
        };
        let neither = a.intersect(&b)?;
        Ok(neither.and_then(|neither| neither.complement()).unwrap_or(Classes::All))
    }

    /// What it divides by; 1 for all.
    pub(crate) fn modulus(&self) -> u64 {
        match self {
            Classes::All => 1,
            Classes::Only(residues) | Classes::Except(residues) => residues.modulus,
        }
    }
}

/// The common multiple is beyond what is compared number by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Undecided;

impl Residues {
    /// How often its numbers occur, in parts of 2^32: the rarer ones are the cheaper to go through.
    fn share(&self) -> u128 {
        ((self.list.len() as u128) << 32) / u128::from(self.modulus)
    }

    fn within(&self, other: &Classes) -> Result<Option<Classes>, Undecided> {
        let period = common_multiple(self.modulus, other.modulus())?;
        let mut list = self.repeated(period)?;
        list.retain(|number| other.contains((*number).into()));
        Ok(Classes::only(Residues::new(period, list)))
    }

    /// The same numbers as residues modulo `period`, a multiple of the modulus.
    pub(crate) fn repeated(&self, period: u64) -> Result<Vec<u64>, Undecided> {
        let times = period / self.modulus;
        match u64::try_from(self.list.len()).ok().and_then(|len| len.checked_mul(times)) {
            Some(0..=PERIOD) => {}
            _ => return Err(Undecided),
        }
        Ok((0..times)
            .flat_map(|time| self.list.iter().map(move |one| one + time * self.modulus))
            .collect())
    }
}

/// The least common multiple.
pub(crate) fn common_multiple(a: u64, b: u64) -> Result<u64, Undecided> {
    let (mut divisor, mut rest) = (a, b);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor).checked_mul(b).ok_or(Undecided)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn classes() -> impl Strategy<Value = Classes> {
        let residues = (1_u64..9).prop_flat_map(|modulus| {
            (Just(modulus), prop::collection::vec(0..modulus, 0..5))
                .prop_map(|(n, list)| Residues::new(n, list))
        });
        (residues, any::<bool>()).prop_filter_map("empty", |(residues, only)| {
            if only { Classes::only(residues) } else { Classes::except(residues) }
        })
    }

    proptest! {
        #[test]
        fn operations_are_those_of_sets(a in classes(), b in classes(), number in -200_i128..200) {
            let has = |classes: Option<Classes>| classes.is_some_and(|classes| classes.contains(number));
            let (in_a, in_b) = (a.contains(number), b.contains(number));
            prop_assert_eq!(has(a.intersect(&b).unwrap()), in_a && in_b);
            prop_assert_eq!(a.union(&b).unwrap().contains(number), in_a || in_b);
            prop_assert_eq!(has(a.complement()), !in_a);
            let first = a.first(number);
            prop_assert!(first >= number && a.contains(first));
            prop_assert!((number..first).all(|number| !a.contains(number)));
        }
    }
}
