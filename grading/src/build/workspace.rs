//! The workspace that submissions are compiled in.

use std::path::Path;

use ::tests::runner::processors;

use crate::handout::Handout;
use crate::runlog::Harness;
use crate::stages::Cut;
use crate::tree::{self, hash_files};

/// Files and folders that are for people and their editors alone, besides texts (`*.md`).
const FOR_PEOPLE: &[&str] =
    &[".devcontainer", ".dockerignore", ".gitignore", "LICENSE", "clippy.toml", "rustfmt.toml"];

/// How many digits of a file's hash are kept.
const DIGITS: usize = 16;

/// The workspace that submissions are compiled in, with stubs in place of the students' files.
pub(crate) struct Workspace {
    pub(super) handout: Handout,
    harness: Harness,
}

impl Workspace {
    /// Reads the workspace of this program. Nothing is compiled.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or cut; the message names it.
    pub(crate) fn read() -> Result<Self, String> {
        let handout = Handout::cut(&tree::root(), &Cut::all())?;
        let harness = identify(&handout);
        Ok(Workspace { handout, harness })
    }

    /// Identifies everything that submissions are compiled with.
    pub(crate) fn harness(&self) -> &Harness {
        &self.harness
    }
}

/// Identifies a workspace. What no program reads does not count: a typo that is corrected changes no result.
fn identify(workspace: &Handout) -> Harness {
    let files = || {
        let files = workspace.files.iter().filter(|(path, _)| !is_for_people(path));
        files.map(|(path, content)| (path.as_path(), content.as_slice()))
    };
    let of_file = |(path, content): (&Path, &[u8])| {
        let hash = hash_files([(path, content)]);
        (path.display().to_string(), hash[..DIGITS].to_owned())
    };
    Harness {
        hash: hash_files(files()),
        files: files().map(of_file).collect(),
        processor: processors::KIND.to_owned(),
    }
}

/// Whether a file is for people and their editors alone.
fn is_for_people(path: &Path) -> bool {
    let is_text = path.extension().is_some_and(|extension| extension == "md");
    is_text || FOR_PEOPLE.iter().any(|start| path.starts_with(start))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FOR_PEOPLE, Workspace};
    use crate::tree;

    #[test]
    fn all_that_is_compiled_identifies_the_workspace_and_what_people_read_does_not() {
        let workspace = Workspace::read().expect("this workspace can be handed out");
        let identified = |path: &str| workspace.harness().files.contains_key(path);
        for path in
            ["Cargo.toml", "Cargo.lock", ".cargo/rustc", "tests/src/lib.rs", "raft/src/raft.rs"]
        {
            assert!(identified(path), "{path}");
        }
        let read = ["README.md", "raft/README.md", "LICENSE", ".devcontainer/Dockerfile"];
        assert!(!read.into_iter().any(identified));
        for path in FOR_PEOPLE {
            assert!(tree::root().join(Path::new(path)).exists(), "{path}");
        }
    }
}
