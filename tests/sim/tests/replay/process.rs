//! Simulations in processes of their own: a process can run only one.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use libtest_mimic::Failed;

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

/// How a simulation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// With the fastest way to switch between threads.
    Plain,
    /// With the way to switch that works everywhere.
    Kernel,
    /// As a guest, whose host follows its deadlines.
    Guest,
    /// As a guest whose host also has news for it, once in each second.
    News,
}

/// Simulates a program in a new process.
pub(crate) fn run(name: &str, seed: u64, mode: Mode) -> Result<Outcome, Failed> {
    let file = format!("trace-{name}-{seed}-{mode:?}");
    let trace = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
    let output = Command::new(std::env::current_exe()?)
        .args([SIMULATE, name, &seed.to_string(), &format!("{mode:?}")])
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
        [_, asked, name, seed, mode, trace] if asked == SIMULATE => {
            Some(simulate(name, seed, mode, trace))
        }
        _ => None,
    }
}

fn simulate(name: &str, seed: &str, mode: &str, trace: &str) -> ExitCode {
    let program = programs::find(name);
    let simulation = sim::Simulation {
        chance: sim::Chance::always(seed.parse().expect("a number")),
        schedule: sim::Schedule::Drawn,
        naps: None,
        clock_rate: sim::ClockRate::EXACT,
        begin: Duration::ZERO,
        limit: Duration::from_secs(100_000),
        trace: Some(sim::TraceFile {
            file: File::create(trace).expect("a file that can be written"),
            name: String::new(),
        }),
        switching: if mode == "Kernel" { sim::Switching::Kernel } else { sim::Switching::Fastest },
    };
    let main = move || {
        program();
        println!("{:?}", sim::digest().expect("a simulation is running"));
    };
    let error = match mode {
        "Guest" | "News" => {
            let host = Box::new(Deadlines { has_news: mode == "News" });
            sim::run_as_guest(simulation, host, main, report)
        }
        _ => sim::run(simulation, main, report),
    };
    eprintln!("cannot simulate: {error}");
    ExitCode::FAILURE
}

fn report(stall: sim::Stall) -> ! {
    println!("{stall:?}");
    for thread in sim::threads() {
        println!("{:?} {} {:?}", thread.name, thread.waits, thread.frames);
    }
    std::process::exit(STALLED)
}

/// Lets a guest go on when it wants to, or in a second if it has news for it.
struct Deadlines {
    has_news: bool,
}

impl sim::Host for Deadlines {
    fn hand_over(&mut self, pause: sim::Pause) -> sim::Resumed {
        const SECOND: u64 = 1_000_000_000;
        match pause.deadline {
            Some(deadline) if deadline <= pause.now + SECOND || !self.has_news => {
                sim::Resumed { now: deadline, has_news: false }
            }
            _ if self.has_news => sim::Resumed { now: pause.now + SECOND, has_news: true },
            _ => {
                println!("nothing can ever happen");
                std::process::exit(STALLED)
            }
        }
    }
}
