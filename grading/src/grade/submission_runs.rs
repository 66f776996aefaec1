//! Making the runs of one submission.

use std::ops::ControlFlow;
use std::path::Path;

use records::Order;

use super::attempt::{Attempt, Attempts};
use super::pictures::Pictures;
use super::previous::{FailedTests, TestRuns};
use super::session::Session;
use crate::rubric::Item;
use crate::runlog::{Entry, Run};

/// How many runs in a row may be without a runner. After that the next one would not have one either.
const WITHOUT_RUNNER: u32 = 2;

/// The runs of one submission.
pub(super) struct SubmissionRuns<'a> {
    session: &'a Session<'a>,
    student: &'a str,
    /// Identifies the submission's files.
    submission: &'a str,
    attempts: Attempts<'a>,
    /// How many of the last runs had no runner.
    without_runner: u32,
    failed: FailedTests,
    pictures: Pictures<'a>,
}

impl<'a> SubmissionRuns<'a> {
    /// The runs of a compiled submission, as `user` if the grader is root.
    pub(super) fn new(
        session: &'a Session<'a>,
        user: u32,
        student: &'a str,
        submission: &'a str,
        program: &'a Path,
    ) -> Self {
        let used = session.previous.used_by(student, submission);
        let pictures = Pictures::of(session, student, submission);
        SubmissionRuns {
            session,
            student,
            submission,
            attempts: Attempts::new(session, user, program, used),
            without_runner: 0,
            failed: FailedTests::default(),
            pictures,
        }
    }

    /// Makes all runs that are not in the log yet, in a fixed order.
    ///
    /// # Errors
    ///
    /// If something stops the whole grading.
    pub(super) fn make(mut self) -> Result<(), String> {
        for item in &self.session.scoring.items {
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
        let Some(Attempt { record, isolation, came_again }) = self.attempts.make(&order) else {
            return Ok(ControlFlow::Break(()));
        };
        let has_runner = self.attempts.has_runner();
        let mut picture = None;
        if self.pictures.is_due(item, &record) && !runs.fails_before(index) {
            // The run is logged after that: if this is interrupted, it is made again with its picture.
            picture = self.pictures.make(&mut self.attempts, &order, &record)?;
            if picture.is_none() {
                return Ok(ControlFlow::Break(()));
            }
        }
        let (student, submission) = (self.student.to_owned(), self.submission.to_owned());
        let run = Run { student, submission, index, isolation, came_again, picture, record };
        let counts = run.counts();
        if counts {
            runs.add(&run);
        }
        self.session.append(Entry::Run(Box::new(run)))?;
        let is_without = !counts && !has_runner;
        self.without_runner = if is_without { self.without_runner + 1 } else { 0 };
        // Resuming the grading makes the missing runs.
        let goes_on = self.without_runner < WITHOUT_RUNNER;
        Ok(if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }

    fn order(&self, item: &Item, index: u64) -> Order {
        let seed = self.session.secret.seed(&item.test, index);
        Order { test: item.test.clone(), seed, clock: self.session.plan.clock, recording: false }
    }
}
