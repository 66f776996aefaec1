//! How likely it was from each moment of a run on that it fails as it does.

use std::time::Duration;

use super::trials::Trials;
use crate::choices::Choices;

/// How many runs branch off at each moment.
const BRANCHES: u64 = 12;

/// The jump is looked for until it is between two moments that are no further apart, in milliseconds.
const CLOSE: u64 = 2;

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
    let growth = |moments: &[Moment], later: usize| {
        moments[later].likelihood() - moments[later - 1].likelihood()
    };
    let steepest = (1..moments.len())
        .max_by(|one, other| growth(&moments, *one).total_cmp(&growth(&moments, *other)));
    let mut later = steepest.unwrap_or(1);
    while moments[later].at - moments[later - 1].at > CLOSE {
        let middle = moments[later - 1].at.midpoint(moments[later].at);
        let Some(moment) = measure(middle) else {
            break;
        };
        moments.insert(later, moment);
        later += usize::from(growth(&moments, later + 1) >= growth(&moments, later));
    }
    let jump = (moments[later - 1], moments[later]);
    let is_jump = jump.1.likelihood() - jump.0.likelihood() >= 0.5;
    moments.pop();
    Some(Likelihood { moments, jump: is_jump.then_some(jump) })
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
