//! The runner as a grader uses it: it reads orders from standard input, and writes a record for each to
//! standard output.
//!
//! The grader starts this program inside a sandbox. The first line of output says how the processes of
//! the tests are confined within that sandbox.

use std::io::{BufRead, Write};
use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;
use records::{Clock, Greeting, Order, Record};

use crate::case::Case;
use crate::exit::Exit;
use crate::task::Task;
use crate::{interrupt, json, lockdown, process, processors, simulation};

/// Carries out orders until there are no more.
///
/// # Errors
///
/// If an order cannot be read or names no test, or if this system cannot run what it asks for.
pub(crate) fn main(cases: &[Case]) -> Result<Exit, String> {
    interrupt::install();
    say(&greeting())?;
    let mut is_prepared = false;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("cannot read the orders: {error}"))?;
        let task = parse(&line, cases)?;
        if task.clock == Clock::Sim && !is_prepared {
            simulation::prepare()?;
            is_prepared = true;
        }
        say(&carry_out(&task)?)?;
        if interrupt::requested() {
            return Ok(Exit::Interrupted);
        }
    }
    Ok(Exit::Passed)
}

fn parse(line: &str, cases: &[Case]) -> Result<Task, String> {
    let order: Order = serde_json::from_str(line)
        .map_err(|error| format!("\"{line}\" is not an order: {error}"))?;
    let case = cases.iter().find(|case| case.id() == order.test);
    Ok(Task {
        case: *case.ok_or_else(|| format!("there is no test {}", order.test))?,
        seed: order.seed,
        clock: order.clock,
        trace: None,
        processor: processors::to_bind(order.clock).first().copied(),
        confined: true,
    })
}

/// Runs the test, and measures what that costs.
fn carry_out(task: &Task) -> Result<Record, String> {
    let before = usage_of_children()?;
    let ended = process::run(task, false);
    let after = usage_of_children()?;
    let mut record = json::record(task, &ended);
    record.cpu_seconds = Some((cpu_time(&after) - cpu_time(&before)).as_secs_f64());
    record.peak_memory = u64::try_from(after.max_rss()).ok().map(|kilobytes| kilobytes << 10);
    Ok(record)
}

fn greeting() -> Greeting {
    // A thread that confines itself does not confine the others.
    let confinement = std::thread::spawn(lockdown::confine).join();
    match confinement.unwrap_or_else(|_| Err("it panicked".to_owned())) {
        Ok(layers) => Greeting { layers, missing: String::new() },
        Err(missing) => Greeting { layers: Vec::new(), missing },
    }
}

fn say(message: &impl serde::Serialize) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    let written = json::line(message).and_then(|line| output.write_all(line.as_bytes()));
    written
        .and_then(|()| output.flush())
        .map_err(|error| format!("cannot write to standard output: {error}"))
}

/// What all processes of tests have used so far.
fn usage_of_children() -> Result<Usage, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN);
    usage.map_err(|error| format!("cannot find out what the tests use: {error}"))
}

fn cpu_time(usage: &Usage) -> Duration {
    let time =
        |value: TimeVal| Duration::new(value.tv_sec() as u64, 1_000 * value.tv_usec() as u32);
    time(usage.user_time()) + time(usage.system_time())
}
