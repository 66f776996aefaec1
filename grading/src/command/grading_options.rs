//! The options of every command that grades.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use records::{Clock, TestInfo};
use serde::{Deserialize, Serialize};

use super::absolute::absolute;
use super::adjustments_option::AdjustmentsOption;
use super::numbers;
use crate::adjustments::Adjustments;
use crate::build::BuildOptions;
use crate::files::{check_creatable, reason};
use crate::grade::Plan;
use crate::report::complain;
use crate::rubric::Rubric;
use crate::runlog::{Entry, RunLog, students};
use crate::sandbox::Isolation;
use crate::scoring::Scoring;
use crate::seeds::{Secret, SeedKey};
use crate::stages;
use crate::submission::HandedIn;
use crate::tree;

/// How many seeds each test is simulated with, unless the instructor says otherwise.
const SEEDS: u64 = 20;

/// Seconds of processor time for each run, unless the instructor says otherwise.
const CPU_PER_RUN: u64 = 4;

/// How to grade.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GradingOptions {
    /// Stages to grade, such as 2A,2B [default: all but optional ones]
    #[arg(long, value_delimiter = ',', value_parser = stages::parse)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stages: Vec<String>,
    /// How many secret seeds to simulate each test with [default: 20]
    #[arg(long, value_name = "COUNT", conflicts_with = "real", value_parser = numbers::runs)]
    seeds: Option<u64>,
    /// How many times to run each test in real time, without simulation
    #[arg(long, value_name = "COUNT", value_parser = numbers::runs)]
    real: Option<u64>,
    /// Submissions to grade at once [default: all processors; 1 with --real]
    #[arg(long, value_name = "COUNT", value_parser = numbers::jobs)]
    #[serde(skip)]
    jobs: Option<usize>,
    /// Seconds of processor time for each run; all runs of a submission share them [default: 4]
    ///
    /// When they are used up, the runs that are left have failed.
    #[arg(long, value_name = "SECONDS", value_parser = numbers::seconds)]
    cpu_per_run: Option<u64>,
    /// Sandbox to use [default: the strongest available here]
    #[arg(long)]
    #[serde(skip)]
    sandbox: Option<Isolation>,
    /// Rubric file [default: grading/rubric.toml]
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
    /// File with the secret for the seeds [default: `secret` in the results]
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
}

impl GradingOptions {
    /// These options, and the other ones where these say nothing.
    pub(super) fn or(self, other: GradingOptions) -> GradingOptions {
        let says_how_many = self.seeds.is_some() || self.real.is_some();
        let (seeds, real) =
            if says_how_many { (self.seeds, self.real) } else { (other.seeds, other.real) };
        GradingOptions {
            stages: if self.stages.is_empty() { other.stages } else { self.stages },
            seeds,
            real,
            jobs: self.jobs.or(other.jobs),
            cpu_per_run: self.cpu_per_run.or(other.cpu_per_run),
            sandbox: self.sandbox.or(other.sandbox),
            rubric: self.rubric.or(other.rubric),
            secret: self.secret.or(other.secret),
        }
    }

    /// The same options, with paths that are valid in every folder.
    ///
    /// # Errors
    ///
    /// If the current folder is not known.
    pub(super) fn absolute(self) -> Result<GradingOptions, String> {
        let absolute = |path: Option<PathBuf>| path.map(absolute).transpose();
        Ok(GradingOptions {
            rubric: absolute(self.rubric)?,
            secret: absolute(self.secret)?,
            ..self
        })
    }

    /// The rubric file.
    pub(super) fn rubric(&self) -> PathBuf {
        self.rubric.clone().unwrap_or_else(default_rubric)
    }

    /// Nothing but the rubric file.
    pub(super) fn with_rubric(rubric: Option<PathBuf>) -> GradingOptions {
        GradingOptions { rubric, ..GradingOptions::default() }
    }

    /// Nothing but the file with the secret.
    pub(super) fn with_secret(secret: Option<PathBuf>) -> GradingOptions {
        GradingOptions { secret, ..GradingOptions::default() }
    }

    /// Checks numbers and stages that did not come from the command line.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub(super) fn check(&self) -> Result<(), String> {
        let runs = [("seeds", self.seeds), ("real", self.real)].map(|it| (it, numbers::RUNS));
        for ((name, number), range) in
            runs.into_iter().chain([(("cpu_per_run", self.cpu_per_run), numbers::SECONDS)])
        {
            if let Some(number) = number.filter(|number| !range.contains(number)) {
                let (first, last) = (range.start(), range.end());
                return Err(format!("{name} = {number} is not a number from {first} to {last}"));
            }
        }
        if self.seeds.is_some() && self.real.is_some() {
            return Err("there are seeds and real: leave one".to_owned());
        }
        self.stages.iter().try_for_each(|stage| stages::parse(stage).map(|_| ()))
    }

    /// Checks the secret, as far as that can be done without making one.
    ///
    /// # Errors
    ///
    /// If the file is there and contains no secret, or if it could not be made.
    pub(super) fn check_secret(&self, results: &Path) -> Result<(), String> {
        match &self.secret {
            Some(path) if path.exists() => Secret::read(path).map(|_| ()),
            Some(path) => check_creatable(path),
            None if results.join("secret").exists() => {
                Secret::read(&results.join("secret")).map(|_| ())
            }
            None => Ok(()),
        }
    }

    /// The secret, which must be there.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub(super) fn known_secret(&self, results: &Path) -> Result<Secret, String> {
        Secret::read(self.secret.as_deref().unwrap_or(&results.join("secret")))
    }

    /// The secret: the file that was named, or else the one among the results, which is made if there is none.
    ///
    /// # Errors
    ///
    /// If the file can be neither read nor made.
    pub(super) fn secret(&self, results: &Path) -> Result<Secret, String> {
        match &self.secret {
            Some(path) => {
                if !path.exists() {
                    complain(&format!("note: {} is new: a new secret is in it", path.display()));
                }
                Secret::open(path)
            }
            None => {
                std::fs::create_dir_all(results).map_err(|error| {
                    format!("cannot create {}: {}", results.display(), reason(&error))
                })?;
                Secret::open(&results.join("secret"))
            }
        }
    }

    /// The plan to grade what was handed in. Adjustments are read if they matter. `seeds` says what the seeds are drawn
    /// with, and is asked last: it may write a file.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, with the submissions as well, a line for each.
    pub(super) fn plan(
        &self,
        handed_in: Result<HandedIn, String>,
        results: PathBuf,
        adjustments: Option<&AdjustmentsOption>,
        seeds: impl FnOnce() -> Result<SeedKey, String>,
    ) -> Result<Plan, String> {
        let (clock, runs) = match self.real {
            Some(runs) => (Clock::Real, runs),
            None => (Clock::Sim, self.seeds.unwrap_or(SEEDS)),
        };
        let tests = stages::tests();
        let rubric = Rubric::read(&self.rubric(), runs);
        let items = rubric.as_ref().map(|rubric| rubric.items(&self.stages, &tests)).ok();
        // A grading that goes on may have results of others, too.
        let before = RunLog::read_if_any(&results);
        // Without knowing who is in the class, every adjustment would be wrong.
        let adjustments = match (adjustments, &rubric, &handed_in, &before) {
            (Some(adjustments), Ok(rubric), Ok(handed_in), Ok(before)) => {
                let now = handed_in.submissions.iter().map(|submission| &submission.student);
                let now = now.chain(&handed_in.missing).map(String::as_str);
                let everybody = now.chain(students(before)).collect();
                adjustments.read(&results, &everybody, rubric)
            }
            _ => Ok(Adjustments::default()),
        };
        // A rubric for other tests than those of now is not to be mended.
        let items = items.map(|items| {
            items.map_err(|problem| match &before {
                Ok(before) => check_tests(before, &tests, &results).err().unwrap_or(problem),
                Err(_) => problem,
            })
        });
        let problems = [
            handed_in.as_ref().err(),
            rubric.as_ref().err(),
            items.as_ref().and_then(|items| items.as_ref().err()),
            adjustments.as_ref().err(),
            before.as_ref().err(),
        ];
        let problems: Vec<&str> = problems.into_iter().flatten().map(String::as_str).collect();
        if !problems.is_empty() {
            return Err(problems.join("\n"));
        }
        let rubric = rubric?;
        Ok(Plan {
            handed_in: handed_in?,
            results,
            tests,
            scoring: Scoring {
                items: items.transpose()?.unwrap_or_default(),
                rubric: rubric.id(),
                late: rubric.late(),
                adjustments: adjustments?,
            },
            clock,
            runs,
            per_run: Duration::from_secs(self.cpu_per_run.unwrap_or(CPU_PER_RUN)),
            jobs: self.jobs.unwrap_or_else(|| default_jobs(clock)),
            sandbox: self.sandbox,
            seeds: seeds()?,
            build: BuildOptions::default(),
            live: None,
        })
    }
}

/// Checks that results are of the tests that there are now.
fn check_tests(before: &[Entry], now: &[TestInfo], results: &Path) -> Result<(), String> {
    match before.first() {
        Some(Entry::Grading(grading)) if !grading.is_of(now) => Err(format!(
            "{} was started with another version of the tests, when there were others: choose a new --out",
            results.display()
        )),
        _ => Ok(()),
    }
}

/// The rubric of this workspace.
pub(super) fn default_rubric() -> PathBuf {
    tree::root().join("grading/rubric.toml")
}

/// How many runs to make at once. In real time, several tests would slow each other down.
pub(super) fn default_jobs(clock: Clock) -> usize {
    match clock {
        Clock::Real => 1,
        Clock::Sim => std::thread::available_parallelism().map_or(1, usize::from),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Entry, GradingOptions, check_tests};
    use crate::report::tests::log;

    #[test]
    fn results_of_other_tests_are_told_from_a_wrong_rubric() {
        let before = log();
        let Some(Entry::Grading(grading)) = before.first() else { panic!("it begins with one") };
        let check = |before: &[Entry], now| check_tests(before, now, Path::new("results"));
        assert_eq!(check(&before, &grading.tests), Ok(()));
        let problem = check(&before, &grading.tests[1..]).expect_err("one is gone");
        assert!(problem.starts_with("results was started with another version of the tests"));
        assert_eq!(check(&[], &grading.tests), Ok(()));
    }

    #[test]
    fn what_is_asked_now_goes_before_what_was_kept() {
        let options = |seeds, real, cpu_per_run| GradingOptions {
            seeds,
            real,
            cpu_per_run,
            ..GradingOptions::default()
        };
        let kept = options(Some(20), None, Some(4));
        assert_eq!(options(None, None, None).or(kept.clone()), kept);
        assert_eq!(options(None, Some(3), None).or(kept.clone()), options(None, Some(3), Some(4)));
        assert_eq!(options(Some(5), None, Some(2)).or(kept), options(Some(5), None, Some(2)));
    }
}
