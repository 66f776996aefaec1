//! The option for adjustments, of every command that writes the reports of a class.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::absolute::absolute;
use super::places::real;
use crate::adjustments::Adjustments;
use crate::report::complain;
use crate::rubric::Rubric;

/// Which adjustments to apply.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdjustmentsOption {
    /// File with changes of single students' points [default: adjustments.toml in the results, if there is one]
    #[arg(long, value_name = "FILE")]
    #[serde(rename = "file", skip_serializing_if = "Option::is_none")]
    adjustments: Option<PathBuf>,
}

impl AdjustmentsOption {
    /// This file, or the other one if this names none.
    pub(super) fn or(self, other: AdjustmentsOption) -> AdjustmentsOption {
        AdjustmentsOption { adjustments: self.adjustments.or(other.adjustments) }
    }

    /// The same file, with a path that is valid in every folder.
    ///
    /// # Errors
    ///
    /// If the current folder is not known.
    pub(super) fn absolute(self) -> Result<AdjustmentsOption, String> {
        Ok(AdjustmentsOption { adjustments: self.adjustments.map(absolute).transpose()? })
    }

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
        let is_there = default.symlink_metadata().is_ok();
        let Some(path) = self.adjustments.as_ref().or(is_there.then_some(&default)) else {
            return Ok(Adjustments::default());
        };
        if is_there && real(path) != real(&default) {
            complain(&format!(
                "note: {} is not read, because --adjustments has named {}",
                default.display(),
                path.display()
            ));
        }
        Adjustments::read(path, students, rubric.late().is_some())
    }
}
