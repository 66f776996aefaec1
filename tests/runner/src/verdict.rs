//! How a run has ended.

use std::path::PathBuf;
use std::time::Duration;

use recording::Parts;
use records::{Class, Simulated, Summary, Unplayed};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// What a judge reports of its run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) class: Class,
    /// What a passed test has measured.
    pub(crate) summary: Option<Summary>,
    /// The scenes of a passed test that have not come to their end.
    pub(crate) unplayed: Vec<Unplayed>,
    pub(crate) expected: String,
    pub(crate) seen: String,
    /// The state of the servers.
    pub(crate) state: String,
    /// The last events.
    pub(crate) events: String,
    /// What the threads of the servers wait for.
    pub(crate) threads: String,
    /// What identifies a simulated run.
    pub(crate) simulated: Option<Simulated>,
    /// The longest time that the judge was ready to run and did not get a processor.
    pub(crate) longest_delay: Duration,
}

/// What the runner knows of a run when it is over.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) verdict: Verdict,
    pub(crate) wall_time: Duration,
    /// The last part of what its processes have printed.
    pub(crate) output: String,
    /// The processor time of all its processes.
    pub(crate) cpu: Duration,
    /// The largest resident memory of any of its processes, in bytes.
    pub(crate) peak_memory: u64,
    /// Whether it is the first of its test that has failed in this session: it is reported in full.
    pub(crate) is_first_failure: bool,
    /// A smaller run that fails in the same way, if one was looked for.
    pub(crate) smaller: Option<Box<Smaller>>,
    /// What its processes have said for the recording, if there is one.
    pub(crate) recorded: Option<Parts>,
    /// The page that shows the run, or why there is none, if one is due.
    pub(crate) page: Option<Result<PathBuf, String>>,
}

/// A smaller run that fails in the same way as another one. A report shows it in the place of that one.
#[derive(Debug)]
pub(crate) struct Smaller {
    pub(crate) verdict: Verdict,
    /// The command that makes it.
    pub(crate) command: String,
    /// How large it is.
    pub(crate) size: String,
    /// What the failure depends on, in sentences.
    pub(crate) cause: Vec<String>,
}

/// The simulation in this process up to now, if there is one.
fn simulated() -> Option<Simulated> {
    sim::digest().map(|digest| Simulated {
        events: digest.events,
        hash: format!("{:016x}", digest.hash),
        virtual_seconds: digest.time.as_nanos() as f64 / 1e9,
    })
}

impl Verdict {
    pub(crate) fn pass(summary: Summary, unplayed: Vec<Unplayed>) -> Self {
        let none = Failure::new(Class::Pass, String::new(), String::new());
        Verdict { summary: Some(summary), unplayed, ..Verdict::fail(none) }
    }

    pub(crate) fn fail(failure: Failure) -> Self {
        let Failure { class, expected, seen } = failure;
        Verdict {
            class,
            summary: None,
            unplayed: Vec::new(),
            expected,
            seen,
            state: String::new(),
            events: String::new(),
            threads: String::new(),
            simulated: simulated(),
            longest_delay: Duration::ZERO,
        }
    }
}

impl Verdict {
    /// How long the run took in virtual time, if it was simulated.
    pub(crate) fn virtual_seconds(&self) -> Option<f64> {
        self.simulated.as_ref().map(|run| run.virtual_seconds)
    }

    /// What there is to say besides what was expected and seen.
    pub(crate) fn details(&self) -> String {
        let events = match self.events.as_str() {
            "" => String::new(),
            events => format!("last events\n{events}"),
        };
        let parts = [self.state.as_str(), &self.threads, &events];
        let parts = parts.map(str::trim_end).into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("\n\n")
    }
}

impl Ended {
    /// How long the run took on its test's own clock. If it has passed, up to the moment when its cluster ended: a
    /// simulation then goes on for some seconds, to see all threads end.
    pub(crate) fn seconds(&self) -> f64 {
        let passed = self.verdict.summary.map(|summary| summary.seconds);
        let all = self.verdict.virtual_seconds().unwrap_or(self.wall_time.as_secs_f64());
        passed.unwrap_or(all)
    }

    pub(crate) fn was_interrupted(&self) -> bool {
        self.verdict.class == Class::Interrupted
    }
}
