//! `cargo grade gradescope`, and the two commands that run on Gradescope.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::exit::Exit;
use super::grading_options::{GradingOptions, default_rubric};
use super::numbers;
use crate::build::{BuildOptions, Builder, Workspace};
use crate::grade::{Graded, Opened};
use crate::gradescope::Autograder;
use crate::interrupt;
use crate::report::{say, write_results};
use crate::rubric::Rubric;
use crate::runlog::RunLog;
use crate::sandbox::Sandbox;
use crate::scoring::Scoring;
use crate::scratch;
use crate::stages;
use crate::submission::{HandedIn, Submission};

#[derive(Args)]
pub(crate) struct GradescopeArguments {
    /// Archive to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Stages to grade, such as 2A,2B [default: all but optional ones]
    #[arg(long, value_delimiter = ',', value_parser = stages::parse)]
    stages: Vec<String>,
    /// How many secret seeds for each test
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = numbers::runs)]
    seeds: u64,
    /// The time limit in the settings of the assignment on Gradescope; the grader stops a minute before it
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = numbers::minutes)]
    minutes: u64,
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
    /// Gradescope's time limit
    #[arg(long, value_name = "MINUTES", value_parser = numbers::minutes)]
    minutes: u64,
    #[command(flatten)]
    options: GradingOptions,
}

/// How long before Gradescope's time limit the grader stops. The machine may be slow and shared, and Gradescope
/// gives no points at all to what it has to stop itself.
const MARGIN: Duration = Duration::from_secs(60);

/// Packs the autograder.
pub(crate) fn pack(arguments: GradescopeArguments) -> Result<Exit, String> {
    let GradescopeArguments { out, stages, seeds, minutes, secret } = arguments;
    Rubric::read(&default_rubric(), seeds)?;
    Autograder { stages, seeds, minutes, secret }.pack(&out)?;
    let show = out.display();
    say(&format!("{show}: upload it as the autograder of a programming assignment"));
    say(&format!("in its settings, set the timeout to {minutes} minutes"));
    Ok(Exit::Done)
}

/// Compiles what all submissions have in common.
pub(crate) fn prepare() -> Result<Exit, String> {
    interrupt::install();
    let sandbox = Sandbox::find(None)?;
    Builder::open(&Workspace::read()?, sandbox, BuildOptions::default())?;
    say(&format!("ready to run {} tests", stages::tests().len()));
    Ok(Exit::Done)
}

/// Grades one submission. There are always results for Gradescope to read, whatever happens.
pub(crate) fn judge(arguments: JudgeArguments) -> Result<Exit, String> {
    let minutes = arguments.minutes;
    interrupt::request_after(Duration::from_secs(60 * minutes).saturating_sub(MARGIN));
    let live = arguments.results;
    write_results(&live, &[], &Scoring::default(), None)?;
    let scratch = scratch::folder()?;
    let submission = Submission::named("submission", arguments.submission);
    let handed_in = HandedIn { submissions: vec![submission], ..HandedIn::default() };
    let results = scratch.path().join("results");
    let seeds = || Ok(arguments.options.secret(&results)?.seeds());
    let mut plan = arguments.options.plan(Ok(handed_in), results.clone(), None, seeds)?;
    plan.live = Some(live.clone());
    let graded = Opened::new(&plan)?.grade()?;
    let stopped =
        format!("The grader had to stop, because Gradescope allows it {minutes} minutes.");
    let stopped = (graded == Graded::Interrupted).then_some(stopped.as_str());
    write_results(&live, &RunLog::read(&plan.results)?, &plan.scoring, stopped)?;
    Ok(Exit::Done)
}
