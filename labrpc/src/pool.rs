//! The threads that run handlers: as many as there are handlers at work at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use parking_lot::{Condvar, Mutex};

use crate::lookout::Lookout;

/// A piece of work that may block.
pub(crate) struct Job {
    pub(crate) run: Box<dyn FnOnce() + Send>,
    /// Whether somebody waits for the job without any delay, so that the next is likely to be close.
    pub(crate) prompt: bool,
}

/// A pool that starts a thread when a job finds all others busy, and keeps it.
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
    /// The number of jobs in the queue, for workers that look without the lock.
    waiting: AtomicUsize,
    lookout: Lookout,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Workers asleep that nobody has woken yet.
    asleep: usize,
    /// Workers that look for a job before they go to sleep.
    looking: usize,
    closed: bool,
}

impl Pool {
    pub(crate) fn new() -> Self {
        let shared = Shared {
            queue: Mutex::default(),
            work: Condvar::new(),
            waiting: AtomicUsize::new(0),
            lookout: Lookout::default(),
        };
        Pool { shared: Arc::new(shared) }
    }

    /// Runs `job` on a worker; a closed pool drops it.
    pub(crate) fn submit(&self, job: Job) {
        let mut queue = self.shared.queue.lock();
        if queue.closed {
            return;
        }
        queue.jobs.push_back(job);
        self.shared.waiting.store(queue.jobs.len(), Ordering::Release);
        if queue.looking >= queue.jobs.len() {
            return;
        }
        if queue.asleep > 0 {
            queue.asleep -= 1;
            self.shared.work.notify_one();
        } else {
            self.shared.grow();
        }
    }

    /// Drops the jobs that wait and ends each worker after the job it is at.
    pub(crate) fn close(&self) {
        let mut queue = self.shared.queue.lock();
        queue.closed = true;
        let jobs = std::mem::take(&mut queue.jobs);
        self.shared.work.notify_all();
        // A job may own the last handle of the network: let it go without the lock.
        drop(queue);
        drop(jobs);
    }
}

impl Shared {
    fn grow(self: &Arc<Self>) {
        let shared = self.clone();
        let worker = thread::Builder::new().name("labrpc-worker".to_owned());
        // Without a thread to spare the job waits for a worker, as a message in a slow network does.
        let _ = worker.spawn(move || shared.work());
    }

    fn work(&self) {
        let mut looked = false;
        while let Some(job) = self.next(looked) {
            looked = job.prompt;
            (job.run)();
            if looked {
                self.look();
            }
        }
    }

    fn next(&self, looked: bool) -> Option<Job> {
        let mut queue = self.queue.lock();
        queue.looking -= usize::from(looked);
        loop {
            if queue.closed {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                self.waiting.store(queue.jobs.len(), Ordering::Release);
                return Some(job);
            }
            queue.asleep += 1;
            self.work.wait(&mut queue);
        }
    }

    /// Watches for the next job; [`Shared::next`] ends the watch under the lock that takes the job.
    fn look(&self) {
        self.queue.lock().looking += 1;
        self.lookout.look_for(|| self.waiting.load(Ordering::Acquire) > 0);
    }
}
