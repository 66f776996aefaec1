//! `cargo grade export`

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueEnum};

use super::adjustments_option::AdjustmentsOption;
use super::exit::Exit;
use super::kept::Kept;
use super::reports::read_graded;
use crate::export::{
    Autolab, Canvas, Class, Classroom50, Dolos, Exported, Jplag, Moodle, check_free,
};
use crate::files::{open_file, reason};
use crate::problems::Problems;
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
    let class = arguments.read_class()?;
    let Exported { lines, left_out } = arguments.write(&class)?;
    say(&lines.join("\n"));
    left_out.iter().for_each(|sentence| complain(sentence));
    Ok(if left_out.is_empty() { Exit::Done } else { Exit::Failed })
}

impl ExportArguments {
    /// Reads the results and the roster.
    ///
    /// # Errors
    ///
    /// All that is wrong with them, with the gradebook and with `--out`: a line for each.
    fn read_class(&self) -> Result<Class, String> {
        let mut problems = Problems::default();
        let folder = &self.results;
        let graded = read_graded(folder, self.rubric.clone(), self.adjustments.clone());
        // What is wrong with what was kept is among the problems of the results.
        let kept = Kept::read(folder).ok().flatten().and_then(|kept| kept.roster);
        let roster = self.roster.clone().or(kept);
        let roster = roster.as_deref().map(Roster::load).transpose();
        let gradebook = self.gradebook.as_deref().map(check_readable).transpose();
        for problem in [
            graded.as_ref().err(),
            roster.as_ref().err(),
            gradebook.as_ref().err(),
            check_free(&self.out).as_ref().err(),
        ] {
            problem.into_iter().for_each(|problem| problems.add(problem.clone()));
        }
        problems.check()?;
        let (entries, scoring) = graded?;
        Ok(Class { results: Results::of(&entries, &scoring)?, roster: roster? })
    }

    /// Checks that no option is missing, and none is there in vain.
    ///
    /// # Errors
    ///
    /// All options of which that is not true: a line for each.
    fn check(&self) -> Result<(), String> {
        let mut problems = Problems::default();
        self.check_required(&mut problems);
        use Target::{Autolab, Canvas, Classroom50, Dolos, Jplag, Moodle};
        let uses: [(bool, &str, &[Target]); 6] = [
            (self.roster.is_some(), "roster", &[Canvas, Moodle, Classroom50, Autolab, Dolos]),
            (self.gradebook.is_some(), "gradebook", &[Canvas, Moodle]),
            (self.assignment.is_some(), "assignment", &[Canvas, Moodle, Classroom50]),
            (self.classroom.is_some(), "classroom", &[Classroom50]),
            (self.base.is_some(), "base", &[Jplag, Dolos]),
            (self.reveal, "reveal", &[Moodle, Classroom50, Autolab]),
        ];
        let target = self.to.to_possible_value().map(|value| value.get_name().to_owned());
        let target = target.unwrap_or_default();
        for (_, option, _) in
            uses.iter().filter(|(given, _, targets)| *given && !targets.contains(&self.to))
        {
            problems.add(format!("--{option} has no use with --to {target}: leave it out"));
        }
        problems.check()
    }

    fn check_required(&self, problems: &mut Problems) {
        let needs_assignment = matches!(self.to, Target::Canvas | Target::Classroom50);
        if needs_assignment && self.assignment.is_none() {
            problems.add("name the assignment with --assignment".to_owned());
        }
        if self.to == Target::Classroom50 && self.classroom.is_none() {
            problems.add("name the classroom with --classroom".to_owned());
        }
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

/// Checks that there is such a file, and that it can be read.
fn check_readable(path: &Path) -> Result<(), String> {
    let fail = |error| format!("cannot read {}: {}", path.display(), reason(&error));
    let real = path.canonicalize().map_err(fail)?;
    open_file(&real, &path.display().to_string()).map(|_| ())
}

/// When the last run was made.
fn graded(results: &Path) -> Result<SystemTime, String> {
    let log = results.join("runs.jsonl");
    let time = log.metadata().and_then(|metadata| metadata.modified());
    time.map_err(|error| format!("cannot read {}: {}", log.display(), reason(&error)))
}
