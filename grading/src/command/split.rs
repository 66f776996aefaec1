//! `cargo grade split` and `cargo grade merge`

use std::path::PathBuf;

use clap::Args;

use super::adjustments_option::AdjustmentsOption;
use super::asked::Asked;
use super::exit::Exit;
use super::grading_options::GradingOptions;
use super::kept::Kept;
use super::reports::{scoring_of, write_reports};
use crate::build::{Builder, Workspace};
use crate::counted::counted;
use crate::interrupt;
use crate::parts::{self, MOST_PARTS};
use crate::report::{Seeds, say};
use crate::sandbox::Sandbox;
use crate::shell::shell;

#[derive(Args)]
pub(crate) struct SplitArguments {
    #[command(flatten)]
    asked: Asked,
    /// How many parts
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_PARTS)))]
    parts: u32,
}

/// Splits a class into parts.
pub(crate) fn split(arguments: SplitArguments) -> Result<Exit, String> {
    let SplitArguments { asked, parts } = arguments;
    interrupt::install();
    let out = asked.out.clone();
    parts::check_unsplit(&out)?;
    let kept = Kept::with(asked)?;
    let handed_in = kept.with_secret_checked(&out, kept.handed_in(&out, Ok));
    let plan = kept.options.plan(handed_in, out.clone(), Some(&kept.adjustments), || {
        Ok(kept.options.secret(&out)?.seeds())
    })?;
    let sandbox = Sandbox::find(plan.sandbox)?;
    let workspace = Workspace::read()?;
    // The parts find it compiled, if they share this workspace.
    Builder::open(&workspace, sandbox.clone(), plan.build.clone())?;
    let secret = kept.options.secret(&out)?;
    parts::split(&plan, &sandbox, workspace.harness(), &secret, parts)?;
    kept.write(&out)?;
    let show = shell(&out);
    say(&format!(
        "{} in {parts} parts. Grade each of them, on any machine:\n\n    \
         cargo grade run --out {show} --part 1/{parts}\n\nand then merge them: cargo grade merge {show}",
        counted(plan.handed_in.submissions.len(), "submission")
    ));
    Ok(Exit::Done)
}

#[derive(Args)]
pub(crate) struct MergeArguments {
    /// Folder with the results and the parts
    results: PathBuf,
    /// File with the secret for the seeds [default: that of the grading]
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
    #[command(flatten)]
    adjustments: AdjustmentsOption,
}

/// Merges the parts of a class, and writes all reports.
pub(crate) fn merge(arguments: MergeArguments) -> Result<Exit, String> {
    let MergeArguments { results: folder, secret, adjustments } = arguments;
    parts::check_split(&folder)?;
    let kept = Kept::read(&folder)?;
    let (options, kept_adjustments) =
        kept.map(|kept| (kept.options, kept.adjustments)).unwrap_or_default();
    let secret = GradingOptions::with_secret(secret).or(options.clone()).known_secret(&folder)?;
    let merged = parts::merge(&folder, &secret)?;
    let scoring =
        scoring_of(&folder, &merged.entries, &options.rubric(), &adjustments.or(kept_adjustments))?;
    write_reports(&folder, &merged.entries, &scoring, Seeds::Secret)?;
    if merged.missing.is_empty() {
        return Ok(Exit::Done);
    }
    say(&format!("missing: {}", parts::list(&merged.missing)));
    Ok(Exit::TryAgain)
}
