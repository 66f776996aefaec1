//! The users that submissions run as when the grader is root.

use std::path::Path;

use crate::lock::Lock;
use crate::tree;

/// The first of these users, and how many there are. They own no files.
const FIRST: u32 = 64_000;
const COUNT: u32 = 1_000;

/// A user for submissions. While this is kept, no other grader of this workspace has the same one.
pub(crate) struct User {
    id: u32,
    _lock: Option<Lock>,
}

impl User {
    /// Takes a user that is free. If the grader is not root, it is the grader's own.
    ///
    /// # Errors
    ///
    /// If there is no free user.
    pub(crate) fn take() -> Result<Self, String> {
        if !is_root() {
            return Ok(User { id: rustix::process::geteuid().as_raw(), _lock: None });
        }
        let folder = tree::root().join("target/grading/users");
        for id in FIRST..FIRST + COUNT {
            if let Some(lock) = Lock::take_if_free(&folder.join(id.to_string()))? {
                return Ok(User { id, _lock: Some(lock) });
            }
        }
        Err(format!("all {COUNT} users for submissions are in use"))
    }

    /// The number that the system knows the user by.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Makes the user the owner of these paths, so that it can read its program.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub(crate) fn give(&self, paths: &[&Path]) -> Result<(), String> {
        let give = |path: &&Path| std::os::unix::fs::chown(path, Some(self.id), Some(self.id));
        if !is_root() {
            return Ok(());
        }
        paths
            .iter()
            .try_for_each(give)
            .map_err(|error| format!("cannot make the program readable for its user: {error}"))
    }
}

/// Whether this process may become any user.
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
