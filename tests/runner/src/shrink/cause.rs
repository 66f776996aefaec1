//! What a failure depends on, as far as other runs tell it.

use recording::{Event, Happening, Recording};

use super::likelihood::{Likelihood, Moment};

/// How many events are named at the moment at which the failure has become likely, and how long their lines are.
const EVENTS: usize = 4;
const LINE: usize = 76;

/// How many moments are named if there is no such one.
const MOMENTS: usize = 5;

/// How long before that moment the first of them may be, in nanoseconds.
const SHORTLY: u64 = 5_000_000;

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// Adds to the recording of a run how likely its failure was, as far as that was measured, and what it depends on.
/// Returns the same in sentences.
pub(super) fn add(
    recording: &mut Recording,
    likelihood: Option<&Likelihood>,
    contrast: Option<String>,
) -> Vec<String> {
    let (at, mut sentences) =
        likelihood.map_or_else(Default::default, |likelihood| explain(recording, likelihood));
    sentences.extend(contrast);
    let moments = likelihood.iter().flat_map(|likelihood| &likelihood.moments);
    let mut events: Vec<Event> = moments.map(measured).collect();
    if !sentences.is_empty() {
        events.push(Event { at, what: Happening::Cause { sentences: sentences.clone() } });
    }
    for event in events {
        let place = recording.events.partition_point(|other| other.at < event.at);
        recording.events.insert(place, event);
    }
    sentences
}

fn measured(moment: &Moment) -> Event {
    let what = Happening::Likelihood { failed: moment.failed, of: moment.of };
    Event { at: moment.at * MILLISECOND, what }
}

/// When the failure has become likely, and what there is to say about it.
fn explain(recording: &Recording, likelihood: &Likelihood) -> (u64, Vec<String>) {
    let Some((before, after)) = likelihood.jump else {
        return (0, vec![without_jump(likelihood)]);
    };
    let [from, to] = [before.at, after.at].map(|at| at as f64 / 1e3);
    let mut sentences = vec![format!(
        "The failure became more likely between {from:.3} s and {to:.3} s: of {} runs that have other choices from {from:.3} s \
         on, {} fail in this way; of {} that have others from {to:.3} s on, {} do.",
        before.of, before.failed, after.of, after.failed
    )];
    let window = (before.at * MILLISECOND).saturating_sub(SHORTLY)..(after.at + 1) * MILLISECOND;
    let lines = recording.lines_in(window, EVENTS, LINE);
    if !lines.is_empty() {
        sentences.push(format!("Then:\n{}", lines.join("\n")));
    }
    (after.at * MILLISECOND, sentences)
}

fn without_jump(likelihood: &Likelihood) -> String {
    match likelihood.moments.first() {
        Some(Moment { failed, of, .. }) if failed * 10 >= of * 8 => format!(
            "It hardly depends on chance: {failed} of {of} runs with other choices fail in this way, so there is no race \
             to look for."
        ),
        Some(Moment { of, .. }) => format!(
            "It depends on chance, and there is no one moment from which on it is much more likely. Of {of} runs each \
             that have other choices from a moment on fail in this way: {}.",
            some(&likelihood.moments).collect::<Vec<_>>().join(", ")
        ),
        None => "Nothing was measured.".to_owned(),
    }
}

/// What was measured at a few moments, evenly from all.
fn some(moments: &[Moment]) -> impl Iterator<Item = String> {
    let step = moments.len().div_ceil(MOMENTS).max(1);
    let some = moments.iter().step_by(step);
    some.map(|Moment { at, failed, .. }| format!("{failed} from {:.3} s", *at as f64 / 1e3))
}
