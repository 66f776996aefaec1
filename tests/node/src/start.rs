//! The start of the process.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use protocol::{Clock, FrameReader, Life, Role, ToNode};
use sim::{Schedule, Simulation, Switching, TraceFile};

use crate::connection::Connection;
use crate::inbox::Inbox;
use crate::incoming::{self, Incoming};
use crate::recording::Recording;
use crate::submission::Make;
use crate::turns::Turns;
use crate::{end, exit, life, logging};

/// Lives one life of a server, or of a clerk, as the judge at the other ends of the standard input and output
/// says; `make` makes it. Returns only if this process was started by something else than the runner.
pub fn main(make: Make) -> ExitCode {
    let (input, output) = match take_streams() {
        Ok(streams) => streams,
        Err(error) => {
            eprintln!("this process was not started by the test runner: {error}");
            return ExitCode::from(exit::BROKEN_HARNESS);
        }
    };
    match isolation::enter() {
        Ok(_) => run(make, input, output),
        Err(error) => exit::broken(format!("a node cannot be confined: {error}")),
    }
}

/// The streams that are this process's standard input and output. From now on the input is empty, and what is
/// printed goes to the error output.
fn take_streams() -> io::Result<(File, File)> {
    let input = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?);
    let output = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?);
    let is_stream = |file: &File| {
        file.metadata().map(|data| data.file_type()).map(|kind| kind.is_fifo() || kind.is_socket())
    };
    if !is_stream(&input)? || !is_stream(&output)? {
        return Err(io::Error::other("its standard input and output are not pipes"));
    }
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    // A confined process may not open a file: then its standard input is one that cannot be read.
    match File::open("/dev/null") {
        Ok(nothing) => rustix::stdio::dup2_stdin(nothing)?,
        Err(_) => rustix::stdio::dup2_stdin(rustix::stdio::stderr())?,
    }
    Ok((input, output))
}

fn run(make: Make, input: File, output: File) -> ! {
    let mut frames = FrameReader::new(input);
    let (turn, messages) = incoming::read(&mut frames);
    let mut messages = messages.into_iter();
    let Some(ToNode::Start(life)) = messages.next() else {
        exit::broken("the first message is not a start");
    };
    let connection = Arc::new(Connection::new(output, life.clock.clone()));
    end::watch(&connection);
    let recording = Recording::open();
    if let Some(recording) = &recording {
        recording.describe_messages();
        recording.describe_encodings();
        recording.tell_interrupts();
    }
    logging::start(&name(&life), &life.clock, recording);
    let messages = messages.collect();
    match life.clock {
        Clock::Real => life::live(make, *life, &connection, Incoming::Stream(frames), messages),
        Clock::Virtual { ref chance, naps } => {
            let simulation = Simulation {
                chance: chance.clone(),
                schedule: Schedule::Drawn,
                naps,
                clock_rate: life.machine.clock_rate,
                begin: Duration::from_nanos(turn.now),
                limit: Duration::MAX,
                trace: open_trace(&name(&life)),
                switching: Switching::Fastest,
            };
            connection.resume(turn.now);
            simulate(make, *life, simulation, connection, frames, messages)
        }
    }
}

/// Lives in virtual time.
fn simulate(
    make: Make,
    life: Life,
    simulation: Simulation,
    connection: Arc<Connection>,
    frames: FrameReader<File>,
    messages: Vec<ToNode>,
) -> ! {
    let inbox = Arc::new(Inbox::default());
    let turns = Turns { connection: connection.clone(), frames, inbox: inbox.clone() };
    let main = move || life::live(make, life, &connection, Incoming::Turns(inbox), messages);
    exit::broken(sim::run_as_guest(simulation, Box::new(turns), main, end::by_stall))
}

/// The file to which this node is to add its events, if it was started with `--trace FILE`.
fn open_trace(name: &str) -> Option<TraceFile> {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != "--trace");
    let path = arguments.nth(1)?;
    match File::options().append(true).open(&path) {
        Ok(file) => Some(TraceFile { file, name: name.to_owned() }),
        Err(error) => exit::broken(format!("cannot write to {}: {error}", path.display())),
    }
}

/// What the log calls this node; clerks are not told their names.
fn name(life: &Life) -> String {
    let is_server = !matches!(life.role, Role::KvClerk | Role::ControllerClerk | Role::ShardClerk);
    let own = life.ends.get(life.me).filter(|_| is_server);
    own.map_or_else(|| "clerk".to_owned(), |own| own.replace('-', " "))
}
