//! The order in which bugs are compiled and run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tempfile::TempDir;

/// The program of a bug. Its file is removed with the last use of it.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    _folder: TempDir,
}

impl Program {
    /// A program in a folder of its own.
    pub(super) fn new(path: PathBuf, folder: TempDir) -> Self {
        Program { path, _folder: folder }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What a worker does next. Bugs are known by their position.
#[derive(Debug)]
pub(super) enum Task {
    Build {
        bug: usize,
    },
    /// All tests of the bug's stage, with one seed.
    Run {
        bug: usize,
        program: Arc<Program>,
        seed: u64,
    },
}

/// How far a bug has got.
enum Progress {
    Waiting,
    Building,
    Ready { program: Arc<Program>, next: u64 },
    Done,
}

/// Hands out tasks: seeds of what is compiled first, so that few programs are kept at a time.
pub(super) struct Queue {
    bugs: Mutex<Vec<Progress>>,
    changed: Condvar,
    seeds: u64,
}

impl Queue {
    /// So many bugs, each to run with so many seeds.
    pub(super) fn new(bugs: usize, seeds: u64) -> Self {
        let bugs = (0..bugs).map(|_| Progress::Waiting).collect();
        Queue { bugs: Mutex::new(bugs), changed: Condvar::new(), seeds }
    }

    /// The next task, preferably of the bug that the worker has run last. `None` if there are no more.
    pub(super) fn next(&self, last: Option<usize>) -> Option<Task> {
        let mut bugs = self.bugs.lock();
        loop {
            let first = last.into_iter().chain(0..bugs.len());
            for bug in first {
                if let Some(task) = take_seed(&mut bugs[bug], bug, self.seeds) {
                    return Some(task);
                }
            }
            if let Some(bug) = bugs.iter().position(|bug| matches!(bug, Progress::Waiting)) {
                bugs[bug] = Progress::Building;
                return Some(Task::Build { bug });
            }
            if !bugs.iter().any(|bug| matches!(bug, Progress::Building)) {
                return None;
            }
            self.changed.wait(&mut bugs);
        }
    }

    /// A bug is compiled, and can run.
    pub(super) fn built(&self, bug: usize, program: Program) {
        self.set(bug, Progress::Ready { program: Arc::new(program), next: 0 });
    }

    /// Nothing more is to be done for a bug.
    pub(super) fn done(&self, bug: usize) {
        self.set(bug, Progress::Done);
    }

    /// Nothing more is to be done at all.
    pub(super) fn stop(&self) {
        self.bugs.lock().iter_mut().for_each(|bug| *bug = Progress::Done);
        self.changed.notify_all();
    }

    fn set(&self, bug: usize, progress: Progress) {
        let mut bugs = self.bugs.lock();
        if !matches!(bugs[bug], Progress::Done) {
            bugs[bug] = progress;
        }
        self.changed.notify_all();
    }
}

fn take_seed(progress: &mut Progress, bug: usize, seeds: u64) -> Option<Task> {
    let Progress::Ready { program, next } = progress else {
        return None;
    };
    let task = Task::Run { bug, program: program.clone(), seed: *next };
    *next += 1;
    if *next == seeds {
        *progress = Progress::Done;
    }
    Some(task)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Program, Queue, Task};

    fn program() -> Program {
        Program::new(PathBuf::from("lab"), tempfile::tempdir().expect("the disk is writable"))
    }

    fn show(task: Option<Task>) -> String {
        match task {
            Some(Task::Build { bug }) => format!("build {bug}"),
            Some(Task::Run { bug, seed, .. }) => format!("run {bug} seed {seed}"),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn seeds_of_a_compiled_bug_come_before_other_bugs() {
        let queue = Queue::new(2, 2);
        assert_eq!(show(queue.next(None)), "build 0");
        queue.built(0, program());
        assert_eq!(show(queue.next(None)), "run 0 seed 0");
        assert_eq!(show(queue.next(Some(0))), "run 0 seed 1");
        assert_eq!(show(queue.next(Some(0))), "build 1");
        queue.built(1, program());
        assert_eq!(show(queue.next(Some(0))), "run 1 seed 0");
        queue.done(1);
        assert_eq!(show(queue.next(Some(1))), "nothing");
    }

    #[test]
    fn a_worker_stays_with_its_bug() {
        let queue = Queue::new(2, 3);
        for bug in 0..2 {
            assert_eq!(show(queue.next(None)), format!("build {bug}"));
            // The other one is compiled meanwhile.
        }
        queue.built(0, program());
        queue.built(1, program());
        assert_eq!(show(queue.next(Some(1))), "run 1 seed 0");
        queue.stop();
        queue.built(0, program());
        assert_eq!(show(queue.next(Some(1))), "nothing");
    }
}
