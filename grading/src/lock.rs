//! Locks between the graders of one workspace.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::interrupt;

/// How long to wait until a lock is tried again.
const PAUSE: Duration = Duration::from_millis(50);

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
    /// If the file cannot be written or locked, or the user asks to stop.
    pub(crate) fn shared(path: &Path) -> Result<Self, String> {
        let lock = Lock::open(path)?;
        lock.apply(FlockOperation::NonBlockingLockShared)?;
        Ok(lock)
    }

    /// Waits until nobody has the lock, and takes it.
    ///
    /// # Errors
    ///
    /// If the file cannot be written or locked, or the user asks to stop.
    pub(crate) fn exclusive(path: &Path) -> Result<Self, String> {
        let lock = Lock::open(path)?;
        lock.apply(FlockOperation::NonBlockingLockExclusive)?;
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
            self.apply(FlockOperation::NonBlockingLockExclusive)?;
        }
        Ok(())
    }

    /// Shares the lock again. Another holder may have had it exclusively in between.
    ///
    /// # Errors
    ///
    /// If the file cannot be locked.
    pub(crate) fn make_shared(&self) -> Result<(), String> {
        self.apply(FlockOperation::NonBlockingLockShared)
    }

    fn open(path: &Path) -> Result<Self, String> {
        std::fs::create_dir_all(path.parent().unwrap_or(path))
            .and_then(|()| File::create(path))
            .map(|file| Lock { file, path: path.to_owned() })
            .map_err(|error| format!("cannot write to {}: {error}", path.display()))
    }

    fn apply(&self, operation: FlockOperation) -> Result<(), String> {
        self.apply_until(operation, interrupt::requested)
    }

    /// Tries until it succeeds, or is to stop. The system would wait as well, but not end on Ctrl-C.
    fn apply_until(
        &self,
        operation: FlockOperation,
        must_stop: impl Fn() -> bool,
    ) -> Result<(), String> {
        loop {
            match flock(&self.file, operation) {
                Ok(()) => return Ok(()),
                Err(Errno::WOULDBLOCK | Errno::INTR) if must_stop() => {
                    return Err(
                        "interrupted while another grader of this workspace was at work".to_owned()
                    );
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => std::thread::sleep(PAUSE),
                Err(error) => return Err(format!("cannot lock {}: {error}", self.path.display())),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would not do: a process that is just being started has a copy of it.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{FlockOperation, Lock};

    #[test]
    fn waiting_ends_when_it_is_to_stop() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("lock");
        let _held = Lock::shared(&path).expect("it is free");
        let waiting = Lock::open(&path).expect("the disk is writable");
        let asked = AtomicU32::new(0);
        let third_time = || asked.fetch_add(1, Ordering::Relaxed) == 2;
        let operation = FlockOperation::NonBlockingLockExclusive;
        let problem = waiting.apply_until(operation, third_time).expect_err("it is not free");
        assert!(problem.starts_with("interrupted"), "{problem}");
    }

    #[test]
    fn only_one_holder_has_the_lock_exclusively() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("users/1");
        let first = Lock::take_if_free(&path).expect("the disk is writable");
        // As of a process that is just being started.
        let _copy = first.as_ref().map(|lock| lock.file.try_clone().expect("it is open"));
        assert!(first.is_some());
        assert!(Lock::take_if_free(&path).expect("the disk is writable").is_none());
        drop(first);
        let shared = [Lock::shared(&path), Lock::shared(&path)];
        assert!(Lock::take_if_free(&path).expect("the disk is writable").is_none());
        drop(shared);
        assert!(Lock::take_if_free(&path).expect("the disk is writable").is_some());
    }
}
