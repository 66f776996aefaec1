//! How likely it was from each moment of a run on that it fails as it does.

use std::time::Duration;

use super::trials::Trials;
use crate::choices::Choices;

/// How many runs branch off at each moment.
const BRANCHES: u64 = 12;

/// A jump is between two moments that are no further apart, in milliseconds.
const CLOSE: u64 = 4;

/// How much the likelihood grows at least in a jump.
const MUCH: f64 = 0.3;

/// At how many moments it is measured at most.
const MOST_MOMENTS: usize = 24;

/// At how many bounds of what is left to chance it is measured at most.
const MOST_BOUNDS: usize = 12;

/// The branches at one moment of a run: these have the same choices up to then, and others after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Milliseconds of virtual time.
    pub(super) at: u64,
    /// How many branches fail in the same way.
    pub(super) failed: u64,
    /// How many there are.
    pub(super) of: u64,
}

impl Moment {
    fn likelihood(&self) -> f64 {
        self.failed as f64 / self.of as f64
    }
}

/// Where the likelihood of a failure jumps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Likelihood {
    /// What was measured, in the order of time.
    pub(super) moments: Vec<Moment>,
    /// The two moments between which it grows most, if it does.
    pub(super) jump: Option<(Moment, Moment)>,
}

/// Measures the likelihood from the beginning to the `end` of a run, in milliseconds: where its choices begin or end
/// to be left to chance, and then closer and closer to where it grows most. `None` if there is no time left to measure
/// anything.
pub(super) fn likelihood(trials: &Trials<'_>, choices: &Choices, end: u64) -> Option<Likelihood> {
    let measure = |at| measure(trials, choices, at);
    let mut moments = vec![measure(0)?];
    let bounds = choices.plan.bounds().into_iter().filter(|bound| (1..end).contains(bound));
    moments.extend(bounds.take(MOST_BOUNDS).map_while(measure));
    moments.push(Moment { at: end, failed: BRANCHES, of: BRANCHES });
    while jump(&moments).is_none() {
        let Some(later) = widest_growth(&moments) else {
            break;
        };
        let Some(moment) = measure(moments[later - 1].at.midpoint(moments[later].at)) else {
            break;
        };
        moments.insert(later, moment);
    }
    let jump = jump(&moments);
    moments.pop();
    Some(Likelihood { moments, jump })
}

/// The two moments close to each other between which the failure becomes much more likely, if there are any.
fn jump(moments: &[Moment]) -> Option<(Moment, Moment)> {
    let pairs = moments.windows(2).map(|pair| (pair[0], pair[1]));
    let close = pairs.filter(|(before, after)| after.at - before.at <= CLOSE);
    let steepest = close.max_by(|one, other| growth(one).total_cmp(&growth(other)));
    steepest.filter(|pair| growth(pair) >= MUCH)
}

fn growth((before, after): &(Moment, Moment)) -> f64 {
    after.likelihood() - before.likelihood()
}

/// The place of the later of two neighbours that are not close, between which the likelihood grows most.
fn widest_growth(moments: &[Moment]) -> Option<usize> {
    let of = |later: &usize| (moments[later - 1], moments[*later]);
    let is_wide = |later: &usize| moments[*later].at - moments[later - 1].at > CLOSE;
    (1..moments.len())
        .filter(is_wide)
        .max_by(|one, other| growth(&of(one)).total_cmp(&growth(&of(other))))
        .filter(|later| growth(&of(later)) >= MUCH && moments.len() < MOST_MOMENTS)
}

fn measure(trials: &Trials<'_>, choices: &Choices, at: u64) -> Option<Moment> {
    let branch = |number: u64| {
        let seed = choices.seed.derive(&format!("branch {number} at {at}"));
        let plan = choices.plan.branch(Duration::from_millis(at), seed);
        Choices { seed: choices.seed, plan }
    };
    let branches: Vec<Choices> = (0..BRANCHES).map(branch).collect();
    let failed: u64 = branches
        .chunks(trials.at_once())
        .map(|batch| trials.costs(batch).iter().flatten().count() as u64)
        .sum();
    // Runs that time has cut off say nothing.
    (!trials.is_over()).then_some(Moment { at, failed, of: BRANCHES })
}

#[cfg(test)]
mod tests {
    use super::{BRANCHES, Moment, jump, widest_growth};

    fn moments(measured: &[(u64, u64)]) -> Vec<Moment> {
        measured
            .iter()
            .map(|(at, failed)| Moment { at: *at, failed: *failed, of: BRANCHES })
            .collect()
    }

    #[test]
    fn a_jump_is_steep_and_short() {
        let steep = moments(&[(0, 1), (1_000, 3), (1_003, 11), (5_000, 12)]);
        let found = jump(&steep).map(|(before, after)| (before.at, after.at));
        assert_eq!(found, Some((1_000, 1_003)));
        assert_eq!(jump(&moments(&[(0, 1), (1_000, 3), (5_000, 12)])), None);
        assert_eq!(jump(&moments(&[(0, 10), (3, 12)])), None);
    }

    #[test]
    fn it_is_looked_for_where_the_likelihood_grows_most() {
        assert_eq!(widest_growth(&moments(&[(0, 1), (1_000, 3), (5_000, 12)])), Some(2));
        assert_eq!(widest_growth(&moments(&[(0, 1), (3, 12)])), None);
        assert_eq!(widest_growth(&moments(&[(0, 12), (5_000, 12)])), None);
    }
}
