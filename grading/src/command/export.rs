//! `cargo grade export`

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueEnum};

use super::adjustments_option::AdjustmentsOption;
use super::exit::Exit;
use super::kept::Kept;
use super::reports::read_graded;
use crate::export::{Autolab, Canvas, Class, Classroom50, Dolos, Exported, Jplag, Moodle};
use crate::report::{Seeds, complain, say};
use crate::results::Results;
use crate::roster::Roster;

#[derive(Args)]
pub(crate) struct ExportArguments {
    /// Folder with the results
    results: PathBuf,
    /// Where the results go
    #[arg(long, value_enum)]
    to: Target,
    /// File or folder to write; it must not exist yet
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Who is in the class: a CSV file with the columns student, name, id, email and group [default: that of the grading]
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// The table that the course system has exported; all but the points stays as it is
    #[arg(long, value_name = "FILE")]
    gradebook: Option<PathBuf>,
    /// The assignment: its column in the gradebook, or its short name in Classroom 50
    #[arg(long, value_name = "NAME")]
    assignment: Option<String>,
    /// Short name of the classroom in Classroom 50
    #[arg(long, value_name = "NAME")]
    classroom: Option<String>,
    /// Workspace that was handed out, to tell students' own code [default: one without solutions]
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// Tell students the failing seeds, and what the rubric hides until grading is over
    #[arg(long)]
    reveal: bool,
    /// Rubric file [default: that of the grading]
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
    #[command(flatten)]
    adjustments: AdjustmentsOption,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// A file for Canvas' gradebook; --gradebook fills in the one that Canvas has exported
    Canvas,
    /// A file for Moodle's gradebook; --gradebook fills in a grading worksheet
    Moodle,
    /// A folder per student with result.json for Classroom 50
    Classroom50,
    /// A folder per student with the output that Autolab expects of a grader
    Autolab,
    /// Students' own code, and what was handed out, for JPlag
    Jplag,
    /// Students' own code, what was handed out, and info.csv for Dolos
    Dolos,
}

/// Writes the results of a grading in another system's form.
pub(crate) fn export(arguments: ExportArguments) -> Result<Exit, String> {
    arguments.check()?;
    let folder = &arguments.results;
    let kept = Kept::read(folder)?.and_then(|kept| kept.roster);
    let roster = arguments.roster.clone().or(kept);
    let roster = roster.as_deref().map(Roster::load).transpose()?;
    let (rubric, adjustments) = (arguments.rubric.clone(), arguments.adjustments.clone());
    let (entries, scoring) = read_graded(folder, rubric, adjustments)?;
    let class = Class { results: Results::of(&entries, &scoring)?, roster };
    let Exported { lines, left_out } = arguments.write(&class)?;
    say(&lines.join("\n"));
    left_out.iter().for_each(|sentence| complain(sentence));
    Ok(if left_out.is_empty() { Exit::Done } else { Exit::Failed })
}

impl ExportArguments {
    /// Checks that no option is missing, and none is there in vain.
    fn check(&self) -> Result<(), String> {
        self.check_required()?;
        use Target::{Autolab, Canvas, Classroom50, Dolos, Jplag, Moodle};
        let uses: [(bool, &str, &[Target]); 6] = [
            (self.roster.is_some(), "roster", &[Canvas, Moodle, Classroom50, Autolab, Dolos]),
            (self.gradebook.is_some(), "gradebook", &[Canvas, Moodle]),
            (self.assignment.is_some(), "assignment", &[Canvas, Moodle, Classroom50]),
            (self.classroom.is_some(), "classroom", &[Classroom50]),
            (self.base.is_some(), "base", &[Jplag, Dolos]),
            (self.reveal, "reveal", &[Moodle, Classroom50, Autolab]),
        ];
        let unused = uses.iter().find(|(given, _, targets)| *given && !targets.contains(&self.to));
        unused.map_or(Ok(()), |(_, option, _)| {
            let target = self.to.to_possible_value().map(|value| value.get_name().to_owned());
            Err(format!("--{option} has no use with --to {}", target.unwrap_or_default()))
        })
    }

    fn check_required(&self) -> Result<(), String> {
        let needs_assignment = matches!(self.to, Target::Canvas | Target::Classroom50);
        if needs_assignment && self.assignment.is_none() {
            return Err("name the assignment with --assignment".to_owned());
        }
        if self.to == Target::Classroom50 && self.classroom.is_none() {
            return Err("name the classroom with --classroom".to_owned());
        }
        Ok(())
    }

    fn write(&self, class: &Class) -> Result<Exported, String> {
        let out = self.out.as_path();
        let (results, handout) = (self.results.as_path(), self.base.as_deref());
        let (gradebook, assignment) = (self.gradebook.as_deref(), self.assignment.as_deref());
        let seeds = if self.reveal { Seeds::Revealed } else { Seeds::Secret };
        let name = assignment.unwrap_or_default();
        match self.to {
            Target::Canvas => Canvas { assignment: name, gradebook }.export(class, out),
            Target::Moodle => Moodle { column: assignment, gradebook, seeds }.export(class, out),
            Target::Classroom50 => {
                let classroom = self.classroom.as_deref().unwrap_or_default();
                let graded = graded(results)?;
                Classroom50 { classroom, assignment: name, graded, seeds }.export(class, out)
            }
            Target::Autolab => Autolab { seeds }.export(class, out),
            Target::Jplag => Jplag { results, handout }.export(class, out),
            Target::Dolos => Dolos { results, handout }.export(class, out),
        }
    }
}

/// When the last run was made.
fn graded(results: &Path) -> Result<SystemTime, String> {
    let log = results.join("runs.jsonl");
    let time = log.metadata().and_then(|metadata| metadata.modified());
    time.map_err(|error| format!("cannot read {}: {error}", log.display()))
}
