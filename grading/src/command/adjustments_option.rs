//! The option for adjustments, of every command that writes the reports of a class.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::adjustments::Adjustments;
use crate::rubric::Rubric;

/// Which adjustments to apply.
#[derive(Args)]
pub(super) struct AdjustmentsOption {
    /// File with changes of single students' points [default: adjustments.toml in the results, if there is one]
    #[arg(long, value_name = "FILE")]
    adjustments: Option<PathBuf>,
}

impl AdjustmentsOption {
    /// Reads the adjustments of these students, who have results in a folder.
    ///
    /// # Errors
    ///
    /// All that is wrong with them, with file and lines.
    pub(super) fn read(
        &self,
        results: &Path,
        students: &BTreeSet<&str>,
        rubric: &Rubric,
    ) -> Result<Adjustments, String> {
        let default = results.join("adjustments.toml");
        match &self.adjustments {
            Some(path) => Adjustments::read(path, students, rubric.late().is_some()),
            None if default.symlink_metadata().is_ok() => {
                Adjustments::read(&default, students, rubric.late().is_some())
            }
            None => Ok(Adjustments::default()),
        }
    }
}
