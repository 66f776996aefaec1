//! The workspace that submissions are compiled in.

use std::path::Path;

use crate::handout::Handout;
use crate::runlog::Harness;
use crate::stages;
use crate::tree::{self, hash_files};

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
        let handout = Handout::cut(&tree::root(), &stages::all())?;
        let harness = identify(&handout);
        Ok(Workspace { handout, harness })
    }

    /// Identifies everything that submissions are compiled with.
    pub(crate) fn harness(&self) -> &Harness {
        &self.harness
    }
}

/// Identifies a workspace. Texts for people do not count: a typo that is corrected changes no result.
fn identify(workspace: &Handout) -> Harness {
    let is_text = |path: &Path| path.extension().is_some_and(|extension| extension == "md");
    let files = || {
        let files = workspace.files.iter().filter(|(path, _)| !is_text(path));
        files.map(|(path, content)| (path.as_path(), content.as_slice()))
    };
    let of_file = |(path, content): (&Path, &[u8])| {
        let hash = hash_files([(path, content)]);
        (path.display().to_string(), hash[..DIGITS].to_owned())
    };
    Harness { hash: hash_files(files()), files: files().map(of_file).collect() }
}
