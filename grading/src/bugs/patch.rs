//! Applying a patch to the solution.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::bug::Bug;
use super::mark;
use crate::files::write_file;
use crate::handout::Handout;
use crate::scratch;
use crate::submission::StudentFiles;
use crate::{stages, tree};

/// What students would submit who make the mistake of a bug. If its stage is one that every course has, optional ones
/// are left out, as most students do.
///
/// # Errors
///
/// If the patch does not apply to the solution, or what it makes is not valid Rust.
pub(super) fn apply(bug: &Bug, solution: &StudentFiles) -> Result<StudentFiles, String> {
    let mut files = patched(bug, solution)?;
    files.retain(|path, _| is_needed(path, &bug.stage));
    if stages::required().contains(&bug.stage) {
        files = Handout::without_optional(&tree::root(), files)
            .map_err(|problem| format!("the bug {}: {problem}", bug.name))?;
    }
    files.values_mut().for_each(|text| *text = mark::print_once(text));
    Ok(StudentFiles::new(files))
}

/// The whole solution with the mistake of a bug.
///
/// # Errors
///
/// If the patch does not apply.
pub(super) fn patched(
    bug: &Bug,
    solution: &StudentFiles,
) -> Result<BTreeMap<PathBuf, String>, String> {
    let copy = scratch::folder()?;
    solution.iter().try_for_each(|(path, text)| write_file(&copy.path().join(path), text))?;
    let patch = tempfile::NamedTempFile::new()
        .and_then(|file| std::fs::write(file.path(), &bug.patch).map(|()| file))
        .map_err(|error| format!("cannot write a temporary file: {error}"))?;
    git_apply(patch.path(), copy.path())
        .map_err(|problem| format!("the bug {} does not apply: {problem}", bug.name))?;
    tree::solution(copy.path())
}

/// Whether the tests of a stage run this file. Labs that they do not run stay unsolved: that compiles faster.
fn is_needed(path: &Path, stage: &str) -> bool {
    let lab = tree::LABS.iter().find(|lab| path.starts_with(lab.package));
    lab.is_none_or(|lab| lab.package == "raft" || lab.has(stage))
}

fn git_apply(patch: &Path, folder: &Path) -> Result<(), String> {
    let mut command = Command::new("git");
    // Outside of any repository, git applies the patch to the files as they are.
    command.arg("apply").arg(patch).current_dir(folder).env("GIT_CEILING_DIRECTORIES", "/");
    command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("git does not start: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Bug, StudentFiles, apply, is_needed};

    fn apply_to(text: &str) -> Result<StudentFiles, String> {
        let patch = "Stage: 2A\nRule: r\nSource: own\n\n--- a/raft/src/raft.rs\n\
                     +++ b/raft/src/raft.rs\n@@ -1,2 +1,2 @@\n-right\n+wrong\n line\n";
        let bug = Bug::parse("mistake", patch).expect("the header is whole");
        let files = [(PathBuf::from("raft/src/raft.rs"), text.to_owned())];
        apply(&bug, &StudentFiles::new(files.into()))
    }

    #[test]
    fn a_patch_changes_the_solution() {
        let files = apply_to("right\nline\n").expect("it applies");
        let expected = vec![(Path::new("raft/src/raft.rs"), "wrong\nline\n")];
        assert_eq!(files.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn only_the_labs_that_run_are_compiled() {
        let needed = |stage| {
            let files = ["raft/src/raft/log.rs", "kvraft/src/server.rs", "shardkv/src/client.rs"];
            files.map(|path| is_needed(Path::new(path), stage))
        };
        assert_eq!(needed("2D"), [true, false, false]);
        assert_eq!(needed("3A"), [true, true, false]);
        assert_eq!(needed("4B"), [true, false, true]);
    }

    #[test]
    fn a_patch_that_does_not_apply_is_named() {
        let problem = apply_to("other\nlines\n").expect_err("it does not apply");
        assert!(problem.starts_with("the bug mistake does not apply: "), "{problem}");
    }
}
