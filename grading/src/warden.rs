//! The program of a submission, at work in the sandbox: it gets orders, and answers with records.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use records::{Greeting, Order, Record};

use crate::interrupt;
use crate::sandbox::{Limits, Sandbox, Task};

/// The longest record that is read, in bytes.
const RECORD_LIMIT: u64 = 4 << 20;

/// How long a run may take beyond what its own limits are: the program inside holds those.
const PATIENCE: Duration = Duration::from_secs(600);

/// A runner in the sandbox.
pub(crate) struct Warden {
    child: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
    /// What keeps the submission in, such as `bwrap+landlock+seccomp`.
    pub(crate) isolation: String,
}

/// Why there is no record.
#[derive(Debug)]
pub(crate) enum Lost {
    /// Ctrl-C.
    Interrupted,
    /// The runner has ended, or has said what makes no sense.
    Broken(String),
}

impl Warden {
    /// Starts the program of a submission.
    ///
    /// # Errors
    ///
    /// If it does not start, or does not greet.
    pub(crate) fn start(sandbox: &Sandbox, program: &Path, user: u32) -> Result<Self, Lost> {
        let broken = |problem: String| Lost::Broken(problem);
        let task = task(program, user).map_err(broken)?;
        let mut command = sandbox.command(&task).map_err(broken)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let spawned = command.process_group(0).spawn();
        let mut child = spawned.map_err(|error| broken(format!("it does not start: {error}")))?;
        let (Some(orders), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(broken("its input and output are not there".to_owned()));
        };
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = String::new();
            // An end without a line's end, or one that is too long, is no answer.
            while output.by_ref().take(RECORD_LIMIT).read_line(&mut line).is_ok_and(|n| n > 0)
                && line.ends_with('\n')
                && sender.send(std::mem::take(&mut line)).is_ok()
            {}
        });
        let mut warden = Warden { child, orders, answers, isolation: String::new() };
        let line = warden.answer().map_err(|lost| warden.explain(lost))?;
        let greeting: Greeting = serde_json::from_str(&line)
            .map_err(|error| broken(format!("its greeting makes no sense: {error}")))?;
        let outer = sandbox.wall.name().map(str::to_owned);
        let layers: BTreeSet<String> = outer.into_iter().chain(greeting.layers).collect();
        let names: Vec<String> = layers.into_iter().collect();
        warden.isolation = if names.is_empty() { "none".to_owned() } else { names.join("+") };
        Ok(warden)
    }

    /// Has one run made.
    ///
    /// # Errors
    ///
    /// If no good record of that run comes back.
    pub(crate) fn run(&mut self, order: &Order) -> Result<Record, Lost> {
        let line = serde_json::to_string(order)
            .map_err(|error| Lost::Broken(format!("an order cannot be written: {error}")))?;
        writeln!(self.orders, "{line}")
            .map_err(|error| Lost::Broken(format!("the runner takes no orders: {error}")))?;
        let answer = self.answer().map_err(|lost| self.explain(lost))?;
        let record: Record = serde_json::from_str(&answer)
            .map_err(|error| Lost::Broken(format!("its record makes no sense: {error}")))?;
        if (&record.test, record.seed, record.clock) != (&order.test, order.seed, order.clock) {
            return Err(Lost::Broken(format!("its record is of another run than {line}")));
        }
        Ok(record)
    }

    /// Adds what the runner had to say.
    fn explain(&mut self, lost: Lost) -> Lost {
        let Lost::Broken(mut problem) = lost else {
            return lost;
        };
        interrupt::kill_group(self.child.id());
        let mut words = String::new();
        if let Some(errors) = self.child.stderr.take() {
            // What cannot be read explains nothing.
            let _ = errors.take(2_000).read_to_string(&mut words);
        }
        if !words.trim().is_empty() {
            problem = format!("{problem}: {}", words.trim());
        }
        Lost::Broken(problem)
    }

    fn answer(&self) -> Result<String, Lost> {
        let begun = Instant::now();
        loop {
            match self.answers.recv_timeout(Duration::from_millis(50)) {
                Ok(line) => return Ok(line),
                Err(_) if interrupt::requested() => return Err(Lost::Interrupted),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Lost::Broken("the runner has ended".to_owned()));
                }
                Err(RecvTimeoutError::Timeout) if begun.elapsed() > PATIENCE => {
                    return Err(Lost::Broken("the runner does not answer".to_owned()));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        interrupt::kill_group(self.child.id());
        // It has been killed: this does not wait.
        let _ = self.child.wait();
    }
}

/// The program in its sandbox: it reads itself and its libraries, and nothing else.
pub(crate) fn task(program: &Path, user: u32) -> Result<Task, String> {
    Ok(Task {
        program: program.to_owned(),
        arguments: vec!["serve".to_owned()],
        environment: Vec::new(),
        readable: libraries()?,
        writable: Vec::new(),
        scratch: None,
        limits: Limits::RUN,
        user: Some(user),
    })
}

/// The shared libraries that a program of this workspace loads, its loader included: those of this one.
fn libraries() -> Result<Vec<PathBuf>, String> {
    let own = std::env::current_exe()
        .map_err(|error| format!("this program's own file is unknown: {error}"))?;
    let output = Command::new("ldd").arg(own).output();
    let output = output.map_err(|error| format!("ldd does not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let paths = text.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from);
    Ok(paths.chain([PathBuf::from("/etc/ld.so.cache")]).collect())
}
