//! A pool of threads for the handlers of requests, which may block.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use parking_lot::{Condvar, Mutex};

use crate::spin::AdaptiveSpin;

/// A piece of work that may block.
pub(crate) struct Job {
    pub(crate) run: Box<dyn FnOnce() + Send>,
    /// Whether the job was submitted without a delay. Then the next one is likely to come soon, and its
    /// worker spins for it.
    pub(crate) prompt: bool,
}

/// A thread pool that grows whenever a job finds all workers busy. Workers stay until it is dropped.
#[derive(Default)]
pub(crate) struct Pool {
    workers: Arc<Workers>,
}

/// What the workers share.
#[derive(Default)]
struct Workers {
    queue: Mutex<Queue>,
    wake: Condvar,
    /// The number of jobs in the queue, for workers that spin without the lock.
    queued: AtomicUsize,
    spin: AdaptiveSpin,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// The number of blocked workers that nobody has woken yet.
    blocked: usize,
    /// The number of workers that spin for a job before they block.
    spinning: usize,
    closed: bool,
}

impl Pool {
    /// Runs `job` on a worker.
    pub(crate) fn submit(&self, job: Job) {
        let mut queue = self.workers.queue.lock();
        queue.jobs.push_back(job);
        self.workers.queued.store(queue.jobs.len(), Ordering::Release);
        if queue.spinning >= queue.jobs.len() {
            return;
        }
        if queue.blocked > 0 {
            queue.blocked -= 1;
            self.workers.wake.notify_one();
        } else {
            self.workers.add();
        }
    }
}

impl Pool {
    /// How many workers wait for a job.
    pub(crate) fn idle_workers(&self) -> usize {
        let queue = self.workers.queue.lock();
        queue.blocked + queue.spinning
    }
}

impl Drop for Pool {
    /// Drops the queued jobs. Each worker ends after its current job.
    fn drop(&mut self) {
        let mut queue = self.workers.queue.lock();
        queue.closed = true;
        let jobs = std::mem::take(&mut queue.jobs);
        self.workers.wake.notify_all();
        // A job may own the last handle of something that locks: it is dropped without this lock.
        drop(queue);
        drop(jobs);
    }
}

impl Workers {
    fn add(self: &Arc<Self>) {
        let workers = self.clone();
        let builder = thread::Builder::new().name("labrpc-worker".to_owned());
        // If no thread can be started, the job waits for a worker, as a message in a slow network does.
        let _ = builder.spawn(move || workers.run());
    }

    fn run(&self) {
        let mut has_spun = false;
        while let Some(job) = self.next(has_spun) {
            has_spun = job.prompt;
            (job.run)();
            if has_spun {
                self.spin();
            }
        }
    }

    /// Blocks until there is a job. `None` once the pool is dropped.
    fn next(&self, has_spun: bool) -> Option<Job> {
        let mut queue = self.queue.lock();
        queue.spinning -= usize::from(has_spun);
        loop {
            if queue.closed {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                self.queued.store(queue.jobs.len(), Ordering::Release);
                return Some(job);
            }
            queue.blocked += 1;
            self.wake.wait(&mut queue);
        }
    }

    /// Spins for the next job. The worker counts as spinning until [`Workers::next`] has the lock under
    /// which it takes the job.
    fn spin(&self) {
        self.queue.lock().spinning += 1;
        self.spin.spin_until(|| self.queued.load(Ordering::Acquire) > 0);
    }
}
