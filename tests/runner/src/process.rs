//! Starts one test in its own process.

use std::io::pipe;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use records::{Class, Clock};

use crate::channel::{Job, fresh_key, receive_verdict};
use crate::output::Output;
use crate::running::Running;
use crate::task::Task;
use crate::verdict::{Ended, Failure, Verdict};

/// The argument that makes this program the process of a test.
pub(crate) const CHILD_ARGUMENT: &str = "__child";

/// How long a simulation may take in real time, even on a busy machine; the test's own limit is in
/// virtual time.
const SIMULATION_LIMIT: Duration = Duration::from_secs(300);

/// Runs a test in its own process, and waits for its end.
pub(crate) fn run(task: &Task, show_output: bool) -> Ended {
    let begun = Instant::now();
    let limit = match task.clock {
        Clock::Real => task.case.limit,
        Clock::Sim => SIMULATION_LIMIT,
    };
    match start(task, show_output) {
        Ok(running) => running.watch(limit),
        Err(error) => {
            let expected = "the test starts in its own process".to_owned();
            let failure = Failure::new(Class::Fault, expected, error.to_string());
            let verdict = Verdict::fail(failure);
            Ended { verdict, wall_time: begun.elapsed(), output: String::new() }
        }
    }
}

fn start(task: &Task, show_output: bool) -> std::io::Result<Running> {
    let begun = Instant::now();
    let (mut ours, theirs) = UnixStream::pair()?;
    let (reader, writer) = pipe()?;
    let key = fresh_key();
    let mut command = Command::new(own_program()?);
    command
        .arg(CHILD_ARGUMENT)
        .stdin(OwnedFd::from(theirs))
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0);
    let child = command.spawn()?;
    // The command holds our copies of the child's ends, which must be closed.
    drop(command);
    job(task, &key).send(&mut ours)?;

    let output: Arc<Output> = Arc::default();
    let sink = output.clone();
    thread::spawn(move || sink.drain(reader, show_output));
    let (sender, received) = channel();
    thread::spawn(move || {
        // Nobody waits for it if the child had to be stopped.
        let _ = sender.send(receive_verdict(ours, &key));
    });
    Ok(Running { child, received, output, begun })
}

/// The program that is running, even if it has been built again since it was started. On Linux its name is
/// the same wherever it is: the kernel puts the name on the stack, where its length moves addresses.
fn own_program() -> std::io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        Ok(PathBuf::from("/proc/self/exe"))
    } else {
        std::env::current_exe()
    }
}

fn job(task: &Task, key: &str) -> Job {
    Job {
        test: task.case.id(),
        seed: task.seed,
        clock: task.clock,
        trace: task.trace.clone(),
        keeps_files: !task.confined,
        processor: task.processor,
        confined: task.confined,
        key: key.to_owned(),
    }
}
