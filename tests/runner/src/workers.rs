//! The threads that make runs, some at once.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::interrupt;
use crate::queue::Queue;
use crate::task::Task;
use crate::verdict::Ended;

/// What the workers share.
pub(crate) struct Workers<'a> {
    queue: Mutex<Queue<'a>>,
    /// The tests that run now, and since when.
    running: Mutex<Vec<(String, Instant)>>,
}

impl<'a> Workers<'a> {
    /// Workers that will make the runs of a queue.
    pub(crate) fn new(queue: Queue<'a>) -> Self {
        Workers { queue: Mutex::new(queue), running: Mutex::default() }
    }

    /// Makes one run after the other until none is left; each worker is a thread that calls this.
    pub(crate) fn work(
        &self,
        processor: Option<usize>,
        run: impl Fn(&Task) -> Ended,
        ends: &Sender<(Task, Ended)>,
    ) {
        while let Some(task) = self.next() {
            let task = Task { processor, ..task };
            let name = task.case.id();
            self.running.lock().push((name.clone(), Instant::now()));
            let ended = run(&task);
            let mut running = self.running.lock();
            if let Some(own) = running.iter().position(|(other, _)| *other == name) {
                running.remove(own);
            }
            drop(running);
            // The receiver outlives the workers.
            let _ = ends.send((task, ended));
        }
    }

    fn next(&self) -> Option<Task> {
        if interrupt::requested() { None } else { self.queue.lock().next() }
    }

    /// Starts no more runs.
    pub(crate) fn stop(&self) {
        self.queue.lock().clear();
    }

    /// The tests that run now, and for how long.
    pub(crate) fn running(&self) -> Vec<(String, Duration)> {
        let running = self.running.lock();
        running.iter().map(|(name, since)| (name.clone(), since.elapsed())).collect()
    }

    /// How many runs have not been started.
    pub(crate) fn left(&self) -> u64 {
        self.queue.lock().len()
    }
}
