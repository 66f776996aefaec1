//! From what a run has shown to its verdict.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use recording::Parts;
use records::{Class, Clock};

use crate::failure::Failure;
use crate::node_end::describe_signal;
use crate::verdict::{Ended, Verdict};

/// The delay from which on a machine counts as too busy for a test on the clock: election timeouts run out in less.
const TOO_BUSY: Duration = Duration::from_millis(200);

/// What a run has shown by its end.
pub(crate) struct Outcome {
    pub(crate) verdict: Option<Verdict>,
    /// Why the runner has stopped it, if it has.
    pub(crate) stopped: Option<Failure>,
    /// How the judge has ended.
    pub(crate) status: Option<ExitStatus>,
    /// The longest time that the runner was kept waiting for a processor, or for a process to start.
    pub(crate) longest_delay: Duration,
    pub(crate) wall_time: Duration,
    pub(crate) output: String,
    /// What its processes have said for the recording, if there is one.
    pub(crate) recorded: Option<Parts>,
    pub(crate) used: isolation::Usage,
}

impl Outcome {
    /// Decides what the verdict is: the judge's counts first, then why the runner has stopped the run. A judge
    /// that ends without a verdict is a fault, whatever made it end.
    pub(crate) fn decide(self, clock: Clock) -> Ended {
        let verdict = match (self.verdict, self.stopped) {
            (Some(verdict), _) => verdict,
            (None, Some(failure)) => Verdict::fail(failure),
            (None, None) => Verdict::fail(Failure::new(
                Class::Fault,
                "the harness runs the test to its end and reports it".to_owned(),
                format!("its process {} before that", describe(self.status)),
            )),
        };
        let longest_delay = verdict.longest_delay.max(self.longest_delay);
        let verdict = match clock {
            Clock::Real => excuse(verdict, longest_delay),
            Clock::Sim => verdict,
        };
        Ended {
            verdict,
            wall_time: self.wall_time,
            output: self.output,
            cpu: self.used.cpu,
            peak_memory: self.used.peak_memory,
            is_first_failure: false,
            smaller: None,
            recorded: self.recorded,
            page: None,
        }
    }
}

/// A test on the clock has not failed if the machine was too busy to run even the harness and what the test saw can
/// come from that. Leaders change if servers are held up, so an assertion can, too.
fn excuse(verdict: Verdict, longest_delay: Duration) -> Verdict {
    let depends_on_time = matches!(
        verdict.class,
        Class::Assertion | Class::TimeLimit | Class::NoProgress | Class::Deadlock
    );
    if !depends_on_time || longest_delay < TOO_BUSY {
        return verdict;
    }
    let seen = format!(
        "the harness had to wait {:.1} s for a processor, and your threads perhaps, too, so that this says nothing: \
         {}",
        longest_delay.as_secs_f64(),
        verdict.seen
    );
    Verdict { class: Class::Overloaded, seen, ..verdict }
}

fn describe(status: Option<ExitStatus>) -> String {
    match status.map(|status| (status.code(), status.signal())) {
        Some((Some(code), _)) => format!("ended with exit code {code}"),
        Some((None, Some(signal))) => format!("was killed by {}", describe_signal(signal)),
        _ => "ended".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use records::{Class, Clock};

    use super::{Outcome, TOO_BUSY};
    use crate::failure::Failure;
    use crate::verdict::Verdict;

    /// The class of a run with a verdict of this class, in which judge and runner were kept waiting so long.
    fn decide(clock: Clock, class: Class, judge: Duration, runner: Duration) -> Class {
        let failure = Failure::new(class, "this".to_owned(), "that".to_owned());
        let verdict = Verdict { longest_delay: judge, ..Verdict::fail(failure) };
        outcome(Some(verdict), None, runner).decide(clock).verdict.class
    }

    fn outcome(
        verdict: Option<Verdict>,
        stopped: Option<Failure>,
        longest_delay: Duration,
    ) -> Outcome {
        Outcome {
            verdict,
            stopped,
            status: None,
            longest_delay,
            wall_time: Duration::ZERO,
            output: String::new(),
            recorded: None,
            used: isolation::Usage::default(),
        }
    }

    #[test]
    fn a_busy_machine_excuses_what_depends_on_time() {
        let none = Duration::ZERO;
        for class in [Class::Assertion, Class::TimeLimit, Class::NoProgress, Class::Deadlock] {
            assert_eq!(decide(Clock::Real, class, none, none), class);
            assert_eq!(decide(Clock::Real, class, TOO_BUSY, none), Class::Overloaded);
            assert_eq!(decide(Clock::Real, class, none, TOO_BUSY), Class::Overloaded);
            assert_eq!(decide(Clock::Sim, class, TOO_BUSY, TOO_BUSY), class);
        }
    }

    #[test]
    fn a_busy_machine_excuses_nothing_else() {
        for class in [Class::Pass, Class::Invariant, Class::Panic, Class::Resource] {
            assert_eq!(decide(Clock::Real, class, TOO_BUSY, TOO_BUSY), class);
        }
    }

    #[test]
    fn a_verdict_counts_before_the_end_of_the_run() {
        let failure = |class| Failure::new(class, String::new(), String::new());
        let verdict = Verdict::fail(failure(Class::Assertion));
        let stopped = Some(failure(Class::Resource));
        let class = |verdict, stopped| {
            outcome(verdict, stopped, Duration::ZERO).decide(Clock::Sim).verdict.class
        };
        assert_eq!(class(Some(verdict), stopped.clone()), Class::Assertion);
        assert_eq!(class(None, stopped), Class::Resource);
        assert_eq!(class(None, None), Class::Fault);
    }
}
