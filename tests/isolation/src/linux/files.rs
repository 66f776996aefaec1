//! Which files a confined process can read: its program and what the loader loads with it. Landlock, a part
//! of the kernel, enforces this.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, Scope,
};

/// The newest rules used here; an older kernel enforces those that it knows.
const VERSION: ABI = ABI::V6;

/// What the loader reads besides libraries.
const CACHE: &str = "/etc/ld.so.cache";

/// Libraries that a program of this workspace may load besides those that this process has loaded: a
/// submission that calculates needs libm.
const USUAL: &[&str] =
    &["libc.so.6", "libgcc_s.so.1", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1"];

/// The rules for a process of this program, as a descriptor; `None` if the kernel has no Landlock.
///
/// # Errors
///
/// If the kernel refuses the rules.
pub(crate) fn rules(program: impl AsFd) -> Result<Option<OwnedFd>, String> {
    let describe = |error: RulesetError| format!("Landlock failed: {error}");
    let libraries = libraries().map_err(|error| format!("cannot list libraries: {error}"))?;
    make_rules(program, &libraries).map_err(describe)
}

fn make_rules(
    program: impl AsFd,
    libraries: &BTreeSet<PathBuf>,
) -> Result<Option<OwnedFd>, RulesetError> {
    let execute = AccessFs::ReadFile | AccessFs::Execute;
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(VERSION))?
        .handle_access(AccessNet::from_all(VERSION))?
        .scope(Scope::from_all(VERSION))?
        .create()?
        .add_rule(PathBeneath::new(program, execute))?;
    for path in libraries {
        // The loader itself is executed.
        let is_loader = file_name(path).starts_with("ld-");
        let access = if is_loader { execute } else { AccessFs::ReadFile.into() };
        // Not all of the usual ones are there.
        if let Ok(file) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(file, access))?;
        }
    }
    Ok(rules.into())
}

/// The files that the loader reads for a program of this workspace.
fn libraries() -> std::io::Result<BTreeSet<PathBuf>> {
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let paths =
        maps.lines().filter_map(|line| line.find('/').map(|start| Path::new(&line[start..])));
    let loaded: BTreeSet<&Path> = paths.filter(|path| file_name(path).contains(".so")).collect();
    let folders: BTreeSet<&Path> = loaded.iter().filter_map(|path| path.parent()).collect();
    let usual = folders.iter().flat_map(|folder| USUAL.iter().map(|name| folder.join(name)));
    let loaded = loaded.iter().map(|path| path.to_path_buf());
    Ok(usual.chain(loaded).chain([PathBuf::from(CACHE)]).collect())
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}
