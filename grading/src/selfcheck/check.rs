//! All checks, one after the other.

use super::findings::Findings;
use super::grading::Extent;
use super::{archives, attacks, honest};
use crate::report::say;

/// Checks everything, or only these attacks if some are named. Prints each claim that holds and each that does
/// not. Returns whether all hold.
///
/// # Errors
///
/// If a check cannot be made at all.
pub(crate) fn selfcheck(extent: Extent, attacks: &[String]) -> Result<bool, String> {
    let scratch = tempfile::tempdir()
        .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
    let mut findings = Findings::default();
    if attacks.is_empty() {
        honest::check(extent, &scratch.path().join("honest"), &mut findings)?;
        archives::check(extent, &scratch.path().join("archives"), &mut findings)?;
    }
    attacks::check(extent, &scratch.path().join("attacks"), attacks, &mut findings)?;
    say(&format!("\n{}", findings.summary()));
    Ok(findings.all_hold())
}
