//! Locks between the graders of one workspace.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// A lock on a file, which is let go when this is dropped or the process ends. Each `Lock` counts as another
/// holder, also within one process.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Waits until nobody has the lock exclusively, and shares it.
    ///
    /// # Errors
    ///
    /// If the file cannot be written or locked.
    pub(crate) fn shared(path: &Path) -> Result<Self, String> {
        let lock = Lock::open(path)?;
        lock.apply(FlockOperation::LockShared)?;
        Ok(lock)
    }

    /// Waits until nobody has the lock, and takes it.
    ///
    /// # Errors
    ///
    /// If the file cannot be written or locked.
    pub(crate) fn exclusive(path: &Path) -> Result<Self, String> {
        let lock = Lock::open(path)?;
        lock.apply(FlockOperation::LockExclusive)?;
        Ok(lock)
    }

    /// Takes the lock if nobody has it.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn take_if_free(path: &Path) -> Result<Option<Self>, String> {
        let lock = Lock::open(path)?;
        let is_free = flock(&lock.file, FlockOperation::NonBlockingLockExclusive).is_ok();
        Ok(is_free.then_some(lock))
    }

    /// Waits until nobody else has the lock. Prints the note if somebody has. Another holder may have had it
    /// exclusively in between.
    ///
    /// # Errors
    ///
    /// If the file cannot be locked.
    pub(crate) fn make_exclusive(&self, note: &str) -> Result<(), String> {
        if flock(&self.file, FlockOperation::NonBlockingLockExclusive).is_err() {
            eprintln!("{note}");
            self.apply(FlockOperation::LockExclusive)?;
        }
        Ok(())
    }

    /// Shares the lock again. Another holder may have had it exclusively in between.
    ///
    /// # Errors
    ///
    /// If the file cannot be locked.
    pub(crate) fn make_shared(&self) -> Result<(), String> {
        self.apply(FlockOperation::LockShared)
    }

    fn open(path: &Path) -> Result<Self, String> {
        std::fs::create_dir_all(path.parent().unwrap_or(path))
            .and_then(|()| File::create(path))
            .map(|file| Lock { file, path: path.to_owned() })
            .map_err(|error| format!("cannot write to {}: {error}", path.display()))
    }

    fn apply(&self, operation: FlockOperation) -> Result<(), String> {
        // A signal may interrupt the wait.
        rustix::io::retry_on_intr(|| flock(&self.file, operation))
            .map_err(|error| format!("cannot lock {}: {error}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::Lock;

    #[test]
    fn only_one_holder_has_the_lock_exclusively() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("users/1");
        let first = Lock::take_if_free(&path).expect("the disk is writable");
        assert!(first.is_some());
        assert!(Lock::take_if_free(&path).expect("the disk is writable").is_none());
        drop(first);
        let shared = [Lock::shared(&path), Lock::shared(&path)];
        assert!(Lock::take_if_free(&path).expect("the disk is writable").is_none());
        drop(shared);
        assert!(Lock::take_if_free(&path).expect("the disk is writable").is_some());
    }
}
