//! Simulations in processes of their own: a process can run only one.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use libtest_mimic::Failed;
use sim::Switching;

use crate::programs;

/// The first argument of a process that runs a simulation.
const SIMULATE: &str = "__simulate";

/// The exit code of a process whose simulation could not continue.
pub(crate) const STALLED: i32 = 3;

/// What a simulation has left behind.
pub(crate) struct Outcome {
    pub(crate) status: Option<i32>,
    pub(crate) printed: String,
    pub(crate) trace: String,
}

/// Simulates a program in a new process.
pub(crate) fn run(name: &str, seed: u64, switching: Switching) -> Result<Outcome, Failed> {
    let file = format!("trace-{name}-{seed}-{switching:?}");
    let trace = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
    let output = Command::new(std::env::current_exe()?)
        .args([SIMULATE, name, &seed.to_string(), &format!("{switching:?}")])
        .arg(&trace)
        .output()?;
    let mut printed = String::from_utf8_lossy(&output.stdout).into_owned();
    printed.push_str(&String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&trace)?;
    fs::remove_file(&trace)?;
    Ok(Outcome { status: output.status.code(), printed, trace: text })
}

/// Simulates a program if this process was started by [`run`].
pub(crate) fn simulate_if_asked() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().collect();
    match &arguments[..] {
        [_, asked, name, seed, switching, trace] if asked == SIMULATE => {
            Some(simulate(name, seed, switching, trace))
        }
        _ => None,
    }
}

fn simulate(name: &str, seed: &str, switching: &str, trace: &str) -> ExitCode {
    let program = programs::find(name);
    let simulation = sim::Simulation {
        seed: seed.parse().expect("a number"),
        begin: Duration::ZERO,
        limit: Duration::from_secs(100_000),
        trace: Some(File::create(trace).expect("a file that can be written")),
        switching: if switching == "Kernel" { Switching::Kernel } else { Switching::Fastest },
    };
    let error = sim::run(
        simulation,
        move || {
            program();
            println!("{:?}", sim::digest().expect("a simulation is running"));
        },
        |stall| {
            println!("{stall:?}");
            for thread in sim::threads() {
                println!("{:?} {} {:?}", thread.name, thread.waits, thread.frames);
            }
            std::process::exit(STALLED)
        },
    );
    eprintln!("cannot simulate: {error}");
    ExitCode::FAILURE
}
