//! Starting and resuming a grading.

use std::collections::BTreeSet;
use std::path::Path;

use parking_lot::Mutex;
use records::Clock;

use super::missing::note_missing;
use super::plan::Plan;
use super::previous::Previous;
use super::progress::Progress;
use super::same_files::SameFiles;
use super::session::{Machine, Session};
use super::work::Work;
use super::worker::Worker;
use crate::build::{Builder, Workspace};
use crate::files::reason;
use crate::interrupt;
use crate::runlog::{Entry, Grading, RunLog, class};
use crate::sandbox::{Isolation, Sandbox, User};

/// How a grading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Graded {
    /// There was nothing left to do.
    Whole,
    /// The user asked to stop.
    Interrupted,
}

/// A grading whose folder, log and sandbox are ready. Nothing has been compiled yet.
pub(crate) struct Opened<'a> {
    plan: &'a Plan,
    workspace: Workspace,
    sandbox: Sandbox,
    log: RunLog,
    /// What the log says of earlier.
    entries: Vec<Entry>,
    users: Vec<User>,
}

impl<'a> Opened<'a> {
    /// Prepares to grade a class, or to resume an earlier grading of it. Nothing that this plan does not fit is
    /// changed.
    ///
    /// # Errors
    ///
    /// If grading cannot start, or the folder holds the results of another one.
    pub(crate) fn new(plan: &'a Plan) -> Result<Self, String> {
        interrupt::install();
        std::fs::create_dir_all(&plan.results).map_err(|error| {
            format!("cannot create {}: {}", plan.results.display(), reason(&error))
        })?;
        let sandbox = find_sandbox(plan.sandbox)?;
        let workspace = Workspace::read()?;
        let users: Result<_, String> = (0..plan.jobs.max(1)).map(|_| User::take()).collect();
        let users = users?;
        let (log, entries) = open_log(&plan.results, &plan.grading(workspace.harness()))?;
        Ok(Opened { plan, workspace, sandbox, log, entries, users })
    }

    /// Grades what has not been graded yet.
    ///
    /// # Errors
    ///
    /// If the workspace does not compile, or something stops the whole grading, such as a full disk. What was found
    /// out before is kept.
    pub(crate) fn grade(self) -> Result<Graded, String> {
        let Opened { plan, workspace, sandbox, mut log, entries, users } = self;
        // Compiling the workspace says nothing of how long the runs take.
        let builder = Builder::open(&workspace, sandbox.clone(), plan.build.clone())?;
        if entries.is_empty() {
            // Not before: who mends a workspace that does not compile has not begun with another one.
            log.append(&Entry::Grading(plan.grading(workspace.harness())))?;
        }
        note_class(plan, &mut log, &entries)?;
        note_missing(&plan.handed_in.missing, &mut log, &entries)?;
        let session = Session {
            progress: Progress::of(
                (plan.handed_in.submissions.len() * plan.scoring.items.len()) as u64 * plan.runs,
            ),
            previous: Previous::of(&entries),
            same_files: SameFiles::default(),
            log: Mutex::new(log),
            machine: Machine::default(),
            live: Mutex::new(()),
            problem: Mutex::new(None),
            plan,
            builder,
            sandbox,
        };
        grade_all(&session, &users);
        match session.problem.into_inner() {
            Some(problem) => Err(problem),
            None if interrupt::requested() => Ok(Graded::Interrupted),
            None => Ok(Graded::Whole),
        }
    }
}

/// Grades all submissions, several at once.
fn grade_all(session: &Session<'_>, users: &[User]) {
    let work = Work::new(session);
    std::thread::scope(|scope| {
        for user in users {
            let worker = Worker { session, user };
            let work = &work;
            scope.spawn(move || worker.work(work));
        }
    });
    session.progress.end();
}

fn find_sandbox(asked: Option<Isolation>) -> Result<Sandbox, String> {
    let sandbox = Sandbox::find(asked)?;
    if let Some(note) = &sandbox.note {
        let isolation = sandbox.isolation.name().unwrap_or("resource limits");
        eprintln!("note: {note}; submissions run behind {isolation} and a system call filter");
    }
    Ok(sandbox)
}

/// Opens the log, which must be new or of the same grading.
fn open_log(results: &Path, grading: &Grading) -> Result<(RunLog, Vec<Entry>), String> {
    let (log, entries) = RunLog::open(results)?;
    match entries.first() {
        None => {}
        Some(Entry::Grading(before)) => check_same(before, grading, results)?,
        Some(_) => {
            let show = results.display();
            return Err(format!(
                "{show}/runs.jsonl does not start with a description of a grading"
            ));
        }
    }
    Ok((log, entries))
}

/// Notes in the log who is to be graded, unless it says so already.
fn note_class(plan: &Plan, log: &mut RunLog, entries: &[Entry]) -> Result<(), String> {
    let known: BTreeSet<&str> = class(entries).collect();
    let all = plan.handed_in.submissions.iter().map(|submission| &submission.student);
    let new = all.filter(|student| !known.contains(student.as_str()));
    let students: Vec<String> = new.cloned().collect();
    if students.is_empty() { Ok(()) } else { log.append(&Entry::Class { students }) }
}

/// Checks that the log in a results folder belongs to this grading. Only the rubric may change: it does not
/// affect the runs.
fn check_same(before: &Grading, now: &Grading, results: &Path) -> Result<(), String> {
    let show = results.display();
    let other = |before: &str, now: &str| {
        Err(format!(
            "{show} was started with {before}; you asked for {now}. Repeat the original options or \
             choose a new --out"
        ))
    };
    let [stages_before, stages_now] =
        [before, now].map(|grading| format!("--stages {}", grading.stages.join(",")));
    let [runs_before, runs_now] = [before, now].map(runs_option);
    if stages_before != stages_now {
        other(&stages_before, &stages_now)
    } else if runs_before != runs_now {
        other(&runs_before, &runs_now)
    } else if before.seeds != now.seeds {
        other("another secret", "a different one")
    } else if before.harness != now.harness {
        let changed = before.harness.changes(&now.harness);
        let changed = changed.map_or(String::new(), |files| {
            format!(": since then these files have changed: {files}")
        });
        Err(format!(
            "{show} was started with another version of the tests{changed}. Choose a new --out; cargo grade compare \
             then says whose points change"
        ))
    } else if let Some([there, here]) = before.other_processors(now) {
        Err(format!(
            "{show} was started on an {there} processor, and this is one of {here}, where the seeds are other runs. \
             Go on on a machine of the first kind, or choose a new --out"
        ))
    } else {
        Ok(())
    }
}

fn runs_option(grading: &Grading) -> String {
    match grading.clock {
        Clock::Sim => format!("--seeds {}", grading.runs),
        Clock::Real => format!("--real {}", grading.runs),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use records::Clock;

    use super::check_same;
    use crate::report::tests::grading;
    use crate::runlog::{Grading, Harness};

    fn on(kind: &str, clock: Clock) -> Grading {
        let harness = Harness { processor: kind.to_owned(), ..Harness::default() };
        Grading { harness, clock, ..grading() }
    }

    #[test]
    fn simulations_go_on_only_on_the_same_kind_of_processor() {
        let resume =
            |before: &Grading, now: &Grading| check_same(before, now, Path::new("results"));
        let here = on("x86-64", Clock::Sim);
        let problem = resume(&on("AArch64", Clock::Sim), &here).expect_err("it is refused");
        assert!(problem.starts_with("results was started on an AArch64 processor"), "{problem}");
        for (before, now) in [
            (on("x86-64", Clock::Sim), here.clone()),
            // Written by a grader that did not name it.
            (on("", Clock::Sim), here),
            (on("AArch64", Clock::Real), on("x86-64", Clock::Real)),
        ] {
            assert_eq!(resume(&before, &now), Ok(()), "{before:?} {now:?}");
        }
    }
}
