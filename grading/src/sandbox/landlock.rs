//! Landlock: restrictions that a Linux process places on itself.

use std::path::PathBuf;

#[cfg(target_os = "linux")]
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

#[cfg(target_os = "linux")]
const VERSION: ABI = ABI::V6;

/// Whether the kernel supports Landlock.
#[cfg(target_os = "linux")]
pub(super) fn is_supported() -> bool {
    // The rules of the first version, strictly.
    let all = AccessFs::from_all(ABI::V1);
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    ruleset.handle_access(all).and_then(Ruleset::create).is_ok()
}

/// Lets this process read and write only these paths, and use no network.
///
/// # Errors
///
/// If the kernel does not enforce this.
#[cfg(target_os = "linux")]
pub(super) fn restrict(read: &[PathBuf], write: &[PathBuf]) -> Result<(), String> {
    let enforce = || -> Result<_, RulesetError> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(VERSION))?
            .handle_access(AccessNet::from_all(VERSION))?
            .scope(Scope::from_all(VERSION))?
            .create()?
            .add_rules(path_beneath_rules(read, AccessFs::from_read(VERSION)))?
            .add_rules(path_beneath_rules(write, AccessFs::from_all(VERSION)))?
            .add_rules(path_beneath_rules(["/dev/null"], AccessFs::from_file(VERSION)))?
            .restrict_self()
    };
    let status = enforce().map_err(|error| format!("Landlock failed: {error}"))?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err("this kernel does not enforce Landlock".to_owned());
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_supported() -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(super) fn restrict(_read: &[PathBuf], _write: &[PathBuf]) -> Result<(), String> {
    Err("Landlock exists only on Linux".to_owned())
}
