//! The results of all runs so far, shown as they come in.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::{Duration, Instant};

use records::{Class, NeverPlayed, Series, conclusion, never_played};

use crate::case::Case;
use crate::exit::Exit;
use crate::interrupt;
use crate::report::{self, FailedRun};
use crate::screen::Screen;
use crate::task::Task;
use crate::text::{WIDTH, hanging, in_columns, wrapped};
use crate::verdict::Ended;

/// How many failed runs of a test are named after the first, which is reported in full.
const FAILURES_NAMED: usize = 4;

/// The results of all tests.
pub(crate) struct Results {
    begun: Instant,
    /// How many seeds each test runs with.
    seeds: u64,
    tests: Vec<TestResults>,
    /// The tests whose runs were cut off: these have neither passed nor failed.
    interrupted: BTreeSet<String>,
}

/// The results of one test.
struct TestResults {
    case: Case,
    series: Series,
    /// Failed runs after the first.
    also_failed: Vec<FailedRun>,
    /// Of the runs so far that have passed.
    never_played: NeverPlayed,
    /// Whether a run failed because of the harness.
    has_fault: bool,
}

impl Results {
    /// No results, for tests that run with so many seeds each.
    pub(crate) fn new(cases: &[Case], seeds: u64) -> Self {
        let of_test = |case: &Case| TestResults {
            case: *case,
            series: Series::default(),
            also_failed: Vec::new(),
            never_played: NeverPlayed::default(),
            has_fault: false,
        };
        Results {
            begun: Instant::now(),
            seeds,
            tests: cases.iter().map(of_test).collect(),
            interrupted: BTreeSet::new(),
        }
    }

    /// Adds a run, and shows it: each run where there is one seed; with many, the first failure of a test,
    /// and all its runs once they have ended.
    pub(crate) fn add(&mut self, task: &Task, ended: &Ended, screen: &Screen) {
        let name = task.case.id();
        if ended.was_interrupted() {
            self.interrupted.insert(name);
            return;
        }
        let own = self.tests.iter_mut().find(|test| test.case.id() == name);
        let test = own.expect("only tests of this session run");
        let is_first_failure = test.add(task, ended);
        if self.seeds == 1 || is_first_failure {
            screen.print(&report::run(task, ended, screen.colours()));
        }
        if self.seeds > 1 && test.series.runs == self.seeds {
            test.show(screen);
        }
    }

    /// What runs now: each test with its time, or with how many of its runs have ended.
    pub(crate) fn progress(&self, running: &[(String, Duration)]) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (name, elapsed) in running {
            let own = self.tests.iter().find(|test| test.case.id() == *name);
            let line = match own.map(|test| (test.series.runs, test.series.failures())) {
                None | Some((0, _)) => format!("{name} {} s", elapsed.as_secs()),
                Some((runs, 0)) => format!("{name} {runs} of {} runs", self.seeds),
                Some((runs, failures)) => {
                    format!("{name} {runs} of {} runs, {failures} failed", self.seeds)
                }
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    /// Shows what there is to say after the last run.
    pub(crate) fn show_end(&mut self, screen: &Screen) {
        self.tests.retain(|test| test.series.runs > 0);
        if self.seeds > 1 && !self.tests.is_empty() {
            for test in self.tests.iter().filter(|test| test.series.runs < self.seeds) {
                test.show(screen);
            }
            let all = self.tests.iter().map(|test| (test.case.id(), test.series.clone()));
            let conclusion = conclusion(&all.collect::<Vec<_>>());
            screen.print(&format!("\n{}", conclusion.trim_end()));
            self.show_never_played(screen);
        }
        if self.was_interrupted() {
            screen.print(&format!("\n{}", self.describe_interrupt()));
        }
        screen.print(&self.totals());
    }

    /// Names the scenes that no run has come to the end of.
    fn show_never_played(&self, screen: &Screen) {
        let names: Vec<String> = self.tests.iter().map(|test| test.case.id()).collect();
        let scenes = self.tests.iter().map(|test| &test.never_played);
        if let [head, scenes @ ..] = &*never_played(names.iter().map(String::as_str).zip(scenes)) {
            let scenes: Vec<String> = scenes.iter().map(|line| hanging(line)).collect();
            screen.print(&format!("\n{}\n{}", wrapped(head, WIDTH), scenes.join("\n")));
        }
    }

    /// How the program ends.
    pub(crate) fn exit(&self) -> Exit {
        if self.was_interrupted() {
            Exit::Interrupted
        } else if self.tests.iter().any(|test| test.has_fault) {
            Exit::NoVerdict
        } else if self.tests.iter().any(|test| test.series.failures() > 0) {
            Exit::Failed
        } else if self.tests.iter().any(|test| test.series.without_verdict() > 0) {
            Exit::NoVerdict
        } else {
            Exit::Passed
        }
    }

    fn was_interrupted(&self) -> bool {
        interrupt::requested() || !self.interrupted.is_empty()
    }

    fn describe_interrupt(&self) -> String {
        if self.interrupted.is_empty() {
            return "interrupted".to_owned();
        }
        let names: Vec<&str> = self.interrupted.iter().map(String::as_str).collect();
        hanging(&format!("interrupted; these tests were running: {}", names.join(", ")))
    }

    /// The last lines: how many runs have passed, by stage and in all.
    fn totals(&self) -> String {
        let mut stages: Vec<&str> = self.tests.iter().map(|test| test.case.stage).collect();
        stages.sort_unstable();
        stages.dedup();
        let mut totals = Vec::new();
        for stage in stages {
            let of_stage = |test: &TestResults| test.case.stage == stage;
            let passed = self.count(of_stage, Series::passed);
            let runs = self.count(of_stage, |series| series.runs);
            totals.push(format!("{stage}: {passed} of {runs} passed"));
        }
        let passed = self.count(|_| true, Series::passed);
        let failed = self.count(|_| true, Series::failures);
        totals.push(format!("in {:.1} s", self.begun.elapsed().as_secs_f64()));
        let mut text = format!("\n{}\n{passed} passed, {failed} failed", in_columns(&totals));
        match self.count(|_| true, Series::without_verdict) {
            0 => {}
            others => _ = write!(text, ", {others} without a verdict"),
        }
        text
    }

    /// The sum of a number over these tests.
    fn count(&self, of: impl Fn(&TestResults) -> bool, number: impl Fn(&Series) -> u64) -> u64 {
        self.tests.iter().filter(|test| of(test)).map(|test| number(&test.series)).sum()
    }
}

impl TestResults {
    /// Adds a run. Says whether it is the first that has failed.
    fn add(&mut self, task: &Task, ended: &Ended) -> bool {
        let class = ended.verdict.class;
        self.series.add(class, ended.seconds());
        self.has_fault |= class == Class::Fault;
        if class == Class::Pass {
            self.never_played.add(&ended.verdict.unplayed);
            return false;
        }
        let is_first = ended.is_first_failure;
        if !is_first && self.also_failed.len() < FAILURES_NAMED {
            self.also_failed.push(FailedRun { class, command: task.command() });
        }
        is_first
    }

    fn show(&self, screen: &Screen) {
        let text = report::series(&self.case, &self.series, &self.also_failed, screen.colours());
        screen.print(&text);
    }
}
