//! Trying to make one run.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use records::{Class, Order, Record};

use super::budget::Budget;
use super::session::{ATTEMPTS, Session};
use crate::interrupt;
use crate::sandbox::User;
use crate::sandboxed_runner::{Programs, RunnerError, SandboxedRunner};

/// How long to wait before the next attempt.
const PAUSE: Duration = Duration::from_millis(200);

/// How many times the processor time of a run its recorded repetition may use, and how many seconds more.
const RECORDED: f64 = 3.0;
const RECORDED_AT_LEAST: f64 = 5.0;

/// Makes runs of one submission, and starts a runner for them when there is none.
pub(super) struct Attempts<'a> {
    session: &'a Session<'a>,
    budget: Arc<Budget>,
    user: &'a User,
    /// The program of the submission, where the user can read it.
    program: PathBuf,
    /// `None` before the first run, and after a failure of the runner.
    runner: Option<SandboxedRunner>,
}

/// The result of one run, and what isolated it.
pub(super) struct Attempt {
    pub(super) record: Record,
    pub(super) isolation: String,
    /// Whether the harness failed each time that the run was made again, so that the submission has something
    /// to do with it.
    pub(super) came_again: bool,
}

impl<'a> Attempts<'a> {
    /// Without a runner yet.
    pub(super) fn new(
        session: &'a Session<'a>,
        budget: Arc<Budget>,
        user: &'a User,
        program: PathBuf,
    ) -> Self {
        Attempts { session, budget, user, program, runner: None }
    }

    /// Whether the last attempt has left a runner.
    pub(super) fn has_runner(&self) -> bool {
        self.runner.is_some()
    }

    /// Makes one run, several times if the harness fails. `None` if interrupted.
    pub(super) fn make(&mut self, order: &Order) -> Option<Attempt> {
        let mut problem = String::new();
        let mut faults = Vec::new();
        for number in 0..ATTEMPTS {
            if self.budget.left().is_zero() {
                return Some(self.use_up(order));
            }
            if number > 0 {
                std::thread::sleep(PAUSE);
            }
            let machine = &self.session.machine;
            match machine.attempt(number, || self.make_once(order)) {
                Ok(attempt) if attempt.was_interrupted() => return None,
                Ok(attempt) if attempt.record.class.is_verdict() => return Some(attempt),
                Ok(attempt) => faults.push(attempt),
                Err(RunnerError::Interrupted) => return None,
                Err(RunnerError::UsedUp) => {
                    self.runner = None;
                    return Some(self.use_up(order));
                }
                Err(RunnerError::Broken(reason)) => {
                    self.runner = None;
                    problem = reason;
                }
            }
        }
        let came_again = faults.len() > 1 && self.has_runner();
        Some(match faults.pop() {
            Some(fault) => Attempt { came_again, ..fault },
            None => Attempt::of_nothing(
                order,
                Class::Fault,
                [
                    "the run is made".to_owned(),
                    format!("the runner in the sandbox failed {ATTEMPTS} times: {problem}"),
                ],
            ),
        })
    }

    /// Makes a run once more, and records it. Returns the page that shows it, or why there is none; `None` if
    /// interrupted. The run is the grader's own: it has its own limit, costs the submission nothing, and its result
    /// does not count.
    pub(super) fn record(
        &mut self,
        order: &Order,
        first: &Record,
    ) -> Option<Result<String, &'static str>> {
        let order = Order { recording: true, ..order.clone() };
        let limit = first.cpu_seconds.unwrap_or_default() * RECORDED + RECORDED_AT_LEAST;
        let limit = Duration::try_from_secs_f64(limit).unwrap_or(Duration::MAX);
        let machine = &self.session.machine;
        let recorded = machine.attempt(0, || self.runner()?.run(&order, limit));
        Some(match recorded {
            Ok(record) if record.class == Class::Interrupted => return None,
            Err(RunnerError::Interrupted) => return None,
            Ok(record) if (record.class, &record.simulated) != (first.class, &first.simulated) => {
                Err("it ended differently when it was made once more")
            }
            Ok(record) => record.page.ok_or("it was not recorded"),
            Err(RunnerError::UsedUp) => {
                self.runner = None;
                Err("it took too long when it was made once more")
            }
            Err(RunnerError::Broken(_)) => {
                self.runner = None;
                Err("it could not be recorded")
            }
        })
    }

    fn make_once(&mut self, order: &Order) -> Result<Attempt, RunnerError> {
        let budget = self.budget.left();
        let runner = self.runner()?;
        let record = runner.run(order, budget)?;
        let isolation = runner.isolation.clone();
        let used = record.cpu_seconds.and_then(|used| Duration::try_from_secs_f64(used).ok());
        self.budget.take(used.unwrap_or_default());
        Ok(Attempt { record, isolation, came_again: false })
    }

    /// The runner, which is started if there is none.
    fn runner(&mut self) -> Result<&mut SandboxedRunner, RunnerError> {
        let runner = match self.runner.take() {
            Some(runner) => runner,
            None => {
                let Session { sandbox, builder, .. } = self.session;
                let programs = Programs { judge: &builder.judge(), node: &self.program };
                SandboxedRunner::start(sandbox, programs, self.user.id())?
            }
        };
        Ok(self.runner.insert(runner))
    }

    /// Stands for a run that was stopped or not made, because the submission has no processor time left. The
    /// record says that it has used the rest: a grading that is resumed must not grant it again.
    fn use_up(&mut self, order: &Order) -> Attempt {
        let budget = self.session.budget().as_secs();
        let expected =
            format!("all runs of a submission together use at most {budget} s of processor time");
        let seen = "they had used it up, so that this run did not come to its end".to_owned();
        let mut attempt = Attempt::of_nothing(order, Class::Resource, [expected, seen]);
        attempt.record.cpu_seconds = Some(self.budget.take(Duration::MAX).as_secs_f64());
        attempt
    }
}

impl Attempt {
    /// Stands for a run that has no record.
    fn of_nothing(order: &Order, class: Class, [expected, seen]: [String; 2]) -> Self {
        let stage = order.test.split("::").next().unwrap_or_default().to_owned();
        let record = Record {
            test: order.test.clone(),
            stage,
            seed: order.seed,
            clock: order.clock,
            class,
            wall_seconds: 0.0,
            cpu_seconds: None,
            peak_memory: None,
            summary: None,
            unplayed: Vec::new(),
            simulated: None,
            expected,
            seen,
            details: String::new(),
            printed: String::new(),
            page: None,
        };
        Attempt { record, isolation: "none".to_owned(), came_again: false }
    }

    fn was_interrupted(&self) -> bool {
        self.record.class == Class::Interrupted && interrupt::requested()
    }
}
