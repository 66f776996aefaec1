//! How processes start and end that are not confined.

#![cfg(target_os = "linux")]

use std::io::{ErrorKind, Read, pipe};
use std::path::Path;
use std::thread;

use isolation::{Group, Process, Program, Start, Variables};

/// Starts a process of this program, whose output is read to the end of all that write to it.
fn start(program: &Program, arguments: &[&str]) -> std::io::Result<(Process, std::io::PipeReader)> {
    let (reader, writer) = pipe()?;
    let stdin = pipe()?.0.into();
    let process = program.start(Start {
        arguments,
        variables: Variables::Only(&[]),
        group: Group::Own,
        stdin,
        stdout: None,
        output: writer.into(),
        inherited: None,
    })?;
    Ok((process, reader))
}

fn intruder() -> Program {
    Program::open(Path::new(env!("CARGO_BIN_EXE_intruder"))).expect("it was built")
}

#[test]
fn a_file_that_is_no_program_does_not_start() {
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let program = Program::open(&text).expect("it can be read");
    let error = start(&program, &[]).map(drop).expect_err("it cannot be executed");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

#[test]
fn an_argument_that_no_process_can_have_is_an_error() {
    let error = start(&intruder(), &["a\0b"]).map(drop).expect_err("C strings end there");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_process_is_killed_when_the_thread_that_started_it_ends() {
    let starter =
        thread::spawn(|| start(&intruder(), &["after", "--free", "sleep"]).expect("it starts"));
    let (mut process, mut output) = starter.join().expect("it does not panic");
    // This waits for its end.
    output.read_to_end(&mut Vec::new()).expect("pipes can be read");
    let (status, _) = process.wait().expect("it is ours");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGKILL));
}

/// The memory of this process is lent out at each start, while other threads use it.
#[test]
fn many_threads_start_processes_at_once() {
    let program = intruder();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let (mut process, _) = start(&program, &["__node"]).expect("it starts");
                    assert!(process.wait().expect("it is ours").0.success());
                }
            });
        }
    });
}
