//! All checks, one after the other.

use super::attacks::Chosen;
use super::findings::Findings;
use super::grading::Extent;
use super::{archives, attacks, honest, pictures, resuming};
use crate::report::say;
use crate::scratch;

/// Checks everything, or only these attacks if some are named; of the attacks, only one in `one_in`, and so of the
/// solutions of other styles. Prints each claim that holds and each that does not. Returns whether all hold.
///
/// # Errors
///
/// If a check cannot be made at all.
pub(crate) fn selfcheck(extent: Extent, attacks: &[String], one_in: usize) -> Result<bool, String> {
    let scratch = scratch::folder()?;
    let mut findings = Findings::default();
    if attacks.is_empty() {
        honest::check(extent, one_in, &scratch.path().join("honest"), &mut findings)?;
        resuming::check(extent, &scratch.path().join("resuming"), &mut findings)?;
        archives::check(extent, &scratch.path().join("archives"), &mut findings)?;
        pictures::check(extent, &scratch.path().join("pictures"), &mut findings)?;
    }
    let chosen = Chosen { named: attacks, one_in };
    attacks::check(extent, &scratch.path().join("attacks"), chosen, &mut findings)?;
    say(&format!("\n{}", findings.summary()));
    Ok(findings.all_hold())
}
