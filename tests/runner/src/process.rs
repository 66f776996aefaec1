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
    bind(task.processor);
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
            }
        }
    }
}

/// Binds this thread, and the processes that it starts, to a processor. Whoever waits for another process on
/// the same processor is woken much sooner.
fn bind(processor: Option<usize>) {
    #[cfg(target_os = "linux")]
    if let Some(processor) = processor {
        let mut set = rustix::thread::CpuSet::new();
        set.set(processor);
        // If this fails, the test is slower, and that is all.
        let _ = rustix::thread::sched_setaffinity(None, &set);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = processor;
}
