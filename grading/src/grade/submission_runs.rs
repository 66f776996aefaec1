//! Making the runs of one submission.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use records::{Class, Order, Record};

use super::previous::{FailedTests, TestRuns};
use super::session::{ATTEMPTS, Session};
use crate::interrupt;
use crate::rubric::Item;
use crate::runlog::{Entry, Run, counts};
use crate::sandboxed_runner::{RunnerError, SandboxedRunner};

/// How long to wait before the next attempt.
const PAUSE: Duration = Duration::from_millis(200);

/// The runs of one submission.
pub(super) struct SubmissionRuns<'a> {
    session: &'a Session<'a>,
    user: u32,
    student: &'a str,
    /// Identifies the submission's files.
    submission: &'a str,
    program: &'a Path,
    /// `None` before the first run, and after a failure of the runner.
    runner: Option<SandboxedRunner>,
    failed: FailedTests,
}

/// The result of one run, and what isolated it.
struct Attempt {
    record: Record,
    isolation: String,
}

impl<'a> SubmissionRuns<'a> {
    /// The runs of a compiled submission.
    pub(super) fn new(
        session: &'a Session<'a>,
        user: u32,
        student: &'a str,
        submission: &'a str,
        program: &'a Path,
    ) -> Self {
        let failed = FailedTests::default();
        SubmissionRuns { session, user, student, submission, program, runner: None, failed }
    }

    /// Makes all runs that are not in the log yet, in a fixed order.
    ///
    /// # Errors
    ///
    /// If something stops the whole grading.
    pub(super) fn make(mut self) -> Result<(), String> {
        for item in &self.session.items {
            let mut runs = self.session.previous.runs_of(self.student, self.submission, &item.test);
            if self.make_runs_of(item, &mut runs)?.is_break() {
                break;
            }
            self.failed.note(item, &runs, self.session.plan.runs);
            self.session.write_live_results()?;
        }
        Ok(())
    }

    /// Makes the missing runs of one test. Breaks if no more runs should be made.
    fn make_runs_of(
        &mut self,
        item: &Item,
        runs: &mut TestRuns,
    ) -> Result<ControlFlow<()>, String> {
        let is_blocked = self.failed.block(item);
        for index in 0..self.session.plan.runs {
            self.session.bar.inc(1);
            if is_blocked || runs.is_broken() || runs.contains(index) {
                continue;
            }
            if self.session.must_stop() || self.make_run(item, index, runs)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn make_run(
        &mut self,
        item: &Item,
        index: u64,
        runs: &mut TestRuns,
    ) -> Result<ControlFlow<()>, String> {
        let order = self.order(item, index);
        let Some(Attempt { record, isolation }) = self.attempt_several_times(&order) else {
            return Ok(ControlFlow::Break(()));
        };
        let (student, submission) = (self.student.to_owned(), self.submission.to_owned());
        let run = Run { student, submission, index, isolation, record };
        if run.counts() {
            runs.add(&run);
        }
        self.session.append(Entry::Run(Box::new(run)))?;
        // Without a runner, the next run would fail as well. Resuming the grading makes the missing runs.
        let has_runner = self.runner.is_some();
        Ok(if has_runner { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }

    fn order(&self, item: &Item, index: u64) -> Order {
        let seed = self.session.secret.seed(&item.test, index);
        Order { test: item.test.clone(), seed, clock: self.session.plan.clock }
    }

    /// Tries to make one run until it is not a fault of the grader. `None` if interrupted.
    fn attempt_several_times(&mut self, order: &Order) -> Option<Attempt> {
        let mut problem = String::new();
        let mut fault = None;
        for number in 0..ATTEMPTS {
            if number > 0 {
                std::thread::sleep(PAUSE);
            }
            let machine = &self.session.machine;
            match machine.attempt(number, || self.attempt(order)) {
                Ok(attempt) if attempt.was_interrupted() => return None,
                Ok(attempt) if attempt.counts() => return Some(attempt),
                Ok(attempt) => fault = Some(attempt),
                Err(RunnerError::Interrupted) => return None,
                Err(RunnerError::Broken(reason)) => {
                    self.runner = None;
                    problem = reason;
                }
            }
        }
        Some(fault.unwrap_or_else(|| Attempt::fault(order, &problem)))
    }

    /// Makes one run. Starts the runner if there is none.
    fn attempt(&mut self, order: &Order) -> Result<Attempt, RunnerError> {
        let runner = match &mut self.runner {
            Some(runner) => runner,
            None => {
                let sandbox = &self.session.sandbox;
                let runner = SandboxedRunner::start(sandbox, self.program, self.user)?;
                self.runner.insert(runner)
            }
        };
        let record = runner.run(order)?;
        Ok(Attempt { record, isolation: runner.isolation.clone() })
    }
}

impl Attempt {
    /// Stands for a run that could not be made.
    fn fault(order: &Order, problem: &str) -> Self {
        let stage = order.test.split("::").next().unwrap_or_default().to_owned();
        let record = Record {
            test: order.test.clone(),
            stage,
            seed: order.seed,
            clock: order.clock,
            class: Class::Fault,
            wall_seconds: 0.0,
            cpu_seconds: None,
            peak_memory: None,
            summary: None,
            simulated: None,
            expected: "the run is made".to_owned(),
            seen: format!("the runner in the sandbox failed {ATTEMPTS} times: {problem}"),
            details: String::new(),
            printed: String::new(),
        };
        Attempt { record, isolation: "none".to_owned() }
    }

    fn was_interrupted(&self) -> bool {
        self.record.class == Class::Interrupted && interrupt::requested()
    }

    fn counts(&self) -> bool {
        counts(self.record.class)
    }
}
