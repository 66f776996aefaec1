//! `cargo grade gradescope`, and the two commands that run on Gradescope.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::grading_options::{GradingOptions, default_rubric};
use crate::build::{BuildOptions, Builder};
use crate::grade::Opened;
use crate::gradescope::Autograder;
use crate::report::{say, write_results};
use crate::rubric::Rubric;
use crate::runlog::RunLog;
use crate::sandbox::Sandbox;
use crate::scoring::Scoring;
use crate::stages;
use crate::submission::{HandedIn, Submission};

#[derive(Args)]
pub(crate) struct GradescopeArguments {
    /// Archive to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Stages to grade, such as 2A,2B [default: all]
    #[arg(long, value_delimiter = ',', value_parser = stages::parse)]
    stages: Vec<String>,
    /// How many secret seeds for each test
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// File with the secret for the seeds [default: a new one]
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct JudgeArguments {
    /// The submission
    submission: PathBuf,
    /// File where Gradescope looks for the results
    #[arg(long, value_name = "FILE")]
    results: PathBuf,
    #[command(flatten)]
    options: GradingOptions,
}

/// Packs the autograder.
pub(crate) fn pack(arguments: GradescopeArguments) -> Result<Exit, String> {
    let GradescopeArguments { out, stages, seeds, secret } = arguments;
    Rubric::read(&default_rubric(), seeds)?;
    Autograder { stages, seeds, secret }.pack(&out)?;
    say(&format!("{}: upload it as the autograder of a programming assignment", out.display()));
    Ok(Exit::Done)
}

/// Compiles what all submissions have in common.
pub(crate) fn prepare() -> Result<Exit, String> {
    let sandbox = Sandbox::find(None)?;
    Builder::open(sandbox, BuildOptions::default())?;
    say(&format!("ready to run {} tests", stages::tests().len()));
    Ok(Exit::Done)
}

/// Grades one submission. There are always results for Gradescope to read, whatever happens.
pub(crate) fn judge(arguments: JudgeArguments) -> Result<Exit, String> {
    let live = arguments.results;
    write_results(&live, &[], &Scoring::default())?;
    let scratch = tempfile::tempdir()
        .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
    let submission = Submission::named("submission", arguments.submission);
    let handed_in = HandedIn { submissions: vec![submission], ..HandedIn::default() };
    let results = scratch.path().join("results");
    let seeds = || Ok(arguments.options.secret(&results)?.seeds());
    let mut plan = arguments.options.plan(Ok(handed_in), results.clone(), None, seeds)?;
    plan.live = Some(live.clone());
    Opened::new(&plan)?.grade()?;
    write_results(&live, &RunLog::read(&plan.results)?, &plan.scoring)?;
    Ok(Exit::Done)
}
