//! A workspace in which the crate of Lab 2 may contain unsafe code.
//!
//! Code that breaks out of safe Rust can do whatever the machine lets it do. That is tried here without the
//! detour.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::handout::Handout;
use crate::stages::Cut;
use crate::tree;

const MANIFEST: &str = "raft/Cargo.toml";

const LOCK: &str = "Cargo.lock";

/// What the manifest of the crate says of lints, among them the ban of unsafe code.
const LINTS: &str = "[lints]\nworkspace = true\n";

/// What such an attack may use besides: the system's calls, and the harness's own messages.
const DEPENDENCIES: &[&str] = &["libc", "protocol"];

/// The files that replace the workspace's own.
///
/// # Errors
///
/// If the workspace is not as it is expected to be.
pub(super) fn workspace() -> Result<BTreeMap<PathBuf, String>, String> {
    let handout = Handout::cut(&tree::root(), &Cut::all())?;
    let text = |path: &str| {
        let content = handout.files.get(Path::new(path));
        let text = content.and_then(|content| String::from_utf8(content.clone()).ok());
        text.ok_or_else(|| format!("the handout has no {path}"))
    };
    let manifest = with_dependencies(&text(MANIFEST)?)?;
    let lock = locked(&text(LOCK)?)?;
    Ok(BTreeMap::from([(PathBuf::from(MANIFEST), manifest), (PathBuf::from(LOCK), lock)]))
}

fn with_dependencies(manifest: &str) -> Result<String, String> {
    let table = "[dependencies]\n";
    if !manifest.contains(LINTS) || !manifest.contains(table) {
        return Err(format!("{MANIFEST} is not as it is expected to be"));
    }
    let lines: String =
        DEPENDENCIES.iter().map(|name| format!("{name}.workspace = true\n")).collect();
    Ok(manifest.replace(LINTS, "").replace(table, &format!("{table}{lines}")))
}

/// Adds the dependencies where cargo would put them.
fn locked(lock: &str) -> Result<String, String> {
    let unexpected = || format!("{LOCK} is not as it is expected to be");
    let start = lock.find("name = \"raft\"\n").ok_or_else(unexpected)?;
    let list = "dependencies = [\n";
    let first = start + lock[start..].find(list).ok_or_else(unexpected)? + list.len();
    let end = first + lock[first..].find(']').ok_or_else(unexpected)?;
    let mut lines: Vec<String> = lock[first..end].lines().map(str::to_owned).collect();
    lines.extend(DEPENDENCIES.iter().map(|name| format!(" \"{name}\",")));
    lines.sort();
    Ok(format!("{}{}\n{}", &lock[..first], lines.join("\n"), &lock[end..]))
}

#[cfg(test)]
mod tests {
    use super::{locked, with_dependencies};

    #[test]
    fn dependencies_are_added_in_order() {
        let lock =
            "name = \"raft\"\nversion = \"1\"\ndependencies = [\n \"labgob\",\n \"rand\",\n]\nrest";
        let expected = "name = \"raft\"\nversion = \"1\"\ndependencies = [\n \"labgob\",\n \"libc\",\n \
                        \"protocol\",\n \"rand\",\n]\nrest";
        assert_eq!(locked(lock), Ok(expected.to_owned()));
        assert!(locked("name = \"other\"").is_err());
    }

    #[test]
    fn the_ban_of_unsafe_code_goes() {
        let manifest = "[dependencies]\nx.workspace = true\n\n[lints]\nworkspace = true\n";
        let expected = "[dependencies]\nlibc.workspace = true\nprotocol.workspace = true\nx.workspace = true\n\n";
        assert_eq!(with_dependencies(manifest), Ok(expected.to_owned()));
    }
}
