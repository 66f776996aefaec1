//! Whether nodes can be confined here, tried with a process of this program.

use std::fs::File;
use std::io::{Read, pipe};
use std::process::ExitCode;

use isolation::{Group, Program, Start, Variables};

use crate::programs;

/// The argument that makes this program a process that tries out its confinement.
pub(crate) const ARGUMENT: &str = "__trial";

/// A file that is there on every system, and that a confined process cannot read.
const FORBIDDEN: &str = "/etc/passwd";

/// Confines a program as strictly as this system can.
///
/// # Errors
///
/// If it cannot: why.
pub(crate) fn confine(program: Program) -> Result<Program, String> {
    let own = || programs::own().map_err(|error| error.to_string())?.confine();
    // Root cannot become another user everywhere.
    if try_out(&own()?.give_up_root()).is_ok() {
        return Ok(program.confine()?.give_up_root());
    }
    try_out(&own()?)?;
    program.confine()
}

/// Starts a process that is confined like this program's.
fn try_out(program: &Program) -> Result<(), String> {
    let start = || {
        let (mut reader, writer) = pipe()?;
        let mut process = program.start(Start {
            arguments: &[ARGUMENT, isolation::CONFINED_ARGUMENT],
            variables: Variables::Only(&[]),
            group: Group::Own,
            stdin: File::open("/dev/null")?.into(),
            stdout: None,
            output: writer.into(),
            inherited: None,
        })?;
        let mut text = String::new();
        reader.read_to_string(&mut text)?;
        Ok((process.wait()?.0, text))
    };
    let (status, text) = start()
        .map_err(|error: std::io::Error| format!("a confined process does not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("a confined process does not work ({status}) {}", text.trim()))
    }
}

/// Is the process that tries out its confinement.
pub(crate) fn main() -> ExitCode {
    match isolation::enter() {
        Ok(layers) if layers.is_empty() => eprintln!("it was not asked to confine itself"),
        Ok(_) if File::open(FORBIDDEN).is_ok() => eprintln!("it can read {FORBIDDEN}"),
        Ok(_) => return ExitCode::SUCCESS,
        Err(problem) => eprintln!("{problem}"),
    }
    ExitCode::FAILURE
}
