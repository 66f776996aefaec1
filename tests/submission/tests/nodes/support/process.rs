//! One node.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use isolation::{CONFINED_ARGUMENT, Group, Process, Program, Start, Variables};
use protocol::{Frame, FrameError, FrameReader, FromNode, Life, ToNode, Turn, frame};
use rustix::process::{Pid, Signal, kill_process};

/// A node that runs, and the judge's ends of its pipes. It is killed when this is dropped.
pub(crate) struct Node {
    process: Running,
    printed: PipeReader,
    writer: Option<PipeWriter>,
    frames: Option<FrameReader<PipeReader>>,
    /// Dropped with the node, which is killed if that takes too long.
    _alive: Sender<()>,
}

/// How long a test waits for a node.
const LIMIT: Duration = Duration::from_secs(200);

/// Kills a process when the limit is reached, unless the sender is dropped before.
fn kill_in_time(pid: Pid) -> Sender<()> {
    let (alive, ended) = channel();
    thread::spawn(move || {
        if ended.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            // Nobody has waited for its end, so its number is still its own.
            let _ = kill_process(pid, Signal::KILL);
        }
    });
    alive
}

/// A process, however it was started.
enum Running {
    Free(Child),
    Confined(Process),
}

/// The program of nodes.
const PROGRAM: &str = env!("CARGO_BIN_EXE_node_under_test");

impl Node {
    /// Starts a process that can become a node.
    pub(crate) fn spawn() -> Self {
        Node::spawn_with("", "")
    }

    /// The same, with a submission that misbehaves.
    pub(crate) fn misbehaving(deed: &str) -> Self {
        Node::spawn_with("MISBEHAVIOUR", deed)
    }

    /// The same, with a variable in its environment.
    pub(crate) fn spawn_with(variable: &str, value: &str) -> Self {
        Node::start(|stdin, stdout, output| {
            let mut command = Command::new(PROGRAM);
            command.env_clear().stdin(stdin).stdout(stdout).stderr(output);
            if !variable.is_empty() {
                command.env(variable, value);
            }
            Running::Free(command.spawn().unwrap())
        })
    }

    /// The same, confined as when a submission is graded.
    pub(crate) fn spawn_confined() -> Self {
        Node::start(|stdin, stdout, output| {
            let program = Program::open(Path::new(PROGRAM)).unwrap().confine().unwrap();
            let start = Start {
                arguments: &["__node", CONFINED_ARGUMENT],
                variables: Variables::Only(&[]),
                group: Group::Own,
                stdin,
                stdout: Some(stdout),
                output,
                inherited: None,
            };
            Running::Confined(program.start(start).unwrap())
        })
    }

    /// Starts a process with an input, an output and an error output.
    fn start(start: impl FnOnce(OwnedFd, OwnedFd, OwnedFd) -> Running) -> Self {
        let (stdin, writer) = pipe().unwrap();
        let (reader, stdout) = pipe().unwrap();
        let (printed, output) = pipe().unwrap();
        let process = start(stdin.into(), stdout.into(), output.into());
        let frames = Some(FrameReader::new(reader));
        let alive = kill_in_time(process.pid());
        Node { process, printed, writer: Some(writer), frames, _alive: alive }
    }

    /// Sends a frame.
    pub(crate) fn send(&self, now: u64, messages: Vec<ToNode>) {
        let turn = Turn { now, ..Turn::default() };
        self.send_bytes(&frame::encode(&Frame { turn, messages }).unwrap());
    }

    /// Sends any bytes.
    pub(crate) fn send_bytes(&self, bytes: &[u8]) {
        self.writer.as_ref().unwrap().write_all(bytes).unwrap();
    }

    /// Sends a frame, if it still lives.
    pub(crate) fn give_turn(&self, now: u64, messages: Vec<ToNode>) {
        let turn = Turn { now, ..Turn::default() };
        // It may have ended.
        let _ = frame::write(self.writer.as_ref().unwrap(), &Frame { turn, messages });
    }

    /// Lets its life begin.
    pub(crate) fn begin(&self, life: Life) {
        self.send(0, vec![ToNode::Start(Box::new(life))]);
    }

    /// The bytes of its next frame; `None` after its last one.
    pub(crate) fn next_body(&mut self) -> Option<&[u8]> {
        match self.frames.as_mut().unwrap().next_body() {
            Ok(body) => Some(body),
            Err(FrameError::Ended) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Its next frame; `None` after its last one.
    pub(crate) fn next_frame(&mut self) -> Option<Frame<FromNode>> {
        self.next_body().map(|body| frame::decode(body).unwrap())
    }

    /// Everything that it sends from now on, until `is_last` or its end.
    pub(crate) fn read_until(&mut self, is_last: impl Fn(&FromNode) -> bool) -> Vec<FromNode> {
        let mut all = Vec::new();
        while let Some(frame) = self.next_frame() {
            all.extend(frame.messages);
            if all.iter().any(&is_last) {
                break;
            }
        }
        all
    }

    /// The judge's ends of the pipes, for writing and for reading. Nothing else can be done with them then.
    pub(crate) fn take_pipes(&mut self) -> (PipeWriter, FrameReader<PipeReader>) {
        (self.writer.take().unwrap(), self.frames.take().unwrap())
    }

    /// Closes the judge's ends of the pipes.
    pub(crate) fn leave(&mut self) {
        drop(self.take_pipes());
    }

    /// Waits for the end of the process. Returns how it ended, and what it has printed.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let mut printed = String::new();
        self.printed.read_to_string(&mut printed).unwrap();
        (self.process.wait(), printed)
    }
}

impl Running {
    fn pid(&self) -> Pid {
        match self {
            Running::Free(child) => Pid::from_child(child),
            Running::Confined(process) => process.pid(),
        }
    }

    fn kill(&mut self) {
        match self {
            Running::Free(child) => drop(child.kill()),
            Running::Confined(process) => process.kill(),
        }
    }

    fn wait(&mut self) -> ExitStatus {
        match self {
            Running::Free(child) => child.wait().unwrap(),
            Running::Confined(process) => process.wait().unwrap().0,
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.process.kill();
        self.process.wait();
    }
}
