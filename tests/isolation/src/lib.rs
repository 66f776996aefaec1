//! Starts the processes of a run, and confines those that hold a submission.
//!
//! A [`Program`] is a file that is held open. Processes of it start by exec, never as copies of a process in
//! which code of a submission has run: such code may run before `main`. A program that [confines](
//! Program::confine) its processes does so in two stages:
//!
//! 1. Between fork and exec: limits, Landlock, and a filter of system calls. From its first instruction on,
//!    the process can start threads but no processes, open no files but its program and its libraries, write
//!    to none, reach no network, name no process but itself, and share no memory.
//! 2. In its `main`, by [`enter`], before the first line of the submission: now it can open no file and execute
//!    nothing, and its memory is hidden from others.
//!
//! What it may not do fails with an error. What no honest submission does, such as starting a process, kills
//! it with SIGSYS.
//!
//! ```no_run
//! use std::io::pipe;
//! use std::os::unix::net::UnixStream;
//! use std::path::Path;
//!
//! use isolation::{Group, Program, Start, Variables};
//!
//! let program = Program::open(Path::new("target/debug/lab"))?.confine().expect("this is Linux");
//! let (ours, theirs) = UnixStream::pair()?;
//! let (output, writer) = pipe()?;
//! let mut process = program.start(Start {
//!     arguments: &["__node", isolation::CONFINED_ARGUMENT],
//!     variables: Variables::Only(&["RUST_LOG"]),
//!     group: Group::Own,
//!     stdin: theirs.into(),
//!     stdout: None,
//!     output: writer.into(),
//!     inherited: None,
//! })?;
//! process.kill();
//! let (status, usage) = process.wait()?;
//! println!("{status}, {usage:?}");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # What it does not do
//!
//! - It watches nothing: whoever starts a process looks at its memory, threads and time, and kills it.
//! - It does not make a process slower or blind. Processes on one machine can still tell each other something
//!   by how long things take.
//! - Code that runs before `main` can ask whether a path exists, because the loader of programs opens files
//!   by their paths. It cannot read what it finds.

mod batch;
mod inherited;
mod limits;
#[cfg(target_os = "linux")]
mod linux;
mod process;
mod program;
mod stage;
#[cfg(not(target_os = "linux"))]
mod unsupported;

pub use batch::run_in_batches;
pub use inherited::inherited;
pub use limits::{CPU_LIMIT, CPU_SIGNAL};
pub use process::{Process, Usage};
pub use program::{Group, Program, Start, Variables};
pub use stage::{CONFINED_ARGUMENT, confine_self, enter};
