//! `cargo grade run`

use std::path::Path;

use clap::Args;

use super::asked::Asked;
use super::exit::Exit;
use super::kept::Kept;
use super::reports::write_reports;
use crate::forecast::forecast;
use crate::grade::{Graded, Opened};
use crate::parts::{self, Part, PartNumber};
use crate::report::{Seeds, complain, say};
use crate::results::Results;
use crate::runlog::RunLog;
use crate::scratch;
use crate::submission::HandedIn;

#[derive(Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    asked: Asked,
    /// Grade these students alone, called as in the results; commas may be between their names
    #[arg(long, value_name = "NAMES", conflicts_with = "part")]
    only: Vec<String>,
    /// Say what there is to do and how long it will take, and do nothing else
    #[arg(long, conflicts_with = "part")]
    plan: bool,
    /// Grade only this part of a class that was split, such as 3/16
    #[arg(long, value_name = "PART")]
    part: Option<PartNumber>,
}

/// Grades a folder of submissions, and writes all reports.
pub(crate) fn run(arguments: RunArguments) -> Result<Exit, String> {
    let RunArguments { asked, only, plan, part } = arguments;
    let out = asked.out.clone();
    let kept = Kept::with(asked)?;
    if let Some(part) = part {
        return run_part(&out, &kept, part);
    }
    if parts::are_in(&out) {
        return Err(format!(
            "{} was split into parts: grade one of them with --part, or merge them with cargo grade merge",
            out.display()
        ));
    }
    let choose = |all: HandedIn| if only.is_empty() { Ok(all) } else { all.only(&only) };
    let handed_in = kept.with_secret_checked(&out, kept.handed_in(&out, choose));
    if plan { say_plan(&out, &kept, handed_in) } else { run_whole(&out, &kept, handed_in) }
}

fn say_plan(out: &Path, kept: &Kept, handed_in: Result<HandedIn, String>) -> Result<Exit, String> {
    // A plan leaves nothing behind: it is made with seeds of its own.
    let scratch = scratch::folder()?;
    let seeds = || Ok(kept.options.clone().secret(scratch.path())?.seeds());
    let plan = kept.options.plan(handed_in, out.to_owned(), Some(&kept.adjustments), seeds)?;
    match forecast(&plan)? {
        Some(forecast) => say(&forecast),
        None => return Ok(Exit::Interrupted),
    }
    Ok(Exit::Done)
}

fn run_whole(out: &Path, kept: &Kept, handed_in: Result<HandedIn, String>) -> Result<Exit, String> {
    let seeds = || Ok(kept.options.secret(out)?.seeds());
    let plan = kept.options.plan(handed_in, out.to_owned(), Some(&kept.adjustments), seeds)?;
    let opened = Opened::new(&plan)?;
    kept.write(out)?;
    let graded = opened.grade()?;
    let results = write_reports(out, &RunLog::read(out)?, &plan.scoring, Seeds::Secret)?;
    let exit = exit(graded, &results);
    match exit {
        Exit::Interrupted => complain("interrupted: the same command goes on"),
        Exit::TryAgain => complain("something failed on this machine: run the same command again"),
        _ => {}
    }
    Ok(exit)
}

/// Grades a part. What it has found is for the merge, so there are no reports.
fn run_part(out: &Path, kept: &Kept, number: PartNumber) -> Result<Exit, String> {
    let part = Part::read(out, number)?;
    let handed_in = kept.handed_in(out, |all| part.choose(all));
    let plan = kept.options.plan(handed_in, part.folder(out), None, || Ok(part.seeds.clone()))?;
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
