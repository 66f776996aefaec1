//! The runner as a grader uses it: it reads orders from standard input, and writes a record for each to
//! standard output.
//!
//! The grader starts this program inside a sandbox. The first line of output says how the processes of
//! the submission are confined within that sandbox.

use std::io::{BufRead, Write};
use std::path::Path;

use isolation::Program;
use records::{Clock, Greeting, Order, Record};

use crate::case::Case;
use crate::exit::Exit;
use crate::json::Printed;
use crate::plan::Plan;
use crate::programs::Programs;
use crate::task::Task;
use crate::{interrupt, json, pages, process, programs, simulation, trial};

/// Carries out orders until there are no more. Nodes are processes of the program `node`; without one, of this
/// program. Simulations are bound to this processor, if there is one.
///
/// # Errors
///
/// If an order cannot be read or names no test, or if this system cannot run what it asks for.
pub(crate) fn main(
    cases: &[Case],
    node: Option<&Path>,
    processor: Option<usize>,
    printed: Printed,
) -> Result<Exit, String> {
    interrupt::install();
    let (programs, greeting) = prepare(node)?;
    say(&greeting)?;
    let mut is_prepared = false;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("cannot read the orders: {error}"))?;
        let (task, is_recorded) = parse(&line, cases, processor)?;
        if task.clock == Clock::Sim && !is_prepared {
            simulation::prepare()?;
            is_prepared = true;
        }
        say(&if is_recorded {
            record(&task, &programs, printed)
        } else {
            json::record(&task, &process::run(&task, &programs, false), printed)
        })?;
        if interrupt::requested() {
            return Ok(Exit::Interrupted);
        }
    }
    Ok(Exit::Passed)
}

/// What an order asks for, and whether the run is to be recorded.
fn parse(line: &str, cases: &[Case], processor: Option<usize>) -> Result<(Task, bool), String> {
    let order: Order = serde_json::from_str(line)
        .map_err(|error| format!("\"{line}\" is not an order: {error}"))?;
    let case = cases.iter().find(|case| case.id() == order.test);
    let task = Task {
        case: *case.ok_or_else(|| format!("there is no test {}", order.test))?,
        seed: order.seed,
        plan: Plan::default(),
        clock: order.clock,
        trace: None,
        recording: false,
        processor: processor.filter(|_| order.clock == Clock::Sim),
    };
    Ok((task, order.recording))
}

/// Runs the test, and makes the page that shows the run.
fn record(task: &Task, programs: &Programs, printed: Printed) -> Record {
    let (ended, recording) = pages::record(task, programs, false);
    Record { page: Some(pages::for_grader(recording)), ..json::record(task, &ended, printed) }
}

/// This program for the judges and another for the nodes, which are confined if this system can do that.
fn prepare(node: Option<&Path>) -> Result<(Programs, Greeting), String> {
    let open = |path: Option<&Path>| {
        let opened = path.map_or_else(programs::own, Program::open);
        let name = path.map_or("this program".into(), Path::to_string_lossy);
        opened.map_err(|error| format!("cannot read {name}: {error}"))
    };
    let judge = open(None)?;
    let (node, missing) = match trial::confine(open(node)?) {
        Ok(confined) => (confined, String::new()),
        Err(missing) => (open(node)?, missing),
    };
    let greeting = Greeting { layers: node.layers(), missing };
    Ok((Programs { judge, node }, greeting))
}

fn say(message: &impl serde::Serialize) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    let written = json::line(message).and_then(|line| output.write_all(line.as_bytes()));
    written
        .and_then(|()| output.flush())
        .map_err(|error| format!("cannot write to standard output: {error}"))
}
