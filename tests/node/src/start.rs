//! The start of the process.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use protocol::{Clock, FrameReader, Life, Role, ToNode, Turn};
use sim::{Simulation, Switching};

use crate::connection::Connection;
use crate::inbox::Inbox;
use crate::incoming::{self, Incoming};
use crate::turns::Turns;
use crate::{end, exit, life, logging};

/// Lives one life of a server, or of a clerk, as the judge at the other end of the standard input says.
/// Returns only if this process was started by something else than the runner.
pub fn main() -> ExitCode {
    let stream = match take_stream() {
        Ok(stream) => stream,
        Err(error) => {
            eprintln!("this process was not started by the test runner: {error}");
            return ExitCode::from(exit::BROKEN_HARNESS);
        }
    };
    match isolation::enter() {
        Ok(_) => run(stream),
        Err(error) => exit::broken(format!("a node cannot be confined: {error}")),
    }
}

/// The stream that is this process's standard input, which is empty from now on.
fn take_stream() -> io::Result<UnixStream> {
    let file = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?);
    if !file.metadata()?.file_type().is_socket() {
        return Err(io::Error::other("its standard input is not a socket"));
    }
    // A confined process may not open a file: then its standard input is one that cannot be read. If it stays
    // what it is, only the submission's own server can be disturbed.
    let _ = match File::open("/dev/null") {
        Ok(nothing) => rustix::stdio::dup2_stdin(nothing),
        Err(_) => rustix::stdio::dup2_stdin(rustix::stdio::stderr()),
    };
    Ok(UnixStream::from(OwnedFd::from(file)))
}

fn run(stream: UnixStream) -> ! {
    let other = match stream.try_clone() {
        Ok(other) => other,
        Err(error) => exit::broken(error),
    };
    let mut frames = FrameReader::new(other);
    let (turn, messages) = incoming::read(&mut frames);
    let mut messages = messages.into_iter();
    let Some(ToNode::Start(life)) = messages.next() else {
        exit::broken("the first message is not a start");
    };
    let connection = Arc::new(Connection::new(stream, life.clock));
    end::watch(&connection);
    logging::start(&name(&life));
    let messages = messages.collect();
    match life.clock {
        Clock::Real => life::live(*life, &connection, Incoming::Stream(frames), messages),
        Clock::Virtual { seed } => simulate(*life, seed, turn, connection, frames, messages),
    }
}

/// Lives in virtual time.
fn simulate(
    life: Life,
    seed: u128,
    turn: Turn,
    connection: Arc<Connection>,
    frames: FrameReader<UnixStream>,
    messages: Vec<ToNode>,
) -> ! {
    connection.resume(turn.now);
    let inbox = Arc::new(Inbox::default());
    let simulation = Simulation {
        seed,
        begin: Duration::from_nanos(turn.now),
        limit: Duration::MAX,
        trace: None,
        switching: Switching::Fastest,
    };
    let turns = Turns { connection: connection.clone(), frames, inbox: inbox.clone() };
    let main = move || life::live(life, &connection, Incoming::Turns(inbox), messages);
    exit::broken(sim::run_as_guest(simulation, Box::new(turns), main, end::by_stall))
}

/// What the log calls this node.
fn name(life: &Life) -> String {
    let is_server = !matches!(life.role, Role::KvClerk | Role::ControllerClerk | Role::ShardClerk);
    match life.ends.get(life.me) {
        Some(name) if is_server => name.replace('-', " "),
        _ => "clerk".to_owned(),
    }
}
