//! `cargo grade run`

use std::path::{Path, PathBuf};

use clap::Args;

use super::adjustments_option::AdjustmentsOption;
use super::exit::Exit;
use super::grading_options::GradingOptions;
use super::kept::Kept;
use super::reports::write_reports;
use crate::forecast::forecast;
use crate::grade::{Graded, Opened};
use crate::parts::{self, Part, PartNumber};
use crate::report::{Seeds, say};
use crate::results::Results;
use crate::runlog::RunLog;
use crate::submission::Submission;

#[derive(Args)]
pub(crate) struct RunArguments {
    /// Folder with the submissions, one file or folder per student [default: as before]
    ///
    /// A submission is a .rs file, folder, .zip, .tar.gz or git repository.
    submissions: Option<PathBuf>,
    /// Folder for the results; resumes a grading that was interrupted there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Say what there is to do and how long it will take, and do nothing else
    #[arg(long, conflicts_with = "part")]
    plan: bool,
    /// Grade only this part of a class that was split, such as 3/16
    #[arg(long, value_name = "PART")]
    part: Option<PartNumber>,
    #[command(flatten)]
    adjustments: AdjustmentsOption,
    #[command(flatten)]
    options: GradingOptions,
}

/// Grades a folder of submissions, and writes all reports.
pub(crate) fn run(arguments: RunArguments) -> Result<Exit, String> {
    let RunArguments { submissions, out, plan, part, adjustments, options } = arguments;
    let kept = Kept::with(&out, submissions, options)?;
    match part {
        Some(part) => run_part(&out, &kept, part),
        None if parts::are_in(&out) => Err(format!(
            "{} was split into parts: grade one of them with --part, or merge them with cargo grade merge",
            out.display()
        )),
        None if plan => say_plan(&out, &kept, &adjustments),
        None => run_whole(&out, &kept, &adjustments),
    }
}

fn say_plan(out: &Path, kept: &Kept, adjustments: &AdjustmentsOption) -> Result<Exit, String> {
    // A plan leaves nothing behind: it is made with seeds of its own.
    let scratch = tempfile::tempdir()
        .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
    let seeds = || Ok(kept.options.clone().secret(scratch.path())?.seeds());
    let plan = kept.options.plan(
        Submission::list(&kept.submissions),
        out.to_owned(),
        Some(adjustments),
        seeds,
    )?;
    match forecast(&plan)? {
        Some(forecast) => say(&forecast),
        None => return Ok(Exit::Interrupted),
    }
    Ok(Exit::Done)
}

fn run_whole(out: &Path, kept: &Kept, adjustments: &AdjustmentsOption) -> Result<Exit, String> {
    let seeds = || Ok(kept.options.secret(out)?.seeds());
    let plan = kept.options.plan(
        Submission::list(&kept.submissions),
        out.to_owned(),
        Some(adjustments),
        seeds,
    )?;
    let opened = Opened::new(&plan)?;
    kept.write(out)?;
    let graded = opened.grade()?;
    let results = write_reports(out, &RunLog::read(out)?, &plan.scoring, Seeds::Secret)?;
    Ok(exit(graded, &results))
}

/// Grades a part. What it has found is for the merge, so there are no reports.
fn run_part(out: &Path, kept: &Kept, number: PartNumber) -> Result<Exit, String> {
    let part = Part::read(out, number)?;
    let submissions = Submission::list(&kept.submissions).and_then(|all| part.choose(all));
    let plan = kept.options.plan(submissions, part.folder(out), None, || Ok(part.seeds.clone()))?;
    let graded = Opened::new(&plan)?.grade()?;
    let results = Results::of(&RunLog::read(&plan.results)?, &plan.scoring)?;
    let exit = exit(graded, &results);
    let count = results.students.len();
    match exit {
        Exit::Done => {
            part.seal(out)?;
            say(&format!("part {number} is done: {count} submissions"));
        }
        _ => say(&format!("part {number} is not done: run the same command again")),
    }
    Ok(exit)
}

fn exit(graded: Graded, results: &Results) -> Exit {
    match graded {
        Graded::Interrupted => Exit::Interrupted,
        Graded::Whole if results.is_final() => Exit::Done,
        Graded::Whole => Exit::TryAgain,
    }
}
