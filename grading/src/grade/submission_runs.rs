//! Making runs of one submission.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use records::Order;
use tempfile::TempDir;

use super::attempt::{Attempt, Attempts};
use super::compiled::Compiled;
use super::previous::TestRuns;
use super::session::Session;
use crate::rubric::Item;
use crate::runlog::{Entry, Run};
use crate::sandbox::User;

/// The part of one worker in the runs of a submission.
pub(super) struct SubmissionRuns<'a> {
    session: &'a Session<'a>,
    compiled: Arc<Compiled<'a>>,
    attempts: Attempts<'a>,
    /// The folder of the copy of the program, if another worker has compiled it.
    _folder: Option<TempDir>,
}

impl<'a> SubmissionRuns<'a> {
    /// Runs of a submission, whose program this user can read if the grader is root.
    pub(super) fn new(compiled: Arc<Compiled<'a>>, user: &'a User, program: &Path) -> Self {
        SubmissionRuns {
            session: compiled.session,
            attempts: Attempts::new(compiled.session, compiled.budget(), user, program.to_owned()),
            compiled,
            _folder: None,
        }
    }

    /// Runs of a submission that another worker has compiled. The copy of the program is in this folder.
    pub(super) fn helping(
        compiled: Arc<Compiled<'a>>,
        user: &'a User,
        program: &Path,
        folder: TempDir,
    ) -> Self {
        SubmissionRuns { _folder: Some(folder), ..SubmissionRuns::new(compiled, user, program) }
    }

    /// The submission.
    pub(super) fn compiled(&self) -> &Arc<Compiled<'a>> {
        &self.compiled
    }

    /// Makes the runs of a test that are not in the log yet, in a fixed order. If no more runs should be made of the
    /// submission, leaves out the tests that nobody has begun.
    ///
    /// # Errors
    ///
    /// If something stops the whole grading.
    pub(super) fn make_test(&mut self, place: usize) -> Result<(), String> {
        let session = self.session;
        let item = &session.plan.scoring.items[place];
        let mut runs = session.previous.runs_of(&self.compiled.build.submission, &item.test);
        let goes_on = self.make_runs_of(item, &mut runs)?.is_continue();
        let left_out = self.compiled.change_tests(|tests| {
            tests.done(place, item, &runs, session.plan.runs);
            if goes_on { 0 } else { tests.leave_out() }
        });
        session.progress.leave_out(left_out * session.plan.runs);
        session.write_live_results()
    }

    /// Makes the missing runs of one test. Breaks if no more runs should be made.
    fn make_runs_of(
        &mut self,
        item: &Item,
        runs: &mut TestRuns,
    ) -> Result<ControlFlow<()>, String> {
        for index in 0..self.session.plan.runs {
            if runs.is_broken() || runs.contains(index) {
                self.session.progress.leave_out(1);
                continue;
            }
            if self.session.must_stop() || self.make_run(item, index, runs)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.session.progress.add();
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
        let mut pictures = self.compiled.pictures.lock();
        if pictures.is_due(item, &record) && !runs.fails_before(index) {
            // The run is logged after that: if this is interrupted, it is made again with its picture.
            picture = pictures.make(&mut self.attempts, &order, &record)?;
            if picture.is_none() {
                return Ok(ControlFlow::Break(()));
            }
        }
        drop(pictures);
        let build = &self.compiled.build;
        let (student, submission) = (build.student.clone(), build.submission.clone());
        let run = Run { student, submission, index, isolation, came_again, picture, record };
        if run.counts() {
            runs.add(&run);
        }
        let goes_on = self.compiled.note_runner(&run, has_runner);
        self.session.append(Entry::Run(Box::new(run)))?;
        Ok(if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }

    fn order(&self, item: &Item, index: u64) -> Order {
        let seed = self.session.plan.seeds.of_run(&item.test, index);
        Order { test: item.test.clone(), seed, clock: self.session.plan.clock, recording: false }
    }
}
