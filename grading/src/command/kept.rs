//! The options of a grading, kept among its results, so that no later command needs to repeat them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use super::absolute::absolute;
use super::adjustments_option::AdjustmentsOption;
use super::asked::Asked;
use super::grading_options::GradingOptions;
use super::places;
use crate::files::{read_text, write_private_file};
use crate::names::list;
use crate::report::complain;
use crate::roster::Roster;
use crate::runlog::{RunLog, students};
use crate::submission::HandedIn;

/// The file's name.
const NAME: &str = "options.toml";

/// The largest such file, in bytes.
const LIMIT: u64 = 1 << 20;

const HEAD: &str = "# The options of this grading. The commands that go on with it, report or export it read them.\n";

/// What a grading was started with, and since scored with. All paths are valid in every folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// The folders with the submissions. Who is in several counts with what is in the last of these.
    #[serde(deserialize_with = "one_or_more")]
    submissions: Vec<PathBuf>,
    /// The file that says who is in the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) roster: Option<PathBuf>,
    #[serde(default)]
    pub(super) adjustments: AdjustmentsOption,
    #[serde(default)]
    pub(super) options: GradingOptions,
}

impl Kept {
    /// Reads what a grading was started with; `None` if nothing has been kept.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub(super) fn read(results: &Path) -> Result<Option<Kept>, String> {
        let path = results.join(NAME);
        if !path.exists() {
            return Ok(None);
        }
        let fail = |problem: &str| {
            format!(
                "{}: {problem}: correct it, or delete it and repeat the options",
                path.display()
            )
        };
        let kept: Kept = toml::from_str(&read_text(&path, LIMIT)?)
            .map_err(|error| fail(&error.message().replace('\n', "; ")))?;
        kept.options.check().map_err(|problem| fail(&problem))?;
        Ok(Some(kept))
    }

    /// What was asked for now, and where that says nothing, what was kept.
    ///
    /// # Errors
    ///
    /// If nothing says where the submissions are, or the file cannot be read.
    pub(super) fn with(asked: Asked) -> Result<Kept, String> {
        let Asked { submissions, out, roster, adjustments, options } = asked;
        let kept = Kept::read(&out)?;
        let mut folders = kept.as_ref().map_or_else(Vec::new, |kept| kept.submissions.clone());
        if let Some(asked) = submissions.map(absolute).transpose()?
            && !folders.contains(&asked)
        {
            folders.push(asked);
        }
        if folders.is_empty() {
            return Err(format!(
                "{} does not say where the submissions are: name their folder",
                out.display()
            ));
        }
        let roster = roster.map(absolute).transpose()?;
        let (adjustments, options) = (adjustments.absolute()?, options.absolute()?);
        Ok(match kept {
            Some(kept) => Kept {
                submissions: folders,
                roster: roster.or(kept.roster),
                adjustments: adjustments.or(kept.adjustments),
                options: options.or(kept.options),
            },
            None => Kept { submissions: folders, roster, adjustments, options },
        })
    }

    /// What those have handed in whom `choose` leaves of the class. Says what was not taken for a submission, and who of
    /// them was late.
    ///
    /// # Errors
    ///
    /// If results cannot be put into `results`, the roster is wrong, submissions do not match it, or the choice is wrong.
    pub(super) fn handed_in(
        &self,
        results: &Path,
        choose: impl FnOnce(HandedIn) -> Result<HandedIn, String>,
    ) -> Result<HandedIn, String> {
        let places = self.submissions.iter().try_for_each(|one| places::check(one, results));
        match (places, self.find(results).and_then(choose)) {
            (Ok(()), Ok(chosen)) => {
                say_who_is_late(&chosen);
                Ok(chosen)
            }
            (Err(one), Err(other)) => Err(format!("{one}\n{other}")),
            (Err(problem), Ok(_)) | (Ok(()), Err(problem)) => Err(problem),
        }
    }

    /// What was handed in, or what is wrong with it and with the secret.
    ///
    /// # Errors
    ///
    /// If anything is.
    pub(super) fn with_secret_checked(
        &self,
        results: &Path,
        handed_in: Result<HandedIn, String>,
    ) -> Result<HandedIn, String> {
        match (handed_in, self.options.check_secret(results)) {
            (Err(one), Err(other)) => Err(format!("{one}\n{other}")),
            (handed_in, Ok(())) => handed_in,
            (Ok(_), Err(problem)) => Err(problem),
        }
    }

    fn find(&self, results: &Path) -> Result<HandedIn, String> {
        let roster = self.roster.as_deref().map(Roster::load).transpose()?;
        if let Some(roster) = &roster {
            check_roster(roster, results)?;
        }
        let found = self.submissions.iter().map(|one| HandedIn::find(one, roster.as_ref()));
        let found: Result<Vec<_>, String> = found.collect();
        let handed_in = HandedIn::in_order(found?);
        if !handed_in.ignored.is_empty() {
            complain(&format!("note: not taken for submissions: {}", list(&handed_in.ignored)));
        }
        Ok(handed_in)
    }

    /// The same with another rubric and other adjustments, where they are named.
    ///
    /// # Errors
    ///
    /// If the current folder is not known.
    pub(super) fn scored_with(
        self,
        rubric: Option<PathBuf>,
        adjustments: AdjustmentsOption,
    ) -> Result<Kept, String> {
        let rubric = GradingOptions::with_rubric(rubric).absolute()?;
        Ok(Kept {
            adjustments: adjustments.absolute()?.or(self.adjustments),
            options: rubric.or(self.options),
            ..self
        })
    }

    /// Keeps this.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(super) fn write(&self, results: &Path) -> Result<(), String> {
        let text = toml::to_string(self).map_err(|error| error.to_string())?;
        write_private_file(&results.join(NAME), format!("{HEAD}{text}"))
    }
}

/// Checks that a roster is that of the class whose results are in a folder, if there are any. Says who has results and
/// is not in it.
fn check_roster(roster: &Roster, results: &Path) -> Result<(), String> {
    let entries = RunLog::read_if_any(results)?;
    let graded: BTreeSet<&str> = students(&entries).collect();
    let strangers: Vec<&str> =
        graded.iter().copied().filter(|student| roster.get(student).is_none()).collect();
    if !graded.is_empty() && strangers.len() == graded.len() {
        return Err(format!(
            "{} has the results of another class: none of its students is in the roster; choose another --out",
            results.display()
        ));
    }
    if !strangers.is_empty() {
        complain(&format!(
            "note: not in the roster, but in these results, where they stay: {}",
            list(&strangers)
        ));
    }
    Ok(())
}

/// Reads the folders. There was only one, and no list, in results of earlier versions.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "submissions must be a list of folders")]
    enum Folders {
        One(PathBuf),
        More(Vec<PathBuf>),
    }
    Ok(match Folders::deserialize(deserializer)? {
        Folders::One(folder) => vec![folder],
        Folders::More(folders) => folders,
    })
}

fn say_who_is_late(handed_in: &HandedIn) {
    let late = handed_in.submissions.iter().filter(|submission| submission.is_late());
    let late: Vec<&str> = late.map(|submission| submission.student.as_str()).collect();
    if !late.is_empty() {
        complain(&format!(
            "note: late, says Canvas: {}. Late days count if adjustments.toml says how many",
            list(&late)
        ));
    }
}
