//! What the workers of a grading share.

use std::time::Duration;

use parking_lot::{Mutex, RwLock};

use super::plan::Plan;
use super::previous::Previous;
use super::progress::Progress;
use super::same_files::SameFiles;
use crate::build::Builder;
use crate::interrupt;
use crate::report::write_results;
use crate::runlog::{Entry, RunLog};
use crate::sandbox::Sandbox;

/// What the workers of a grading share.
pub(super) struct Session<'a> {
    pub(super) plan: &'a Plan,
    pub(super) builder: Builder,
    pub(super) sandbox: Sandbox,
    pub(super) previous: Previous,
    pub(super) same_files: SameFiles,
    pub(super) log: Mutex<RunLog>,
    pub(super) progress: Progress,
    /// What the workers share the machine by.
    pub(super) machine: Machine,
    /// Held while the results for Gradescope are written.
    pub(super) live: Mutex<()>,
    /// The first problem that stops the whole grading, such as a full disk.
    pub(super) problem: Mutex<Option<String>>,
}

impl Session<'_> {
    /// Adds an entry to the log.
    pub(super) fn append(&self, entry: Entry) -> Result<(), String> {
        self.log.lock().append(&entry)
    }

    /// Whether the workers should stop.
    pub(super) fn must_stop(&self) -> bool {
        interrupt::requested() || self.problem.lock().is_some()
    }

    /// How many runs a submission gets at most.
    pub(super) fn runs_of_submission(&self) -> u64 {
        self.plan.scoring.items.len() as u64 * self.plan.runs
    }

    /// The processor time that all runs of a submission together may use.
    pub(super) fn budget(&self) -> Duration {
        let runs = u32::try_from(self.runs_of_submission()).unwrap_or(u32::MAX);
        self.plan.per_run.saturating_mul(runs)
    }

    /// Writes the results so far for Gradescope, if it asked for them.
    pub(super) fn write_live_results(&self) -> Result<(), String> {
        match &self.plan.live {
            Some(path) => {
                let _lock = self.live.lock();
                write_results(path, &RunLog::read(&self.plan.results)?, &self.plan.scoring, None)
            }
            None => Ok(()),
        }
    }
}

/// How often something is tried before it counts as a fault.
pub(super) const ATTEMPTS: u32 = 3;

/// Lets the workers share the machine, or one of them have it alone.
#[derive(Default)]
pub(super) struct Machine(RwLock<()>);

impl Machine {
    /// Makes an attempt at something. The first one shares the machine with other workers; later ones, after a
    /// fault that these may have caused, have it alone.
    pub(super) fn attempt<T>(&self, number: u32, work: impl FnOnce() -> T) -> T {
        if number == 0 {
            let _shared = self.0.read();
            work()
        } else {
            let _alone = self.0.write();
            work()
        }
    }
}
