//! Many runs of one test.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::{Class, Interval};

/// The results of many runs of one test.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// How many runs there were.
    pub runs: u64,
    /// How many runs of each class have not passed.
    others: BTreeMap<Class, u64>,
    /// On the test's own clock, over all runs.
    seconds: f64,
}

/// What many runs say about a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// No run failed.
    Ok,
    /// Some runs passed, some failed.
    Flaky,
    /// No run passed, and some failed.
    Broken,
    /// No run failed, but some had no verdict.
    Unsure,
}

impl Series {
    /// Adds a run, with its time on the test's own clock.
    pub fn add(&mut self, class: Class, seconds: f64) {
        self.runs += 1;
        self.seconds += seconds;
        if class != Class::Pass {
            *self.others.entry(class).or_default() += 1;
        }
    }

    /// How many runs have passed.
    pub fn passed(&self) -> u64 {
        self.runs - self.others.values().sum::<u64>()
    }

    /// How many runs have failed.
    pub fn failures(&self) -> u64 {
        self.others.iter().filter(|(class, _)| class.is_verdict()).map(|(_, count)| count).sum()
    }

    /// How many runs have neither passed nor failed.
    pub fn without_verdict(&self) -> u64 {
        self.runs - self.passed() - self.failures()
    }

    /// What the runs say.
    pub fn finding(&self) -> Finding {
        match (self.passed(), self.failures()) {
            (passed, 0) if passed == self.runs => Finding::Ok,
            (_, 0) => Finding::Unsure,
            (0, _) => Finding::Broken,
            _ => Finding::Flaky,
        }
    }

    /// How many runs have passed, the confidence interval of the pass rate, the mean time of a run, and
    /// the kinds of failures.
    pub fn row(&self) -> String {
        let (runs, passed) = (self.runs, self.passed());
        let rate = Interval::of(passed, runs);
        let range = format!("{:.1}-{:.1} %", 100.0 * rate.low, 100.0 * rate.high);
        let mean = self.seconds / runs.max(1) as f64;
        let mut row = format!("{passed:>4} of {runs} pass {range:>12} {mean:>5.1}s each");
        for (class, count) in &self.others {
            let _ = write!(row, "\n{:30} {count:>11} x {}", "", class.describe());
        }
        row
    }
}

/// What follows if nothing has failed, or else which tests are flaky and which always fail; in lines of
/// at most 78 characters.
pub fn conclusion(series: &[(String, Series)]) -> String {
    let of = |finding| {
        let found = series.iter().filter(move |(_, series)| series.finding() == finding);
        found.map(|(test, _)| test.clone()).collect::<Vec<_>>()
    };
    let fewest = series.iter().map(|(_, series)| series.runs).min().unwrap_or(0);
    let bound = 100.0 * Interval::of(0, fewest).high;
    let mut text = String::new();
    if fewest > 0 && series.iter().all(|(_, series)| series.finding() == Finding::Ok) {
        let _ = writeln!(
            text,
            "no failure in {fewest} runs: each test fails in at most {bound:.1} % (95 % confidence)"
        );
    }
    for (finding, meaning) in [
        (Finding::Flaky, "sometimes fails"),
        (Finding::Broken, "always fails"),
        (Finding::Unsure, "sometimes without a verdict"),
    ] {
        for names in of(finding).chunks(2) {
            let _ = writeln!(text, "{meaning}: {}", names.join(", "));
        }
    }
    text
}
