//! Threads that are used again.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

/// How long an idle thread waits for its next job before it ends.
const IDLE_TIME: Duration = Duration::from_secs(1);

type Job = Box<dyn FnOnce() + Send>;

/// A thread pool without a limit: every job starts at once, on a thread of its own.
///
/// It does what `thread::spawn` does, but uses idle threads again. It suits jobs that wait, such as a
/// call and what is done with its reply.
pub struct ThreadPool {
    jobs: Sender<Job>,
    idle: Receiver<Job>,
}

impl ThreadPool {
    /// A pool without threads. They start when there are jobs.
    pub fn new() -> Self {
        let (jobs, idle) = bounded(0);
        ThreadPool { jobs, idle }
    }

    /// Runs a job on an idle thread, or on a new one if none is idle. Returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        // A channel without capacity accepts a job only if an idle thread is waiting for it.
        let Err(refused) = self.jobs.try_send(Box::new(job)) else {
            return;
        };
        let idle = self.idle.clone();
        thread::spawn(move || {
            let mut job = refused.into_inner();
            loop {
                job();
                match idle.recv_timeout(IDLE_TIME) {
                    Ok(next) => job = next,
                    Err(_) => return,
                }
            }
        });
    }
}

impl Default for ThreadPool {
    fn default() -> Self {
        ThreadPool::new()
    }
}
