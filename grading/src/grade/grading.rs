//! Starting and resuming a grading.

use std::path::Path;

use parking_lot::Mutex;
use records::Clock;

use super::plan::Plan;
use super::previous::Previous;
use super::session::{Machine, Session, progress_bar};
use super::worker::Worker;
use crate::build::Builder;
use crate::interrupt;
use crate::rubric::Item;
use crate::runlog::{Entry, Grading, RunLog};
use crate::sandbox::{FIRST_USER, Isolation, Sandbox};
use crate::scoring::Scoring;
use crate::seeds::Secret;

/// How a grading ended.
pub(crate) struct Graded {
    /// Whether everything was graded, rather than interrupted.
    pub(crate) complete: bool,
    /// What makes points out of the runs; without adjustments.
    pub(crate) scoring: Scoring,
}

/// Grades a class. If an earlier grading was interrupted, resumes it.
///
/// # Errors
///
/// If grading cannot start or continue. What was found out before is kept.
pub(crate) fn grade(plan: &Plan) -> Result<Graded, String> {
    interrupt::install();
    std::fs::create_dir_all(&plan.results)
        .map_err(|error| format!("cannot create {}: {error}", plan.results.display()))?;
    let sandbox = find_sandbox(plan.sandbox)?;
    let builder = Builder::open(sandbox.clone(), plan.build.clone())?;
    let tests = builder.tests()?;
    let scoring = Scoring {
        items: plan.rubric.items(&plan.stages, &tests)?,
        rubric: plan.rubric.id(),
        ..Scoring::default()
    };
    let secret = open_secret(plan)?;
    let grading = Grading {
        version: 1,
        stages: stages(&scoring.items),
        tests,
        clock: plan.clock,
        runs: plan.runs,
        seeds: secret.fingerprint(),
        harness: builder.harness().to_owned(),
        rubric: scoring.rubric.hash.clone(),
    };
    let (log, entries) = open_log(&plan.results, grading)?;
    let session = Session {
        bar: progress_bar((plan.submissions.len() * scoring.items.len()) as u64 * plan.runs),
        previous: Previous::of(&entries),
        log: Mutex::new(log),
        machine: Machine::default(),
        problem: Mutex::new(None),
        plan,
        builder,
        sandbox,
        scoring,
        secret,
    };
    grade_all(&session);
    match session.problem.into_inner() {
        Some(problem) => Err(problem),
        None => Ok(Graded { complete: !interrupt::requested(), scoring: session.scoring }),
    }
}

/// Grades all submissions, several at once.
fn grade_all(session: &Session<'_>) {
    let queue = Mutex::new(session.plan.submissions.iter());
    let users = (FIRST_USER..).take(session.plan.jobs.max(1));
    std::thread::scope(|scope| {
        for user in users {
            let worker = Worker { session, user };
            let queue = &queue;
            scope.spawn(move || worker.work(queue));
        }
    });
    session.bar.finish_and_clear();
}

fn find_sandbox(asked: Option<Isolation>) -> Result<Sandbox, String> {
    let sandbox = Sandbox::find(asked)?;
    if let Some(note) = &sandbox.note {
        let isolation = sandbox.isolation.name().unwrap_or("resource limits");
        eprintln!("note: {note}; submissions run behind {isolation} and a system call filter");
    }
    Ok(sandbox)
}

fn open_secret(plan: &Plan) -> Result<Secret, String> {
    match &plan.secret {
        Some(path) => Secret::open(path),
        None => Secret::open(&plan.results.join("secret")),
    }
}

/// The stages of the items, in order.
fn stages(items: &[Item]) -> Vec<String> {
    let mut stages: Vec<String> = items.iter().map(|item| item.stage.clone()).collect();
    stages.dedup();
    stages
}

/// Opens the log. A new log starts with the description of this grading; an old one must be of the same
/// grading.
fn open_log(results: &Path, grading: Grading) -> Result<(RunLog, Vec<Entry>), String> {
    let (mut log, entries) = RunLog::open(results)?;
    match entries.first() {
        None => log.append(&Entry::Grading(grading))?,
        Some(Entry::Grading(before)) => check_same(before, &grading, results)?,
        Some(_) => {
            let show = results.display();
            return Err(format!(
                "{show}/runs.jsonl does not start with a description of a grading"
            ));
        }
    }
    Ok((log, entries))
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
    if before.version != now.version {
        other("another version of this program", "this one")
    } else if stages_before != stages_now {
        other(&stages_before, &stages_now)
    } else if runs_before != runs_now {
        other(&runs_before, &runs_now)
    } else if before.seeds != now.seeds {
        other("another secret", "a different one")
    } else if before.harness != now.harness {
        other("another version of the tests", "the current one")
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
