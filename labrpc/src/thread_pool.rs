//! Threads that are used again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// How long an idle thread waits for its next job before it ends.
const IDLE_TIME: Duration = Duration::from_secs(1);

type Job = Box<dyn FnOnce() + Send>;

/// A thread pool without a limit: every job starts at once, on a thread of its own.
///
/// It does what `thread::spawn` does, but uses idle threads again. It suits jobs that wait, such as a
/// call and what is done with its reply.
#[derive(Default)]
pub struct ThreadPool {
    queue: Arc<Queue>,
}

/// What the threads share.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    added: Condvar,
}

#[derive(Default)]
struct State {
    /// Never more than there are idle threads.
    jobs: VecDeque<Job>,
    /// How many threads wait for a job.
    idle: usize,
}

impl ThreadPool {
    /// A pool without threads. They start when there are jobs.
    pub fn new() -> Self {
        ThreadPool::default()
    }

    /// Runs a job on an idle thread, or on a new one if none is idle. Returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.queue.execute(Box::new(job));
    }
}

impl Queue {
    fn execute(self: &Arc<Self>, job: Job) {
        let mut state = self.state.lock();
        if state.jobs.len() < state.idle {
            state.jobs.push_back(job);
            self.added.notify_one();
            return;
        }
        drop(state);
        let queue = self.clone();
        thread::spawn(move || {
            let mut next = Some(job);
            while let Some(job) = next {
                job();
                next = queue.next();
            }
        });
    }

    /// The next job; `None` if there is none for [`IDLE_TIME`].
    fn next(&self) -> Option<Job> {
        let until = Instant::now() + IDLE_TIME;
        let mut state = self.state.lock();
        state.idle += 1;
        while state.jobs.is_empty() && !self.added.wait_until(&mut state, until).timed_out() {}
        state.idle -= 1;
        state.jobs.pop_front()
    }
}
