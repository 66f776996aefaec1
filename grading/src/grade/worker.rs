//! A worker, which grades one submission after the other.

use std::path::{Path, PathBuf};
use std::time::Instant;

use parking_lot::Mutex;

use super::same_files::{Ended, Turn};
use super::session::{ATTEMPTS, Session};
use super::submission_runs::SubmissionRuns;
use crate::build::BuildError;
use crate::files::write_file;
use crate::interrupt;
use crate::runlog::{Build, Entry, Outcome};
use crate::sandbox::User;
use crate::submission::{ReadError, StudentFiles, Submission};

/// A worker of a grading.
pub(super) struct Worker<'a> {
    pub(super) session: &'a Session<'a>,
    /// The user that its submissions run as, if the grader is root.
    pub(super) user: &'a User,
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
        let mut build = Build {
            student: submission.student.clone(),
            handed_in: submission.handed_in.clone(),
            ..Build::default()
        };
        let selected = match submission.read_files(&self.session.sandbox) {
            Ok(selected) => selected,
            Err(ReadError::Interrupted) => return Ok(()),
            Err(ReadError::Refused(message)) => {
                return self.skip_runs(Build { outcome: Outcome::Unreadable, message, ..build });
            }
            Err(ReadError::Fault(message)) => {
                return self.skip_runs(Build { outcome: Outcome::Fault, message, ..build });
            }
        };
        self.keep_copy(&submission.student, &selected.files)?;
        build.submission = selected.files.hash();
        build.origin = selected.origin;
        match self.session.same_files.turn(&build) {
            Turn::Wait => return Ok(()),
            Turn::Note(build) => return self.skip_runs(build),
            Turn::Grade => {}
        }
        let Some(ended) = self.build_and_run(&build, &selected.files, started)? else {
            return Ok(());
        };
        let waiting = self.session.same_files.finish(&build.submission, &ended);
        waiting.into_iter().try_for_each(|build| self.skip_runs(build))
    }

    /// Builds and runs files that no other worker has. `None` if interrupted.
    fn build_and_run(
        &self,
        build: &Build,
        files: &StudentFiles,
        started: Instant,
    ) -> Result<Option<Ended>, String> {
        let Session { plan, previous, .. } = self.session;
        if let Some(ended) = previous.ended(&build.submission, &plan.scoring.items, plan.runs) {
            self.skip_runs(ended.of(build.clone()))?;
            return Ok(Some(ended));
        }
        let scratch = tempfile::tempdir()
            .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
        let built = self.build(files, scratch.path());
        let build = Build { wall_seconds: started.elapsed().as_secs_f64(), ..build.clone() };
        let program = match built {
            Ok(program) => program,
            Err(_) if interrupt::requested() => return Ok(None),
            Err(error) => {
                let ended = ended(error);
                self.skip_runs(ended.of(build))?;
                return Ok(Some(ended));
            }
        };
        let ended = Ended { outcome: Outcome::Built, message: String::new() };
        self.note_build(ended.of(build.clone()))?;
        let Build { student, submission, .. } = &build;
        SubmissionRuns::new(self.session, self.user, student, submission, &program).make()?;
        Ok((!self.session.must_stop()).then_some(ended))
    }

    /// Notes why none of a submission's tests can run.
    fn skip_runs(&self, build: Build) -> Result<(), String> {
        self.session.progress.add(self.session.runs_of_submission());
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
