//! The options of a grading, kept among its results, so that no later command needs to repeat them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::grading_options::{GradingOptions, absolute};
use crate::files::{read_text, write_private_file};

/// The file's name.
const NAME: &str = "options.toml";

/// The largest such file, in bytes.
const LIMIT: u64 = 1 << 20;

const HEAD: &str =
    "# What this grading was started with. The same command with --out alone goes on with it.\n";

/// What a grading was started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// The folder with the submissions.
    pub(super) submissions: PathBuf,
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
        let text = read_text(&path, LIMIT)?;
        let kept = toml::from_str(&text).map_err(|error| {
            format!(
                "{}: {}: correct it, or delete it and repeat the options",
                path.display(),
                error.message()
            )
        })?;
        Ok(Some(kept))
    }

    /// What was asked for now, and where that says nothing, what was kept.
    ///
    /// # Errors
    ///
    /// If nothing says where the submissions are, or the file cannot be read.
    pub(super) fn with(
        results: &Path,
        submissions: Option<PathBuf>,
        options: GradingOptions,
    ) -> Result<Kept, String> {
        let kept = Kept::read(results)?;
        let asked = submissions.map(absolute).transpose()?;
        let (known, others) = match kept {
            Some(kept) => (Some(kept.submissions), kept.options),
            None => (None, GradingOptions::default()),
        };
        let submissions = asked.or(known).ok_or_else(|| {
            format!(
                "{} does not say where the submissions are: name their folder",
                results.display()
            )
        })?;
        Ok(Kept { submissions, options: options.absolute()?.or(others) })
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
