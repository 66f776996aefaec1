//! `cargo grade export`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::report::read_graded;
use crate::export::{Canvas, Class, Exported, Moodle};
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
    /// Who is in the class: a CSV file with the columns student, name, id, email and group
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// The table that the course system has exported; all but the points stays as it is
    #[arg(long, value_name = "FILE")]
    gradebook: Option<PathBuf>,
    /// Name of the assignment, or of its column in the gradebook
    #[arg(long, value_name = "NAME")]
    assignment: Option<String>,
    /// Tell students what the rubric hides until grading is over
    #[arg(long)]
    reveal: bool,
    /// Rubric file [default: grading/rubric.toml]
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// The CSV file that Canvas imports; --gradebook fills in the one that it has exported
    Canvas,
    /// The CSV file that Moodle imports; --gradebook fills in a grading worksheet
    Moodle,
}

/// Writes the results of a grading in another system's form.
pub(crate) fn export(arguments: ExportArguments) -> Result<Exit, String> {
    arguments.check()?;
    let roster = arguments.roster.as_deref().map(Roster::load).transpose()?;
    let (entries, items) = read_graded(&arguments.results, arguments.rubric.as_deref())?;
    let class = Class { results: Results::of(&entries, &items)?, roster };
    let Exported { lines, left_out } = arguments.write(&class)?;
    say(&lines.join("\n"));
    left_out.iter().for_each(|sentence| complain(sentence));
    Ok(if left_out.is_empty() { Exit::Done } else { Exit::Failed })
}

impl ExportArguments {
    /// Checks that no option is there in vain.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    fn write(&self, class: &Class) -> Result<Exported, String> {
        let (out, gradebook) = (self.out.as_path(), self.gradebook.as_deref());
        match self.to {
            Target::Canvas => {
                let assignment = self.assignment.as_deref().ok_or(
                    "name the assignment with --assignment, as in --assignment \"Lab 2 (12345)\"",
                )?;
                Canvas { assignment, gradebook }.export(class, out)
            }
            Target::Moodle => {
                let column = self.assignment.as_deref();
                Moodle { column, gradebook, seeds: self.seeds() }.export(class, out)
            }
        }
    }

    fn seeds(&self) -> Seeds {
        if self.reveal { Seeds::Revealed } else { Seeds::Secret }
    }
}
