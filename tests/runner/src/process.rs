//! One run of one test.

use std::time::{Duration, Instant};

use records::Class;

use crate::failure::Failure;
use crate::programs::Programs;
use crate::supervisor::Supervisor;
use crate::task::Task;
use crate::verdict::{Ended, Verdict};

/// Runs a test in processes of its own, and waits for their end.
pub(crate) fn run(task: &Task, programs: &Programs, shows_output: bool) -> Ended {
    let begun = Instant::now();
    let _bound = task.processor.map(Bound::to);
    match Supervisor::start(task, programs, shows_output) {
        Ok(supervisor) => supervisor.serve().decide(task.clock),
        Err(error) => {
            let expected = "the test starts in its own process".to_owned();
            let failure = Failure::new(Class::Fault, expected, error.to_string());
            Ended {
                verdict: Verdict::fail(failure),
                wall_time: begun.elapsed(),
                output: String::new(),
                cpu: Duration::ZERO,
                peak_memory: 0,
                is_first_failure: false,
                smaller: None,
                recorded: None,
                page: None,
            }
        }
    }
}

/// A thread that is bound to a processor, with the processes that it starts: in a simulation they take turns.
/// Whoever waits for another process on the same processor is woken much sooner.
struct Bound {
    /// Where the thread may run otherwise.
    #[cfg(target_os = "linux")]
    before: Option<rustix::thread::CpuSet>,
}

impl Bound {
    /// Binds this thread. If that fails, the test is slower, and that is all.
    #[cfg(target_os = "linux")]
    fn to(processor: usize) -> Self {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let mut set = CpuSet::new();
        set.set(processor);
        let before = sched_getaffinity(None).ok();
        let _ = sched_setaffinity(None, &set);
        isolation::run_in_batches(true);
        Bound { before }
    }

    #[cfg(not(target_os = "linux"))]
    fn to(_processor: usize) -> Self {
        Bound {}
    }
}

#[cfg(target_os = "linux")]
impl Drop for Bound {
    fn drop(&mut self) {
        isolation::run_in_batches(false);
        if let Some(before) = &self.before {
            let _ = rustix::thread::sched_setaffinity(None, before);
        }
    }
}
