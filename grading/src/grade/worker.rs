//! A worker, which grades one submission after the other.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::compiled::Compiled;
use super::same_files::{Ended, Turn};
use super::session::{ATTEMPTS, Session};
use super::submission_runs::SubmissionRuns;
use super::tests_left::Next;
use super::work::{Job, Work};
use crate::build::BuildError;
use crate::files::write_file;
use crate::interrupt;
use crate::runlog::{Build, Entry, Outcome};
use crate::sandbox::User;
use crate::scratch;
use crate::submission::{ReadError, StudentFiles, Submission};

/// A worker of a grading.
pub(super) struct Worker<'a> {
    pub(super) session: &'a Session<'a>,
    /// The user that its submissions run as, if the grader is root.
    pub(super) user: &'a User,
}

impl<'a> Worker<'a> {
    /// Grades submissions until there are no more, or something stops the whole grading.
    pub(super) fn work(&self, work: &Work<'a>) {
        let mut own: Option<SubmissionRuns<'a>> = None;
        while let Some(job) = work.next(own.as_ref().map(SubmissionRuns::compiled)) {
            let result = match job {
                Job::Begin(submission) => self.begin(submission, work).map(|begun| own = begun),
                Job::Test(compiled, next) => self.test(&compiled, next, &mut own, work),
            };
            if let Err(problem) = result {
                self.session.problem.lock().get_or_insert(problem);
            }
        }
    }

    /// Begins with a submission. Returns what to run of it, if anything.
    fn begin(
        &self,
        submission: &Submission,
        work: &Work<'a>,
    ) -> Result<Option<SubmissionRuns<'a>>, String> {
        let compiled = self.read_and_compile(submission);
        let found = compiled.as_ref().ok().and_then(Option::as_ref);
        work.begun(found);
        let own = |compiled: Arc<Compiled<'a>>| {
            let program = compiled.program().to_owned();
            SubmissionRuns::new(compiled, self.user, &program)
        };
        Ok(compiled?.map(own))
    }

    /// Runs or skips a test of a submission, whoever has begun that.
    fn test(
        &self,
        compiled: &Arc<Compiled<'a>>,
        next: Next,
        own: &mut Option<SubmissionRuns<'a>>,
        work: &Work<'a>,
    ) -> Result<(), String> {
        let result = match next {
            Next::Test(place) => self.runs_of(compiled, own).and_then(|runs| runs.make_test(place)),
            _ => {
                self.session.progress.leave_out(self.session.plan.runs);
                Ok(())
            }
        };
        let is_last = work.tested(compiled);
        if is_last {
            // Its runner must not be in the way of the next submission.
            *own = None;
        }
        if is_last && !self.session.must_stop() {
            let ended = Ended { outcome: Outcome::Built, message: String::new() };
            let waiting = self.session.same_files.finish(&compiled.build.submission, &ended);
            waiting.into_iter().try_for_each(|build| self.skip_runs(build))?;
        }
        result
    }

    /// This worker's part in the runs of a submission.
    fn runs_of<'r>(
        &self,
        compiled: &Arc<Compiled<'a>>,
        own: &'r mut Option<SubmissionRuns<'a>>,
    ) -> Result<&'r mut SubmissionRuns<'a>, String> {
        let runs = match own.take() {
            Some(runs) if Arc::ptr_eq(runs.compiled(), compiled) => runs,
            _ => self.help(compiled)?,
        };
        Ok(own.insert(runs))
    }

    /// Joins in the runs of a submission that another worker has begun.
    fn help(&self, compiled: &Arc<Compiled<'a>>) -> Result<SubmissionRuns<'a>, String> {
        let folder = scratch::folder()?;
        let program = folder.path().join("lab");
        std::fs::copy(compiled.program(), &program)
            .map_err(|error| format!("cannot copy a program: {error}"))?;
        self.user.give(&[folder.path(), &program])?;
        Ok(SubmissionRuns::helping(compiled.clone(), self.user, &program, folder))
    }

    /// Reads and compiles a submission, and logs whatever happens. `None` if nothing of it is to be run.
    fn read_and_compile(
        &self,
        submission: &Submission,
    ) -> Result<Option<Arc<Compiled<'a>>>, String> {
        let started = Instant::now();
        let mut build = Build {
            student: submission.student.clone(),
            handed_in: submission.handed_in.clone(),
            ..Build::default()
        };
        let selected = match submission.read_files(&self.session.sandbox) {
            Ok(selected) => selected,
            Err(ReadError::Interrupted) => return Ok(None),
            Err(ReadError::Refused(message)) => {
                self.skip_runs(Build { outcome: Outcome::Unreadable, message, ..build })?;
                return Ok(None);
            }
            Err(ReadError::Fault(message)) => {
                self.skip_runs(Build { outcome: Outcome::Fault, message, ..build })?;
                return Ok(None);
            }
        };
        self.keep_copy(&submission.student, &selected.files)?;
        build.submission = selected.files.hash();
        build.origin = selected.origin;
        match self.session.same_files.turn(&build) {
            Turn::Wait => Ok(None),
            Turn::Note(build) => self.skip_runs(build).map(|()| None),
            Turn::Grade => self.compile(build, &selected.files, started),
        }
    }

    /// Compiles files that no other worker has. `None` if nothing of them is to be run.
    fn compile(
        &self,
        build: Build,
        files: &StudentFiles,
        started: Instant,
    ) -> Result<Option<Arc<Compiled<'a>>>, String> {
        let Session { plan, previous, .. } = self.session;
        if let Some(ended) = previous.ended(&build.submission, &plan.scoring.items, plan.runs) {
            return self.end(build, &ended).map(|()| None);
        }
        let folder = scratch::folder()?;
        let built = self.build(files, folder.path());
        let build = Build { wall_seconds: started.elapsed().as_secs_f64(), ..build };
        let program = match built {
            Ok(program) => program,
            Err(_) if interrupt::requested() => return Ok(None),
            Err(error) => return self.end(build, &ended(error)).map(|()| None),
        };
        let ended = Ended { outcome: Outcome::Built, message: String::new() };
        self.note_build(ended.of(build.clone()))?;
        Ok(Some(Arc::new(Compiled::new(self.session, build, program, folder))))
    }

    /// Notes how files ended of which nothing is to be run, for everybody who has handed them in.
    fn end(&self, build: Build, ended: &Ended) -> Result<(), String> {
        let submission = build.submission.clone();
        self.skip_runs(ended.of(build))?;
        let waiting = self.session.same_files.finish(&submission, ended);
        waiting.into_iter().try_for_each(|build| self.skip_runs(build))
    }

    /// Notes why none of a submission's tests can run.
    fn skip_runs(&self, build: Build) -> Result<(), String> {
        self.session.progress.leave_out(self.session.runs_of_submission());
        self.note_build(build)
    }

    /// Notes a build in the log, unless the student's last one was the same.
    fn note_build(&self, build: Build) -> Result<(), String> {
        let is_same =
            |known: &Build| *known == Build { wall_seconds: known.wall_seconds, ..build.clone() };
        if self.session.previous.build_of(&build.student).is_some_and(is_same) {
            return Ok(());
        }
        self.session.append(Entry::Build(build))
    }

    /// Keeps a copy of the graded files beside the results, and none of those that the student had handed in before.
    fn keep_copy(&self, student: &str, files: &StudentFiles) -> Result<(), String> {
        let folder = self.session.plan.results.join("submissions").join(student);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)
                .map_err(|error| format!("cannot replace {}: {error}", folder.display()))?;
        }
        files.iter().try_for_each(|(path, text)| write_file(&folder.join(path), text))
    }

    /// Compiles a submission, several times if the machine is at fault. Returns the path of the program, which
    /// the worker's user can read.
    fn build(&self, files: &StudentFiles, scratch: &Path) -> Result<PathBuf, BuildError> {
        let mut fault = String::new();
        for number in 0..ATTEMPTS {
            let out = scratch.join(format!("out-{number}"));
            let machine = &self.session.machine;
            match machine.attempt(number, || self.build_once(files, scratch, &out)) {
                Err(BuildError::Fault(problem)) if !interrupt::requested() => fault = problem,
                built => return built,
            }
        }
        Err(BuildError::Fault(format!("{fault}\n({ATTEMPTS} attempts)")))
    }

    fn build_once(
        &self,
        files: &StudentFiles,
        scratch: &Path,
        out: &Path,
    ) -> Result<PathBuf, BuildError> {
        std::fs::create_dir(out).map_err(|error| {
            BuildError::Fault(format!("cannot create the build output: {error}"))
        })?;
        let program = self.session.builder.build(files, out)?;
        self.user.give(&[scratch, out, &program]).map_err(BuildError::Fault)?;
        Ok(program)
    }
}

fn ended(error: BuildError) -> Ended {
    let (outcome, message) = match error {
        BuildError::Compiler(message) => (Outcome::BuildError, message),
        BuildError::Fault(message) => (Outcome::Fault, message),
    };
    Ended { outcome, message }
}
