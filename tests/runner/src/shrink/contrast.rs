//! Where a failing run parts from one that passes.

use recording::{Event, Happening, Recording};

use super::trials::Trials;
use crate::pages;
use crate::plan::{Piece, Plan};
use crate::task::Task;

/// How many events of each run are named where they part, and how long their lines are.
const EVENTS: usize = 2;
const LINE: usize = 76;

/// How many pieces are tried to find a run that passes.
const PIECES: usize = 4;

/// Leaves one piece less to chance, so that the run does not fail any more, and says what that changes. Says nothing
/// if there is no such piece.
pub(super) fn contrast(trials: &Trials<'_>, task: &Task, failed: &Recording) -> Option<String> {
    let pieces = task.plan.pieces();
    pieces.iter().take(PIECES).find_map(|piece| {
        let others: Vec<Piece> = pieces.iter().filter(|other| *other != piece).cloned().collect();
        let task = Task { plan: Plan::of(&others), ..task.clone() };
        let (ended, other) = pages::record(&task, trials.programs, false);
        // A run that was interrupted does not pass.
        let fails = trials.is_over() || trials.goal.is_met(&ended.verdict);
        if fails { None } else { describe(piece, failed, &other) }
    })
}

fn describe((part, window): &Piece, failed: &Recording, passed: &Recording) -> Option<String> {
    let (here, there) = parting(failed, passed)?;
    let [from, to] = [window.start, window.end].map(|at| at as f64 / 1e3);
    let lines = |recording: &Recording, at: u64| recording.lines_from(at, EVENTS, LINE).join("\n");
    Some(format!(
        "It needs the choices of {part} from {from:.3} s to {to:.3} s: with plain ones it does not fail in this way. Up to \
         {:.6} s both runs are the same. Then, in the one that fails:\n{}\nand in the other one:\n{}",
        here.min(there) as f64 / 1e9,
        lines(failed, here),
        lines(passed, there),
    ))
}

/// When each of two runs does for the first time what the other one does not, in nanoseconds.
fn parting(failed: &Recording, passed: &Recording) -> Option<(u64, u64)> {
    let [mut failed, mut passed] =
        [failed, passed].map(|recording| recording.events.iter().filter(is_effect));
    loop {
        let (here, there) = (failed.next()?, passed.next()?);
        if here.what != there.what {
            return Some((here.at, there.at));
        }
    }
}

/// Whether this is something that servers, clients or messages do, and neither its reason nor what is known of it.
fn is_effect(event: &&Event) -> bool {
    !matches!(
        event.what,
        Happening::Run { .. }
            | Happening::Interrupt { .. }
            | Happening::Log { .. }
            | Happening::Likelihood { .. }
            | Happening::Cause { .. }
    )
}

#[cfg(test)]
mod tests {
    use recording::Recording;

    use super::parting;

    fn recording(lines: &[&str]) -> Recording {
        Recording::read(lines.join("\n").as_bytes())
    }

    #[test]
    fn runs_part_at_the_first_effect_that_differs() {
        let crash = r#"{"at":5,"event":"crash","server":"server-0"}"#;
        let interrupt = r#"{"at":6,"event":"interrupt","server":"server-1","place":"","pause":3}"#;
        let [apply, other] = [3, 4].map(|index| {
            format!(r#"{{"at":{index}0,"event":"apply","server":"server-1","index":{index},"command":"x"}}"#)
        });
        let failed = recording(&[crash, interrupt, &apply]);
        assert_eq!(parting(&failed, &recording(&[crash, &other])), Some((30, 40)));
        assert_eq!(parting(&failed, &recording(&[crash, &apply])), None);
        assert_eq!(parting(&failed, &recording(&[crash])), None);
    }
}
