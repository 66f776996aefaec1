//! The runner as a grader uses it: order after order on standard input, a record each on standard
//! output.
//!
//! The grader starts this program inside of a sandbox. It begins with a line that says how the processes
//! of the tests will be confined, beyond that sandbox.

use std::io::{BufRead, Write};
use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;
use records::{Clock, Greeting, Order};

use crate::case::Case;
use crate::plan::Task;
use crate::session::{prepare_simulations, processors};
use crate::{Exit, interrupt, json, lockdown, process};

/// Carries out orders until there are no more.
pub(crate) fn main(cases: &[Case]) -> Result<Exit, String> {
    interrupt::install();
    say(&greeting())?;
    let mut is_prepared = false;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("the orders cannot be read: {error}"))?;
        let order: Order = serde_json::from_str(&line)
            .map_err(|error| format!("\"{line}\" is no order: {error}"))?;
        let case = cases.iter().find(|case| case.id() == order.test);
        let case = *case.ok_or_else(|| format!("there is no test {}", order.test))?;
        if order.clock == Clock::Sim && !is_prepared {
            prepare_simulations()?;
            is_prepared = true;
        }
        let processor = processors(order.clock).first().copied();
        let task = Task {
            case,
            seed: order.seed,
            clock: order.clock,
            trace: None,
            processor,
            confined: true,
        };
        let before = children()?;
        let ended = process::run(&task, false);
        let after = children()?;
        let mut record = json::record(&task, &ended);
        record.cpu_seconds = Some((cpu_time(&after) - cpu_time(&before)).as_secs_f64());
        record.peak_memory = u64::try_from(after.max_rss()).ok().map(|kilobytes| kilobytes << 10);
        say(&record)?;
        if interrupt::requested() {
            return Ok(Exit::Interrupted);
        }
    }
    Ok(Exit::Passed)
}

fn greeting() -> Greeting {
    // What a thread does to itself ends with it.
    let confinement = std::thread::spawn(lockdown::confine).join();
    match confinement.unwrap_or_else(|_| Err("it panicked".to_owned())) {
        Ok(layers) => Greeting { layers, missing: String::new() },
        Err(missing) => Greeting { layers: Vec::new(), missing },
    }
}

fn say(message: &impl serde::Serialize) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    let written = json::line(message).and_then(|line| output.write_all(line.as_bytes()));
    written.and_then(|()| output.flush()).map_err(|error| format!("nobody listens: {error}"))
}

/// What all processes of tests have used so far.
fn children() -> Result<Usage, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN);
    usage.map_err(|error| format!("the system does not say what processes use: {error}"))
}

fn cpu_time(usage: &Usage) -> Duration {
    let time =
        |value: TimeVal| Duration::new(value.tv_sec() as u64, 1_000 * value.tv_usec() as u32);
    time(usage.user_time()) + time(usage.system_time())
}
