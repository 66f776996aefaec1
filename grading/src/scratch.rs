//! Temporary folders, of which none outlasts the grader for long: those of a grader that was killed are removed by
//! the next one.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use parking_lot::Mutex;
use rustix::process::geteuid;
use tempfile::{Builder, TempDir};

use crate::lock::Lock;

/// What the names of the graders' folders begin with.
const PREFIX: &str = "grading-";

/// The file in such a folder that is locked as long as its grader runs.
const LOCK: &str = "lock";

/// The folder in which this process has all of its others.
static OWN: Mutex<Option<Own>> = Mutex::new(None);

struct Own {
    folder: TempDir,
    _lock: Lock,
}

impl Own {
    fn create(place: &Path) -> Result<Self, String> {
        let folder = Builder::new().prefix(PREFIX).tempdir_in(place).map_err(describe)?;
        // The users that submissions run as pass through it, and see nothing of what is in it.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).map_err(describe)?;
        // A lock file appears only when it is locked: without one, the folder is not taken for a killed grader's.
        let new = folder.path().join("new");
        let lock = Lock::exclusive(&new)?;
        fs::rename(new, folder.path().join(LOCK)).map_err(describe)?;
        Ok(Own { folder, _lock: lock })
    }
}

/// A new temporary folder, which only this user can enter. It is removed when it is dropped.
///
/// # Errors
///
/// If the disk cannot be written to.
pub(crate) fn folder() -> Result<TempDir, String> {
    let mut own = OWN.lock();
    if own.is_none() {
        let place = std::env::temp_dir();
        remove_abandoned(&place);
        *own = Some(Own::create(&place)?);
    }
    let own = own.as_ref().expect("it has just been created");
    tempfile::tempdir_in(own.folder.path()).map_err(describe)
}

/// Removes the folder of this process, with all that is still in it.
pub(crate) fn clear() {
    *OWN.lock() = None;
}

/// Removes the folders of graders of this user that have been killed. What cannot be removed stays for the next one.
fn remove_abandoned(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_named = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // Nobody else can have put anything into a folder of our own, such as a link to lock.
        let is_ours = || {
            fs::symlink_metadata(&path)
                .is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw())
        };
        if !is_named || !is_ours() || !path.join(LOCK).is_file() {
            continue;
        }
        if let Ok(Some(_lock)) = Lock::take_if_free(&path.join(LOCK)) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

fn describe(error: io::Error) -> String {
    format!("cannot create a temporary folder in {}: {error}", std::env::temp_dir().display())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{LOCK, Own, PREFIX, remove_abandoned};

    #[test]
    fn only_folders_of_killed_graders_are_removed() {
        let place = tempfile::tempdir().expect("the disk is writable");
        let killed = place.path().join(format!("{PREFIX}killed"));
        fs::create_dir_all(killed.join("inner")).expect("the disk is writable");
        fs::write(killed.join(LOCK), "").expect("the disk is writable");
        let someone_elses = place.path().join(format!("{PREFIX}notes"));
        fs::create_dir(&someone_elses).expect("the disk is writable");
        let at_work = Own::create(place.path()).expect("the disk is writable");
        remove_abandoned(place.path());
        assert!(!killed.exists());
        assert!(someone_elses.exists());
        assert!(at_work.folder.path().exists());
    }
}
