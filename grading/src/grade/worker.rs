//! A worker, which grades one submission after the other.

use std::path::{Path, PathBuf};
use std::time::Instant;

use parking_lot::Mutex;

use super::session::{ATTEMPTS, Session};
use super::submission_runs::SubmissionRuns;
use crate::build::BuildError;
use crate::files::write_file;
use crate::interrupt;
use crate::runlog::{Build, Entry, Outcome};
use crate::sandbox::give_to;
use crate::submission::{ReadError, StudentFiles, Submission};

/// A worker of a grading.
pub(super) struct Worker<'a> {
    pub(super) session: &'a Session<'a>,
    /// The user that its submissions run as, if the grader is root.
    pub(super) user: u32,
}

impl<'a> Worker<'a> {
    /// Grades submissions until there are no more, or something stops the whole grading.
    pub(super) fn work(&self, queue: &Mutex<impl Iterator<Item = &'a Submission>>) {
        while let Some(submission) = self.next(queue) {
            if let Err(problem) = self.grade(submission) {
                self.session.problem.lock().get_or_insert(problem);
            }
        }
    }

    fn next(&self, queue: &Mutex<impl Iterator<Item = &'a Submission>>) -> Option<&'a Submission> {
        if self.session.must_stop() { None } else { queue.lock().next() }
    }

    /// Grades one submission, and logs whatever happens.
    fn grade(&self, submission: &Submission) -> Result<(), String> {
        let started = Instant::now();
        let student = &submission.student;
        let build = |hash: &str, outcome, message| Build {
            student: student.clone(),
            submission: hash.to_owned(),
            outcome,
            message,
            wall_seconds: started.elapsed().as_secs_f64(),
        };
        let files = match submission.read_files(&self.session.sandbox) {
            Ok(files) => files,
            Err(ReadError::Interrupted) => return Ok(()),
            Err(ReadError::Refused(sentence)) => {
                return self.skip_runs(build("", Outcome::Unreadable, sentence));
            }
            Err(ReadError::Fault(problem)) => {
                return self.skip_runs(build("", Outcome::Fault, problem));
            }
        };
        self.keep_copy(student, &files)?;
        let hash = files.hash();
        if self.is_finished(student, &hash) {
            self.session.bar.inc(self.session.runs_of_submission());
            return Ok(());
        }
        let scratch = tempfile::tempdir()
            .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
        let program = match self.build(&files, scratch.path()) {
            Ok(program) => program,
            Err(_) if interrupt::requested() => return Ok(()),
            Err(error) => {
                let (outcome, message) = outcome(error);
                return self.skip_runs(build(&hash, outcome, message));
            }
        };
        self.note_build(build(&hash, Outcome::Built, String::new()))?;
        let runs = SubmissionRuns::new(self.session, self.user, student, &hash, &program);
        runs.make()
    }

    /// Notes why none of a submission's tests can run.
    fn skip_runs(&self, build: Build) -> Result<(), String> {
        self.session.bar.inc(self.session.runs_of_submission());
        self.note_build(build)
    }

    /// Notes a build in the log, unless the last one was the same.
    fn note_build(&self, build: Build) -> Result<(), String> {
        let is_same = |known: &Build| {
            (&known.submission, known.outcome, &known.message)
                == (&build.submission, build.outcome, &build.message)
        };
        if self.session.previous.build_of(&build.student).is_some_and(is_same) {
            return Ok(());
        }
        self.session.append(Entry::Build(build))
    }

    /// Whether nothing is left to do for a submission.
    fn is_finished(&self, student: &str, hash: &str) -> bool {
        let Session { plan, scoring, previous, .. } = self.session;
        let build = previous.build_of(student).filter(|build| build.submission == hash);
        build.is_some_and(|build| build.outcome != Outcome::Built)
            || previous.is_complete(student, hash, &scoring.items, plan.runs)
    }

    /// Keeps a copy of the graded files beside the results.
    fn keep_copy(&self, student: &str, files: &StudentFiles) -> Result<(), String> {
        let folder = self.session.plan.results.join("submissions").join(student);
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
        let fault = |error| BuildError::Fault(format!("cannot create the build output: {error}"));
        std::fs::create_dir(out).map_err(fault)?;
        let program = self.session.builder.build(files, out)?;
        give_to(self.user, &[scratch, out, &program]).map_err(fault)?;
        Ok(program)
    }
}

fn outcome(error: BuildError) -> (Outcome, String) {
    match error {
        BuildError::Compiler(message) => (Outcome::BuildError, message),
        BuildError::Fault(message) => (Outcome::Fault, message),
    }
}
