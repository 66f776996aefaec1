//! Every way in which ordinary programs block, tell the time and draw random numbers, on a machine
//! whose processors are all busy. Each program runs several times from one seed, and the whole traces
//! are compared: twice alike, once with threads switched by the kernel, and once at addresses that the
//! system has drawn. A run from another seed must differ.
//!
//! Then programs that cannot go on: each must be found out, and told what it waits for.

mod scenarios;
mod stalls;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use sim::Switching;

use scenarios::SCENARIOS;
use stalls::STALLS;

const CHILD: &str = "__simulate";

/// How a program ends whose simulation could not go on.
const STALLED: i32 = 3;

static DONE: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, child, name, seed, switching, trace] = &arguments[..]
        && child == CHILD
    {
        return simulate(name, seed, switching, trace);
    }
    let arguments = Arguments::from_args();
    let cannot_run = sim::available().is_err();
    let at_drawn_addresses: Vec<_> =
        SCENARIOS.iter().map(|(name, _)| run(name, 1, Switching::Fastest)).collect();
    if let Err(error) = sim::steady_addresses() {
        eprintln!("the kernel refuses fixed addresses for programs: {error}");
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    for _ in 0..cores {
        thread::spawn(|| {
            while !DONE.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
    }
    let replays = SCENARIOS.iter().zip(at_drawn_addresses).map(|((name, _), drawn)| {
        Trial::test(*name, move || replays(name, drawn)).with_ignored_flag(cannot_run)
    });
    let stalls = STALLS.iter().map(|(name, _, signs)| {
        Trial::test(*name, move || is_found_out(name, signs)).with_ignored_flag(cannot_run)
    });
    let conclusion = libtest_mimic::run(&arguments, replays.chain(stalls).collect());
    DONE.store(true, Ordering::Relaxed);
    conclusion.exit_code()
}

/// The process of one simulation.
fn simulate(name: &str, seed: &str, switching: &str, trace: &str) -> ExitCode {
    let program = SCENARIOS.iter().copied().chain(STALLS.iter().map(|stall| (stall.0, stall.1)));
    let (_, program) = program.into_iter().find(|(own, _)| *own == name).expect("a known name");
    let simulation = sim::Simulation {
        seed: seed.parse().expect("a number"),
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

/// What a simulation has left.
struct Outcome {
    status: Option<i32>,
    printed: String,
    trace: String,
}

fn run(name: &str, seed: u64, switching: Switching) -> Result<Outcome, Failed> {
    let file = format!("trace-{name}-{seed}-{switching:?}");
    let trace = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
    let output = Command::new(std::env::current_exe()?)
        .args([CHILD, name, &seed.to_string(), &format!("{switching:?}")])
        .arg(&trace)
        .output()?;
    let mut printed = String::from_utf8_lossy(&output.stdout).into_owned();
    printed.push_str(&String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&trace)?;
    fs::remove_file(&trace)?;
    Ok(Outcome { status: output.status.code(), printed, trace: text })
}

fn replays(name: &str, at_drawn_addresses: Result<Outcome, Failed>) -> Result<(), Failed> {
    let first = run(name, 1, Switching::Fastest)?;
    if first.status != Some(0) {
        return Err(format!("{:?}: {}", first.status, first.printed).into());
    }
    are_equal("run again", &first, &run(name, 1, Switching::Fastest)?)?;
    are_equal("switched by the kernel", &first, &run(name, 1, Switching::Kernel)?)?;
    are_equal("at drawn addresses", &first, &at_drawn_addresses?)?;
    if first.trace == run(name, 2, Switching::Fastest)?.trace {
        return Err("another seed gives the same run".into());
    }
    Ok(())
}

fn are_equal(how: &str, first: &Outcome, other: &Outcome) -> Result<(), Failed> {
    for (number, (one, two)) in first.trace.lines().zip(other.trace.lines()).enumerate() {
        if one != two {
            return Err(format!("{how}, event {number} differs:\n{one}\n{two}").into());
        }
    }
    if (&first.trace, &first.printed) != (&other.trace, &other.printed) {
        return Err(format!("{how}, the end differs:\n{}{}", first.printed, other.printed).into());
    }
    Ok(())
}

/// Every sign must be in what the program says of itself, twice in the same words.
fn is_found_out(name: &str, signs: &[&str]) -> Result<(), Failed> {
    for switching in [Switching::Fastest, Switching::Kernel] {
        let outcome = run(name, 1, switching)?;
        if outcome.status != Some(STALLED) {
            return Err(format!("{:?}: {}", outcome.status, outcome.printed).into());
        }
        for sign in signs {
            if !outcome.printed.contains(sign) {
                return Err(format!("no \"{sign}\" in {}", outcome.printed).into());
            }
        }
    }
    Ok(())
}
