//! One test in its own process, seen from outside.

use std::collections::VecDeque;
use std::io::{PipeReader, Read, Write, pipe};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use records::{Class, Clock};
use rustix::process::{Pid, Signal, kill_process_group};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

use crate::channel::{Job, Reception, fresh_key, receive_verdict};
use crate::interrupt;
use crate::plan::Task;
use crate::verdict::{Failure, Verdict};

/// The argument that makes this program the process of a test.
pub(crate) const CHILD_ARGUMENT: &str = "__child";

/// The resident memory that a test may use, in bytes.
const MEMORY_LIMIT: u64 = 1 << 30;

/// The threads that a test may have: one for each call is well below.
const THREAD_LIMIT: usize = 4_000;

/// What a test may print, in bytes.
const OUTPUT_LIMIT: u64 = 64 << 20;

/// How much of its output is kept: the last of it.
const OUTPUT_KEPT: usize = 64 << 10;

/// How long a simulation may take in real time, on however busy a machine; its own limit is in virtual
/// time.
const SIMULATION_LIMIT: Duration = Duration::from_secs(300);

/// How long beyond its limit a child may take to report that itself.
const GRACE: Duration = Duration::from_secs(5);

/// How often a child is looked at.
const POLL: Duration = Duration::from_millis(20);

/// What is known of a run when it is over.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) verdict: Verdict,
    pub(crate) wall: Duration,
    /// The last of what the child has printed.
    pub(crate) output: String,
}

/// Runs a test in a process of its own, to its end.
pub(crate) fn run(task: &Task, show_output: bool) -> Ended {
    let begun = Instant::now();
    let limit = match task.clock {
        Clock::Real => task.case.limit,
        Clock::Sim => SIMULATION_LIMIT,
    };
    match start(task, show_output) {
        Ok(running) => running.watch(limit + GRACE),
        Err(error) => {
            let expected = "the test starts in a process of its own".to_owned();
            let failure = Failure::new(Class::Fault, expected, error.to_string());
            let verdict = Verdict::fail(failure, String::new());
            Ended { verdict, wall: begun.elapsed(), output: String::new() }
        }
    }
}

struct Running {
    child: Child,
    reception: Receiver<Reception>,
    output: Arc<Output>,
    begun: Instant,
}

fn start(task: &Task, show_output: bool) -> std::io::Result<Running> {
    let begun = Instant::now();
    let (mut ours, theirs) = UnixStream::pair()?;
    let (reader, writer) = pipe()?;
    let key = fresh_key();
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(CHILD_ARGUMENT)
        .stdin(OwnedFd::from(theirs))
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0);
    let child = command.spawn()?;
    // The command keeps our copies of the child's ends open as long as it lives.
    drop(command);
    let job = Job {
        test: task.case.id(),
        seed: task.seed,
        clock: task.clock,
        trace: task.trace.clone(),
        folder: if task.confined { None } else { folder() },
        processor: task.processor,
        confined: task.confined,
        key: key.clone(),
    };
    job.send(&mut ours)?;

    let output: Arc<Output> = Arc::default();
    let sink = output.clone();
    thread::spawn(move || sink.drain(reader, show_output));
    let (sender, reception) = channel();
    thread::spawn(move || {
        // Nobody waits any more if the child had to be stopped.
        let _ = sender.send(receive_verdict(ours, &key));
    });
    Ok(Running { child, reception, output, begun })
}

/// Where files about failures go: beside what cargo builds.
fn folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists())?;
    Some(target.join("lab"))
}

impl Running {
    fn watch(mut self, limit: Duration) -> Ended {
        let pid = sysinfo::Pid::from_u32(self.child.id());
        let mut system = System::new();
        let mut stopped = None;
        let reception = loop {
            if let Ok(reception) = self.reception.recv_timeout(POLL) {
                break reception;
            }
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                // Something that the child has left behind keeps the socket open.
                self.kill();
                break self.reception.recv_timeout(GRACE).unwrap_or(Reception::Bad);
            }
            stopped = self.excess(limit, &mut system, pid);
            if stopped.is_some() {
                self.kill();
                break self.reception.recv_timeout(GRACE).unwrap_or(Reception::Nothing);
            }
        };
        let status = self.end();
        let wall = self.begun.elapsed();
        let verdict = decide(reception, stopped, status);
        Ended { verdict, wall, output: self.output.tail() }
    }

    /// What the child has too much of, if anything.
    fn excess(&self, limit: Duration, system: &mut System, pid: sysinfo::Pid) -> Option<Failure> {
        if interrupt::requested() {
            let seen = "the run was stopped from outside".to_owned();
            return Some(Failure::new(
                Class::Interrupted,
                "the test runs to its end".to_owned(),
                seen,
            ));
        }
        if self.begun.elapsed() > limit {
            return Some(Failure::new(
                Class::TimeLimit,
                format!("the test ends within {} s", (limit - GRACE).as_secs_f64()),
                "it is still running, and does not even report that itself".to_owned(),
            ));
        }
        if self.output.total.load(Ordering::Relaxed) > OUTPUT_LIMIT {
            let expected = format!("a test prints at most {} MiB", OUTPUT_LIMIT >> 20);
            return Some(Failure::new(Class::Resource, expected, "it has printed more".to_owned()));
        }
        let threads = count_threads(pid.as_u32());
        if threads > THREAD_LIMIT {
            let expected = format!("a test has at most {THREAD_LIMIT} threads at a time");
            return Some(Failure::new(Class::Resource, expected, format!("it has {threads}")));
        }
        let kind = ProcessRefreshKind::nothing().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
        let memory = system.process(pid).map_or(0, |process| process.memory());
        (memory > MEMORY_LIMIT).then(|| {
            Failure::new(
                Class::Resource,
                format!("a test uses at most {} MiB of memory", MEMORY_LIMIT >> 20),
                format!("it uses {} MiB", memory >> 20),
            )
        })
    }

    /// Kills the child and all that it has started.
    fn kill(&self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // There may be nobody left.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Waits for the child's end, and lets nothing of it live on.
    fn end(&mut self) -> Option<ExitStatus> {
        let begun = Instant::now();
        let mut status = None;
        while status.is_none() && begun.elapsed() < Duration::from_secs(1) {
            status = self.child.try_wait().ok().flatten();
            thread::sleep(Duration::from_micros(500));
        }
        self.kill();
        if status.is_none() {
            status = self.child.wait().ok();
        }
        self.output.await_end();
        status
    }
}

/// How many threads a process has; 0 where that cannot be seen.
fn count_threads(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:"));
    threads.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// Decides by evidence: a good record first, then what the parent had to stop, then how the process
/// ended. What it printed and its exit code prove nothing.
fn decide(reception: Reception, stopped: Option<Failure>, status: Option<ExitStatus>) -> Verdict {
    let failure = match (reception, stopped) {
        (Reception::Verdict(verdict), _) => return verdict,
        (_, Some(failure)) => failure,
        (Reception::Bad, None) => Failure::new(
            Class::Tampered,
            "the harness in the test's process sends one record of its verdict".to_owned(),
            "what was received is not one record with this run's key".to_owned(),
        ),
        (Reception::Nothing, None) if was_forbidden(status) => Failure::new(
            Class::Forbidden,
            "a submission starts threads, and otherwise asks nothing of the system".to_owned(),
            "it asked for a process, the network or the like, and was ended for it".to_owned(),
        ),
        (Reception::Nothing, None) => Failure::new(
            Class::Aborted,
            "the test runs to its end and reports it".to_owned(),
            format!("the process {} before that", describe_status(status)),
        ),
    };
    Verdict::fail(failure, String::new())
}

/// Whether the filter of system calls has ended the process.
fn was_forbidden(status: Option<ExitStatus>) -> bool {
    status.and_then(|status| status.signal()) == Some(Signal::SYS.as_raw())
}

fn describe_status(status: Option<ExitStatus>) -> String {
    match status.map(|status| (status.code(), status.signal())) {
        Some((Some(code), _)) => format!("ended with exit code {code}"),
        Some((None, Some(signal))) => match Signal::from_named_raw(signal) {
            Some(name) => format!("was ended by signal {signal} ({name:?})"),
            None => format!("was ended by signal {signal}"),
        },
        _ => "ended".to_owned(),
    }
}

/// What a child prints.
#[derive(Default)]
struct Output {
    total: AtomicU64,
    last: Mutex<VecDeque<u8>>,
    ended: Mutex<bool>,
}

impl Output {
    fn drain(&self, mut reader: PipeReader, show: bool) {
        let mut chunk = vec![0; 1 << 16];
        while let Ok(count) = reader.read(&mut chunk)
            && count > 0
        {
            self.total.fetch_add(count as u64, Ordering::Relaxed);
            if show {
                let _ = std::io::stdout().write_all(&chunk[..count]);
            }
            let mut last = self.last.lock();
            last.extend(&chunk[..count]);
            let excess = last.len().saturating_sub(OUTPUT_KEPT);
            last.drain(..excess);
        }
        *self.ended.lock() = true;
    }

    /// Waits a little for the last of the output; whoever escaped from the group may hold the pipe.
    fn await_end(&self) {
        for _ in 0..500 {
            if *self.ended.lock() {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn tail(&self) -> String {
        let bytes: Vec<u8> = self.last.lock().iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
