//! The processes of a run, as the runner watches them.

use std::collections::BTreeMap;
use std::io::{PipeReader, PipeWriter};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use isolation::{Group, Process, Start, Variables};
use records::{Class, Clock};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::channel::{self, FromJudge, Inbox, ToJudge};
use crate::collector::{Collector, Speaker};
use crate::failure::Failure;
use crate::limits::{self, GRACE, IDLE};
use crate::node::Node;
use crate::node_end::NodeEnd;
use crate::outcome::Outcome;
use crate::output::{Output, new_pipe};
use crate::programs::Programs;
use crate::task::Task;
use crate::usage::Meter;
use crate::verdict::Verdict;
use crate::{interrupt, sleepers};

/// The argument that makes the program a node.
pub(crate) const NODE_ARGUMENT: &str = "__node";

/// The further argument of a node that is confined.
const CONFINED_ARGUMENT: &str = isolation::CONFINED_ARGUMENT;

/// The argument before the path to which a node adds its events.
const TRACE_ARGUMENT: &str = "--trace";

/// How often the limits are checked.
const TICK: Duration = Duration::from_millis(20);

/// How often a node whose end the judge waits for is looked at.
const SHORT_TICK: Duration = Duration::from_millis(1);

/// How long a node may take to end once the judge waits for that.
const END_LIMIT: Duration = Duration::from_secs(10);

/// How long a judge may take to end once it has reported its verdict.
const EXIT_LIMIT: Duration = Duration::from_secs(5);

/// The processes of one run.
pub(crate) struct Supervisor<'a> {
    programs: &'a Programs,
    task: &'a Task,
    begun: Instant,
    judge: Process,
    /// Tells what the judge uses.
    meter: Meter,
    socket: UnixStream,
    inbox: Inbox,
    nodes: BTreeMap<u32, Node>,
    /// The pipe of the judge, and of nodes that are not confined.
    pipe: (PipeReader, PipeWriter),
    output: Output,
    /// What the processes say for the recording, if the run is recorded.
    collector: Option<Collector>,
    /// The node whose end the judge waits for, and until when.
    awaited: Option<(u32, Instant)>,
    /// Until when the judge has time to end, once there is a verdict.
    verdict: Option<(Verdict, Instant)>,
    /// What ended processes have used: the sum of their processor time, and the largest memory.
    used: isolation::Usage,
    /// The processor time of all processes, and since when it is that.
    progress: (Duration, Instant),
    /// The longest time that this thread was kept waiting for a processor, or for a process to start.
    longest_delay: Duration,
}

impl<'a> Supervisor<'a> {
    /// Starts the judge of a run.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub(crate) fn start(
        task: &'a Task,
        programs: &'a Programs,
        shows_output: bool,
    ) -> std::io::Result<Self> {
        let begun = Instant::now();
        let (socket, theirs) = UnixStream::pair()?;
        let pipe = new_pipe()?;
        let mut collector = task.recording.then(Collector::default);
        let recording = collector.as_mut().map(|it| it.add(Speaker::Judge, "judge")).transpose()?;
        let judge = programs.judge.start(Start {
            arguments: &[crate::judge::ARGUMENT],
            variables: Variables::All,
            group: Group::Own,
            stdin: theirs.into(),
            stdout: None,
            output: pipe.1.try_clone()?.into(),
            inherited: recording.map(OwnedFd::from),
        })?;
        let supervisor = Supervisor {
            programs,
            task,
            begun,
            meter: Meter::new(judge.pid()),
            judge,
            socket,
            inbox: Inbox::default(),
            nodes: BTreeMap::new(),
            pipe,
            output: Output::new(shows_output),
            collector,
            awaited: None,
            verdict: None,
            used: isolation::Usage::default(),
            progress: (Duration::ZERO, begun),
            longest_delay: Duration::ZERO,
        };
        // If the judge has ended already, that will be noticed.
        let _ = channel::send(&supervisor.socket, &ToJudge::Job(task.job(programs)), &[]);
        Ok(supervisor)
    }

    /// Serves the judge until the run is over, and ends all its processes.
    pub(crate) fn serve(mut self) -> Outcome {
        let stopped = self.watch().err();
        let status = self.end();
        Outcome {
            verdict: self.verdict.take().map(|(verdict, _)| verdict),
            stopped,
            status,
            longest_delay: self.longest_delay,
            wall_time: self.begun.elapsed(),
            output: self.output.last_part(),
            recorded: self.collector.take().map(Collector::end),
            used: self.used,
        }
    }

    /// Serves the judge until it has ended, or has had the time to end after its verdict.
    ///
    /// # Errors
    ///
    /// If the run must be stopped: why.
    fn watch(&mut self) -> Result<(), Failure> {
        let mut next_check = Instant::now() + TICK;
        loop {
            let now = Instant::now();
            if self.verdict.as_ref().is_some_and(|(_, until)| now >= *until) {
                return Ok(());
            }
            let until = match self.awaited {
                Some(_) => next_check.min(now + SHORT_TICK),
                None => next_check,
            };
            if !self.wait(until.saturating_duration_since(now))? {
                return Ok(());
            }
            self.answer();
            if Instant::now() >= next_check {
                self.check()?;
                next_check = Instant::now() + TICK;
            }
        }
    }

    /// Waits until something comes from the processes, and takes it in. Says whether the judge still runs.
    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        let readable = |descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN);
        let begun = Instant::now();
        let (judge_speaks, printing, speaking) = {
            use std::os::fd::AsFd;
            let own =
                self.nodes.iter().filter_map(|(node, state)| Some((*node, state.output.as_ref()?)));
            let (numbers, pipes): (Vec<u32>, Vec<&PipeReader>) = own.unzip();
            let mut watched = vec![readable(self.socket.as_fd()), readable(self.pipe.0.as_fd())];
            watched.extend(pipes.iter().map(|pipe| readable(pipe.as_fd())));
            let recorded = self.collector.iter().flat_map(Collector::pipes);
            let (speakers, ears): (Vec<Speaker>, Vec<&PipeReader>) = recorded.unzip();
            watched.extend(ears.iter().map(|pipe| readable(pipe.as_fd())));
            let timeout = Timespec::try_from(timeout).unwrap_or_default();
            // After an interrupt nothing is ready.
            let _ = poll(&mut watched, Some(&timeout));
            let is_ready = |watched: &PollFd<'_>| !watched.revents().is_empty();
            if is_ready(&watched[1]) {
                self.output.read(&self.pipe.0);
            }
            let (of_nodes, of_speakers) = watched[2..].split_at(numbers.len());
            let printing = numbers.iter().zip(of_nodes);
            let printing: Vec<u32> =
                printing.filter(|(_, watched)| is_ready(watched)).map(|(node, _)| *node).collect();
            let speaking = speakers.iter().zip(of_speakers);
            let speaking: Vec<Speaker> =
                speaking.filter(|(_, watched)| is_ready(watched)).map(|(who, _)| *who).collect();
            (is_ready(&watched[0]), printing, speaking)
        };
        self.longest_delay = self.longest_delay.max(begun.elapsed().saturating_sub(timeout));
        for node in printing {
            self.read_output(node);
        }
        if let Some(collector) = &mut self.collector {
            speaking.into_iter().for_each(|speaker| collector.read(speaker));
        }
        if judge_speaks { self.listen() } else { Ok(true) }
    }

    /// Takes in what a node has printed to its own pipe.
    fn read_output(&mut self, node: u32) {
        if let Some(node) = self.nodes.get_mut(&node)
            && let Some(pipe) = &node.output
            && !self.output.read(pipe)
        {
            node.output = None;
        }
    }

    /// Does what the judge says. Says whether it still runs.
    fn listen(&mut self) -> Result<bool, Failure> {
        let is_open = self.inbox.fill(&self.socket).map_err(unreadable)?;
        while let Some(message) = self.inbox.next().map_err(unreadable)? {
            match message {
                FromJudge::Start { node, label } => {
                    let ends = self.inbox.descriptor().zip(self.inbox.descriptor());
                    let ends = ends.ok_or_else(|| unreadable("a node without pipes"))?;
                    let begun = Instant::now();
                    let started = self.start_node(node, &label, ends);
                    self.longest_delay = self.longest_delay.max(begun.elapsed());
                    let state = started
                        .unwrap_or_else(|error| Node::not_started(format!("{label}: {error}")));
                    self.nodes.insert(node, state);
                }
                FromJudge::Kill { node } => {
                    if let Some(node) = self.nodes.get_mut(&node) {
                        node.kill(NodeEnd::Killed);
                    }
                }
                FromJudge::EndOf { node } => {
                    self.awaited = Some((node, Instant::now() + END_LIMIT));
                }
                FromJudge::Verdict(verdict) => {
                    self.kill_nodes();
                    self.verdict = Some((*verdict, Instant::now() + EXIT_LIMIT));
                }
            }
        }
        Ok(is_open)
    }

    fn start_node(
        &mut self,
        node: u32,
        label: &str,
        (stdin, stdout): (OwnedFd, OwnedFd),
    ) -> std::io::Result<Node> {
        let confined = self.programs.node.is_confined();
        let mut arguments = vec![NODE_ARGUMENT];
        if confined {
            arguments.push(CONFINED_ARGUMENT);
        }
        let trace = self.task.trace.as_ref().map(|path| path.display().to_string());
        arguments.extend(trace.iter().flat_map(|path| [TRACE_ARGUMENT, path]));
        // What several processes share can carry messages between them: the state of a pipe, too.
        let own = if confined { Some(new_pipe()?) } else { None };
        let (reader, writer) = match own {
            Some((reader, writer)) => (Some(reader), writer),
            None => (None, self.pipe.1.try_clone()?),
        };
        // Labels are names with a blank for each hyphen.
        let name = label.replace(' ', "-");
        let recording = self.collector.as_mut().map(|it| it.add(Speaker::Node(node), &name));
        let process = self.programs.node.start(Start {
            arguments: &arguments,
            variables: Variables::Only(&["RUST_LOG"]),
            group: Group::Of(self.judge.pid()),
            stdin,
            stdout: Some(stdout),
            output: writer.into(),
            inherited: recording.transpose()?.map(OwnedFd::from),
        })?;
        Ok(Node::new(process, reader))
    }

    /// Tells the judge how the node has ended whose end it waits for.
    fn answer(&mut self) {
        let Some((number, until)) = self.awaited else {
            return;
        };
        let end = match self.nodes.get_mut(&number) {
            None => Some(NodeEnd::NotStarted("there is no such node".to_owned())),
            Some(node) => {
                if let Some(usage) = node.look() {
                    add(&mut self.used, usage);
                }
                if Instant::now() >= until {
                    node.kill(NodeEnd::StillRunning);
                }
                node.end().cloned()
            }
        };
        if let Some(end) = end {
            self.awaited = None;
            // If the judge has ended, that will be noticed.
            let _ = channel::send(&self.socket, &ToJudge::Ended(end), &[]);
        }
    }

    /// Enforces the limits.
    ///
    /// # Errors
    ///
    /// If the run must be stopped: why.
    fn check(&mut self) -> Result<(), Failure> {
        if interrupt::requested() {
            let expected = "the test runs to its end".to_owned();
            let seen = "the run was interrupted before that".to_owned();
            return Err(Failure::new(Class::Interrupted, expected, seen));
        }
        let judge = self.meter.read();
        let mut cpu = judge.cpu;
        let mut is_held = judge.is_held;
        for node in self.nodes.values_mut() {
            if let Some(usage) = node.look() {
                add(&mut self.used, usage);
            }
            if let Some(usage) = node.usage() {
                cpu += usage.cpu;
                is_held |= usage.is_held;
                if let Some(reason) = limits::of_node(&usage) {
                    node.kill(reason);
                }
            }
        }
        let cpu = cpu + self.used.cpu;
        if cpu != self.progress.0 {
            self.progress = (cpu, Instant::now());
        }
        let exceeded =
            limits::of_judge(&judge).or_else(|| limits::of_run(cpu, self.output.total()));
        exceeded.or_else(|| self.check_time(is_held)).map_or(Ok(()), Err)
    }

    /// Whether the run takes too long, or sleeps for good.
    fn check_time(&self, is_held: bool) -> Option<Failure> {
        match self.task.clock {
            // The judge ends the test when its time is up.
            Clock::Real if self.begun.elapsed() > self.task.case.limit + GRACE => {
                Some(Failure::new(
                    Class::Fault,
                    format!("the harness reports after {} s", self.task.case.limit.as_secs_f64()),
                    "it has not reported".to_owned(),
                ))
            }
            Clock::Sim if self.progress.1.elapsed() > IDLE => {
                Some(sleepers::failure(self.judge.pid(), is_held))
            }
            _ => None,
        }
    }

    fn kill_nodes(&mut self) {
        for node in self.nodes.values_mut() {
            node.kill(NodeEnd::Killed);
        }
    }

    /// Kills all processes of the run and waits for their ends. Returns how the judge has ended.
    fn end(&mut self) -> Option<std::process::ExitStatus> {
        self.kill_nodes();
        // Processes that a node without confinement has started are in the judge's group, too.
        self.judge.kill_group();
        let ended = self.judge.wait().ok();
        if let Some((_, usage)) = ended {
            add(&mut self.used, usage);
        }
        for node in self.nodes.values_mut() {
            if let Some(usage) = node.await_end() {
                add(&mut self.used, usage);
            }
        }
        // All is in the pipes by now.
        self.output.read(&self.pipe.0);
        let numbers: Vec<u32> = self.nodes.keys().copied().collect();
        for number in numbers {
            self.read_output(number);
        }
        ended.map(|(status, _)| status)
    }
}

/// Adds what a process has used to what others have used before.
fn add(sum: &mut isolation::Usage, usage: isolation::Usage) {
    sum.cpu += usage.cpu;
    sum.peak_memory = sum.peak_memory.max(usage.peak_memory);
}

fn unreadable(problem: impl std::fmt::Display) -> Failure {
    let expected = "the harness can read its own messages".to_owned();
    Failure::new(Class::Fault, expected, problem.to_string())
}
