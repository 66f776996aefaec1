//! Every way in which ordinary programs block, tell the time and draw random numbers: each is run
//! twice from one seed on a busy machine, and the whole traces are compared; a third run from another
//! seed must differ.

mod scenarios;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use libtest_mimic::{Arguments, Failed, Trial};

use scenarios::SCENARIOS;

const CHILD: &str = "__simulate";

static DONE: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|argument| argument == CHILD) {
        return simulate(&arguments[2], &arguments[3], &arguments[4]);
    }
    let arguments = Arguments::from_args();
    let _ = sim::steady_addresses();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    for _ in 0..cores {
        thread::spawn(|| while !DONE.load(Ordering::Relaxed) {});
    }
    let trial = |scenario: &scenarios::Scenario| {
        let name = scenario.0;
        Trial::test(name, move || replays(name))
    };
    let conclusion = libtest_mimic::run(&arguments, SCENARIOS.iter().map(trial).collect());
    DONE.store(true, Ordering::Relaxed);
    conclusion.exit_code()
}

/// The process of one simulation.
fn simulate(name: &str, seed: &str, trace: &str) -> ExitCode {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.0 == name).expect("a known name");
    let simulation = sim::Simulation {
        seed: seed.parse().expect("a number"),
        trace: Some(File::create(trace).expect("a file that can be written")),
    };
    let run = scenario.1;
    let error = sim::run(
        simulation,
        move || {
            run();
            println!("{:?}", sim::digest().expect("a simulation is running"));
        },
        |stall| {
            println!("{stall:?}\n{:#?}", sim::threads());
            std::process::exit(3)
        },
    );
    eprintln!("cannot simulate: {error}");
    ExitCode::FAILURE
}

fn replays(name: &'static str) -> Result<(), Failed> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let first = run(name, 1, &folder.join(format!("{name}-first")))?;
    let again = run(name, 1, &folder.join(format!("{name}-again")))?;
    let other = run(name, 2, &folder.join(format!("{name}-other")))?;
    for (number, (first, again)) in first.1.lines().zip(again.1.lines()).enumerate() {
        if first != again {
            return Err(format!("event {number} differs:\n{first}\n{again}").into());
        }
    }
    if first != again {
        return Err(format!("the runs differ at the end: {}{}", first.0, again.0).into());
    }
    if first.1 == other.1 {
        return Err("another seed gives the same run".into());
    }
    Ok(())
}

/// What a simulation has printed, and its trace.
fn run(name: &str, seed: u64, trace: &Path) -> Result<(String, String), Failed> {
    let output = Command::new(std::env::current_exe()?)
        .args([CHILD, name, &seed.to_string()])
        .arg(trace)
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {printed}{errors}", output.status).into());
    }
    let text = fs::read_to_string(trace)?;
    fs::remove_file(trace)?;
    Ok((printed, text))
}
