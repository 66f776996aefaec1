//! Each program here uses one way in which ordinary programs block, read the time or draw random numbers.
//! It runs several times from one seed, while all processors are busy, and the whole traces must be equal:
//! of two ordinary runs, of one with threads switched by the kernel, of one as a guest, and of one at random
//! addresses. A run from another seed must differ.
//!
//! Other programs cannot continue. The simulation must notice that, and say what each thread waits for.

mod process;
mod programs;
mod scenarios;
mod stalls;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use libtest_mimic::{Arguments, Failed, Trial};
use process::{Mode, Outcome, STALLED, run};
use stalls::STALLS;

/// Whether all tests have run.
static DONE: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    if let Some(code) = process::simulate_if_asked() {
        return code;
    }
    let arguments = Arguments::from_args();
    let cannot_run = sim::available().is_err();
    let at_random_addresses: Vec<_> =
        programs().map(|(seed, name)| run(name, seed, Mode::Plain)).collect();
    if let Err(error) = sim::steady_addresses() {
        eprintln!("the kernel refuses fixed addresses for programs: {error}");
    }
    keep_processors_busy();
    let replays = programs().zip(at_random_addresses).map(|((seed, name), random)| {
        Trial::test(format!("{name}_replays"), move || replays(name, seed, random))
            .with_ignored_flag(cannot_run)
    });
    let stalls = STALLS.iter().map(|(name, _, signs)| {
        Trial::test(format!("{name}_is_reported"), move || is_reported(name, signs))
            .with_ignored_flag(cannot_run)
    });
    let news = Trial::test("a_guest_gets_news", a_guest_gets_news).with_ignored_flag(cannot_run);
    let conclusion = libtest_mimic::run(&arguments, replays.chain(stalls).chain([news]).collect());
    DONE.store(true, Ordering::Relaxed);
    conclusion.exit_code()
}

/// The programs that must replay, each with a seed of its own: which way of choosing threads is tested depends on
/// the seed.
fn programs() -> impl Iterator<Item = (u64, &'static str)> {
    (1..).zip(programs::scenarios().map(|(name, _)| name))
}

fn keep_processors_busy() {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    for _ in 0..processors {
        thread::spawn(|| {
            while !DONE.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
    }
}

fn replays(
    name: &str,
    seed: u64,
    at_random_addresses: Result<Outcome, Failed>,
) -> Result<(), Failed> {
    let first = run(name, seed, Mode::Plain)?;
    if first.status != Some(0) {
        return Err(format!("{:?}: {}", first.status, first.printed).into());
    }
    are_equal("run again", &first, &run(name, seed, Mode::Plain)?)?;
    are_equal("switched by the kernel", &first, &run(name, seed, Mode::Kernel)?)?;
    are_equal("as a guest", &first, &run(name, seed, Mode::Guest)?)?;
    are_equal("at random addresses", &first, &at_random_addresses?)?;
    if first.trace == run(name, seed + 1, Mode::Plain)?.trace {
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

/// Three news come a second apart, while another thread sleeps longer.
fn a_guest_gets_news() -> Result<(), Failed> {
    let first = run(programs::NEWS, 1, Mode::News)?;
    if first.status != Some(0) {
        return Err(format!("{:?}: {}", first.status, first.printed).into());
    }
    are_equal("run again", &first, &run(programs::NEWS, 1, Mode::News)?)
}

/// Every sign must be in what the program prints, with both ways of switching.
fn is_reported(name: &str, signs: &[&str]) -> Result<(), Failed> {
    for mode in [Mode::Plain, Mode::Kernel] {
        let outcome = run(name, 1, mode)?;
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
