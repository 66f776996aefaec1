//! The subcommands: the arguments of each one, and what it does.

mod absolute;
mod adjustments_option;
mod asked;
mod bugs;
mod compare;
mod exit;
mod export;
mod gradescope;
mod grading_options;
mod handout;
mod kept;
mod numbers;
mod places;
mod repeat;
mod report;
mod reports;
mod run;
mod selfcheck;
mod split;

pub(crate) use bugs::{BugsArguments, measure_bugs};
pub(crate) use compare::{CompareArguments, compare_gradings};
pub(crate) use exit::Exit;
pub(crate) use export::{ExportArguments, export};
pub(crate) use gradescope::{GradescopeArguments, JudgeArguments, judge, pack, prepare};
pub(crate) use handout::{HandoutArguments, make_handout};
pub(crate) use repeat::{RepeatArguments, make_repetition};
pub(crate) use report::{ReportArguments, make_reports};
pub(crate) use run::{RunArguments, run};
pub(crate) use selfcheck::{SelfcheckArguments, check_grader};
pub(crate) use split::{MergeArguments, SplitArguments, merge, split};
