//! The last of our own code before what is to be kept in: this program, started once more, limits itself
//! and becomes the other.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use super::Limits;

/// The argument that makes this program a launcher.
pub(crate) const LAUNCHER: &str = "__launch";

/// How to launch a program.
#[derive(Debug, clap::Parser)]
pub(crate) struct Launch {
    #[arg(long)]
    data: u64,
    #[arg(long)]
    file: u64,
    #[arg(long)]
    cpu: u64,
    /// What Landlock lets the program read and execute; it is not used without any.
    #[arg(long)]
    read: Vec<PathBuf>,
    /// What Landlock lets it change as well.
    #[arg(long)]
    write: Vec<PathBuf>,
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// Becomes the program. Returns only if that fails.
pub(crate) fn launch(launch: Launch) -> ExitCode {
    let problem = attempt(&launch);
    eprintln!("{} cannot be launched: {problem}", launch.command[0]);
    ExitCode::from(126)
}

fn attempt(launch: &Launch) -> String {
    let limits = Limits { data: launch.data, file: launch.file, cpu: launch.cpu };
    if let Err(problem) = close_inherited().and_then(|()| limits.apply()) {
        return problem;
    }
    if !launch.read.is_empty()
        && let Err(problem) = restrict(&launch.read, &launch.write)
    {
        return problem;
    }
    Command::new(&launch.command[0]).args(&launch.command[1..]).exec().to_string()
}

/// Closes all descriptors but the three standard ones: whoever started the grading may have left some.
fn close_inherited() -> Result<(), String> {
    let listed = std::fs::read_dir("/proc/self/fd")
        .or_else(|_| std::fs::read_dir("/dev/fd"))
        .map_err(|error| format!("open descriptors are unknown: {error}"))?;
    let open: Vec<i32> = listed
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    for descriptor in open {
        // The one that the list itself was read from is gone already.
        let _ = nix::unistd::close(descriptor);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
const ABI: landlock::ABI = landlock::ABI::V6;

/// Whether the kernel knows Landlock.
#[cfg(target_os = "linux")]
pub(super) fn has_landlock() -> bool {
    use landlock::{Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};
    // The ruleset of the first version, strictly.
    let all = AccessFs::from_all(landlock::ABI::V1);
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    ruleset.handle_access(all).and_then(landlock::Ruleset::create).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn has_landlock() -> bool {
    false
}

#[cfg(target_os = "linux")]
fn restrict(read: &[PathBuf], write: &[PathBuf]) -> Result<(), String> {
    use landlock::{
        Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope,
        path_beneath_rules,
    };
    let enforce = || -> Result<_, landlock::RulesetError> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI))?
            .handle_access(AccessNet::from_all(ABI))?
            .scope(Scope::from_all(ABI))?
            .create()?
            .add_rules(path_beneath_rules(read, AccessFs::from_read(ABI)))?
            .add_rules(path_beneath_rules(write, AccessFs::from_all(ABI)))?
            .add_rules(path_beneath_rules(["/dev/null"], AccessFs::from_file(ABI)))?
            .restrict_self()
    };
    let status = enforce().map_err(|error| format!("Landlock refuses: {error}"))?;
    if status.ruleset == landlock::RulesetStatus::NotEnforced {
        return Err("this kernel does not enforce Landlock".to_owned());
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn restrict(_read: &[PathBuf], _write: &[PathBuf]) -> Result<(), String> {
    Err("Landlock is there on Linux only".to_owned())
}
