//! The program that judges, running in the sandbox. It receives orders and answers each one with a record.
//!
//! It is the grader's own. Only the nodes that it starts, the processes of servers and clerks, run the
//! program of a submission. The sandbox around all of them is a second wall: the first is the confinement of
//! each node.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use records::{Greeting, Order, Record};

use crate::processors::Processor;
use crate::sandbox::{Isolation, Limits, Sandbox, Task};
use crate::{interrupt, own_program, usage};

/// The longest record that is accepted, in bytes. It may hold a page.
const RECORD_LIMIT: u64 = 16 << 20;

/// How long to wait for a record while nothing uses the processor. The runner enforces the limits of a run
/// itself, so this is only for one that does not answer at all.
const ASLEEP: Duration = Duration::from_secs(300);

/// How often the processor time is looked at. A run can exceed its budget by what it uses meanwhile.
const POLL: Duration = Duration::from_millis(250);

/// The longest error output that is quoted, in bytes.
const ERROR_OUTPUT_LIMIT: u64 = 2_000;

/// The programs of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Programs<'a> {
    /// The program that judges.
    pub(crate) judge: &'a Path,
    /// The program of the submission, for nodes.
    pub(crate) node: &'a Path,
}

/// A test runner for one submission, running in the sandbox.
pub(crate) struct SandboxedRunner {
    process: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
    /// What isolates the submission, such as `bwrap+landlock+seccomp`.
    pub(crate) isolation: String,
    _processor: Option<Processor>,
}

/// Why there is no record.
#[derive(Debug)]
pub(crate) enum RunnerError {
    /// The user asked to stop.
    Interrupted,
    /// The run was stopped, because it had used up its processor time. The runner is gone.
    UsedUp,
    /// The runner exited, does not answer, or sent an invalid answer.
    Broken(String),
}

impl SandboxedRunner {
    /// Starts a runner for a submission. Inside, it is `user` if the grader is root.
    ///
    /// # Errors
    ///
    /// If it does not start, or does not send its greeting.
    pub(crate) fn start(
        sandbox: &Sandbox,
        programs: Programs<'_>,
        user: u32,
    ) -> Result<Self, RunnerError> {
        Self::start_with(sandbox, task(programs, user).map_err(RunnerError::Broken)?)
    }

    /// Like `start`, and `RUST_LOG` is `filter`: records hold the log of all runs, also of those that pass.
    ///
    /// # Errors
    ///
    /// If it does not start, or does not send its greeting.
    pub(crate) fn start_logging(
        sandbox: &Sandbox,
        programs: Programs<'_>,
        user: u32,
        filter: &str,
    ) -> Result<Self, RunnerError> {
        let mut task = task(programs, user).map_err(RunnerError::Broken)?;
        task.arguments.push("--printed".to_owned());
        task.environment.push(("RUST_LOG".to_owned(), filter.to_owned()));
        Self::start_with(sandbox, task)
    }

    fn start_with(sandbox: &Sandbox, mut task: Task) -> Result<Self, RunnerError> {
        let processor = Processor::take();
        if let Some(processor) = &processor {
            task.arguments.extend(["--processor".to_owned(), processor.number().to_string()]);
        }
        let mut process = spawn(sandbox, &task).map_err(RunnerError::Broken)?;
        let (Some(orders), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(RunnerError::Broken("the runner has no input or output".to_owned()));
        };
        let answers = read_lines(output);
        let mut runner = SandboxedRunner {
            process,
            orders,
            answers,
            isolation: String::new(),
            _processor: processor,
        };
        let greeting = runner.answer(Duration::MAX)?;
        let greeting: Greeting = serde_json::from_str(&greeting)
            .map_err(|error| RunnerError::Broken(format!("its greeting is invalid: {error}")))?;
        runner.isolation = describe_isolation(sandbox.isolation, greeting);
        Ok(runner)
    }

    /// Makes one run, which may use so much processor time.
    ///
    /// # Errors
    ///
    /// If the runner does not answer with a valid record of that run.
    pub(crate) fn run(&mut self, order: &Order, budget: Duration) -> Result<Record, RunnerError> {
        let broken = |problem: String| RunnerError::Broken(problem);
        let line = serde_json::to_string(order)
            .map_err(|error| broken(format!("cannot encode the order: {error}")))?;
        writeln!(self.orders, "{line}")
            .map_err(|error| broken(format!("the runner does not accept orders: {error}")))?;
        let answer = self.answer(budget)?;
        let record: Record = serde_json::from_str(&answer)
            .map_err(|error| broken(format!("its record is invalid: {error}")))?;
        if (&record.test, record.seed, record.clock) != (&order.test, order.seed, order.clock) {
            return Err(broken(format!("its record does not belong to the order {line}")));
        }
        Ok(record)
    }

    /// The next line from the runner. If there is none, the error quotes what the runner printed.
    fn answer(&mut self, budget: Duration) -> Result<String, RunnerError> {
        self.wait_for_answer(budget).map_err(|error| match error {
            RunnerError::Broken(problem) => RunnerError::Broken(self.add_error_output(problem)),
            other => other,
        })
    }

    fn wait_for_answer(&self, budget: Duration) -> Result<String, RunnerError> {
        let broken = |problem: &str| Err(RunnerError::Broken(problem.to_owned()));
        // Looking at it takes as long as a short run, which ends before it is looked at.
        let mut begun = None;
        let (mut used, mut moved) = (Duration::ZERO, Instant::now());
        loop {
            match self.answers.recv_timeout(POLL) {
                Ok(line) => return Ok(line),
                Err(_) if interrupt::requested() => return Err(RunnerError::Interrupted),
                Err(RecvTimeoutError::Disconnected) => return broken("the runner has exited"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = self.processor_time();
            if now != used {
                (used, moved) = (now, Instant::now());
            }
            if used.saturating_sub(*begun.get_or_insert(used)) > budget {
                interrupt::kill_group(self.process.id());
                return Err(RunnerError::UsedUp);
            }
            if moved.elapsed() > ASLEEP {
                return broken("the runner does not answer");
            }
        }
    }

    /// What the runner and all its processes have used.
    fn processor_time(&self) -> Duration {
        usage::of_tree(self.process.id()).processor_time
    }

    /// Ends the runner, and adds its error output to the description of a problem.
    fn add_error_output(&mut self, problem: String) -> String {
        interrupt::kill_group(self.process.id());
        let mut output = String::new();
        if let Some(errors) = self.process.stderr.take() {
            // If the output cannot be read, the problem stands without it.
            let _ = errors.take(ERROR_OUTPUT_LIMIT).read_to_string(&mut output);
        }
        match output.trim() {
            "" => problem,
            output => format!("{problem}: {output}"),
        }
    }
}

impl Drop for SandboxedRunner {
    fn drop(&mut self) {
        interrupt::kill_group(self.process.id());
        // The process was just killed, so this does not block.
        let _ = self.process.wait();
    }
}

fn spawn(sandbox: &Sandbox, task: &Task) -> Result<Child, String> {
    let mut command = sandbox.command(task);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let spawned = command.process_group(0).spawn();
    spawned.map_err(|error| format!("cannot start the runner: {error}"))
}

/// The runner in its sandbox: it can read both programs and their libraries, and nothing else.
fn task(programs: Programs<'_>, user: u32) -> Result<Task, String> {
    let Programs { judge, node } = programs;
    let mut readable = libraries()?;
    readable.push(node.to_owned());
    Ok(Task {
        program: judge.to_owned(),
        arguments: vec!["serve".to_owned(), "--program".to_owned(), node.display().to_string()],
        environment: Vec::new(),
        readable,
        writable: Vec::new(),
        scratch: None,
        // It looks at the memory and the threads of its nodes.
        sees_processes: true,
        limits: Limits::RUN,
        user: Some(user),
    })
}

/// The shared libraries that a program of this workspace loads, including the loader: the same ones that
/// this program loads.
fn libraries() -> Result<Vec<PathBuf>, String> {
    let output = Command::new("ldd").arg(own_program::path()).output();
    let output = output.map_err(|error| format!("cannot start ldd: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let paths = text.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from);
    Ok(paths.chain([PathBuf::from("/etc/ld.so.cache")]).collect())
}

/// Sends on each line of the output, up to the first that is incomplete or too long.
fn read_lines(output: ChildStdout) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = String::new();
        while output.by_ref().take(RECORD_LIMIT).read_line(&mut line).is_ok_and(|n| n > 0)
            && line.ends_with('\n')
            && sender.send(std::mem::take(&mut line)).is_ok()
        {}
    });
    lines
}

/// The names of all layers of isolation, or `none`.
fn describe_isolation(outer: Isolation, greeting: Greeting) -> String {
    let outer = outer.name().map(str::to_owned);
    let layers: BTreeSet<String> = outer.into_iter().chain(greeting.layers).collect();
    let names: Vec<String> = layers.into_iter().collect();
    if names.is_empty() { "none".to_owned() } else { names.join("+") }
}
