//! Where random choices come from: a seed, or the choices of an earlier run.
//!
//! A generator asks [`Choices::below`] and takes a small answer as the simpler thing. So a failing case is
//! made simpler by making its recorded choices fewer and smaller, whatever was generated from them.

/// A source of choices that remembers them.
#[derive(Debug, Clone)]
pub struct Choices {
    state: u64,
    /// What is answered first; past its end every answer is 0 if it is a replay.
    given: Option<Vec<u32>>,
    taken: Vec<u32>,
}

impl Choices {
    /// Choices that follow from `seed`.
    pub fn of(seed: u64) -> Choices {
        Choices { state: seed, given: None, taken: Vec::new() }
    }

    /// The choices of an earlier run again, and the simplest ones after them.
    pub fn again(choices: &[u32]) -> Choices {
        Choices { state: 0, given: Some(choices.to_vec()), taken: Vec::new() }
    }

    /// What was chosen so far.
    pub fn taken(self) -> Vec<u32> {
        self.taken
    }

    /// A number below `limit`, 0 if there is none.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX).max(1);
        let choice = match &self.given {
            Some(given) => given.get(self.taken.len()).copied().unwrap_or(0) % limit,
            None => self.random() % limit,
        };
        self.taken.push(choice);
        usize::try_from(choice).unwrap_or(0)
    }

    /// One of `options`, the first being the simplest.
    pub fn pick<'a, T>(&mut self, options: &'a [T]) -> &'a T {
        &options[self.below(options.len())]
    }

    /// Whether something that happens once in `times` happens; not to happen is simpler.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times.saturating_sub(1) && times > 0
    }

    /// A number from `low` to `high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// SplitMix64; its upper half.
    fn random(&mut self) -> u32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        u32::try_from(mixed >> 32).unwrap_or(0)
    }
}

/// Ways to make recorded choices simpler, the boldest first: fewer of them, then smaller ones.
pub fn simpler(choices: &[u32]) -> impl Iterator<Item = Vec<u32>> + '_ {
    let lengths = move || {
        std::iter::successors(Some(choices.len() / 2), |n| Some(n / 2)).take_while(|&n| n > 0)
    };
    let cut = move |length: usize| {
        (0..choices.len()).step_by(length).map(move |start| {
            let end = (start + length).min(choices.len());
            [&choices[..start], &choices[end..]].concat()
        })
    };
    let zero = move |length: usize| {
        let starts = (0..choices.len()).step_by(length);
        starts.map(move |start: usize| {
            let end = (start + length).min(choices.len());
            let mut simpler = choices.to_vec();
            simpler[start..end].fill(0);
            simpler
        })
    };
    let halved = (0..choices.len()).map(move |at| {
        let mut simpler = choices.to_vec();
        simpler[at] /= 2;
        simpler
    });
    lengths()
        .flat_map(cut)
        .chain(lengths().flat_map(zero))
        .chain(halved)
        .filter(move |c| c != choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_reproducible_and_a_replay_repeats() {
        let take = |mut choices: Choices| {
            (0..20).map(|_| choices.below(1000)).for_each(drop);
            choices.taken()
        };
        let first = take(Choices::of(7));
        assert_eq!(first, take(Choices::of(7)));
        assert_ne!(first, take(Choices::of(8)));
        assert_eq!(first, take(Choices::again(&first)));
        assert_eq!(take(Choices::again(&first[..3]))[3..], [0; 17]);
    }

    #[test]
    fn simpler_choices_are_fewer_or_smaller() {
        let choices = [5, 0, 9, 2];
        for simpler in simpler(&choices) {
            let smaller = simpler.iter().sum::<u32>() < choices.iter().sum();
            assert!(simpler.len() < choices.len() || smaller, "{simpler:?}");
        }
    }
}
