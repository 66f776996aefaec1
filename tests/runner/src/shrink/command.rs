//! `cargo lab shrink …`: looks for the smallest run that fails in the same way, and shows it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use records::{Class, Clock, Seed};

use super::shrunk::{Shrunk, shrink};
use crate::case::Case;
use crate::exit::Exit;
use crate::plan::Plan;
use crate::programs::Programs;
use crate::report::{self, Colours};
use crate::selection::Selection;
use crate::task::Task;
use crate::text::{WIDTH, print_line, wrapped};
use crate::{interrupt, pages, processors, simulation};

#[derive(Args)]
pub(crate) struct ShrinkArguments {
    /// The name of the test, such as 2B::backup
    test: String,
    /// The seed with which it fails: 17 or 0x5f3a
    #[arg(long)]
    seed: Seed,
    /// Looks for so many seconds at most
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    within: u64,
    /// Writes the case to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Looks for the smallest run and shows it.
///
/// # Errors
///
/// If there is no such test, if it does not fail with this seed, or if a file cannot be written.
pub(crate) fn main(cases: &[Case], arguments: ShrinkArguments) -> Result<Exit, String> {
    let case = Selection::only(&arguments.test, cases)?;
    interrupt::install();
    simulation::prepare()?;
    let programs = Programs::own().map_err(|error| format!("cannot read this program: {error}"))?;
    let processors = processors::to_bind(Clock::Sim);
    let task = Task {
        case,
        seed: arguments.seed,
        plan: Plan::default(),
        clock: Clock::Sim,
        trace: None,
        recording: false,
        processor: processors.first().copied(),
    };
    let failed = pages::record(&task, &programs, false);
    match failed.0.verdict.class {
        Class::Interrupted => return Ok(Exit::Interrupted),
        Class::Pass => {
            let seed = task.seed;
            return Err(format!(
                "{} passes with seed {seed}; to find a seed with which it fails, write\n  cargo lab run --exact {0} --sim --seeds 100",
                case.id()
            ));
        }
        _ => {}
    }
    print_line(&format!(
        "looking for a smaller run that fails in the same way, for up to {} s",
        arguments.within
    ));
    let deadline = Instant::now() + Duration::from_secs(arguments.within);
    let (ended, recording) = &failed;
    let mut shrunk = shrink(&task, (ended, recording), &programs, processors, deadline);
    show(&mut shrunk, arguments.output.as_deref())?;
    Ok(if interrupt::requested() { Exit::Interrupted } else { Exit::Failed })
}

/// Prints the report of the smallest run, and what was left out.
fn show(shrunk: &mut Shrunk, output: Option<&Path>) -> Result<(), String> {
    print_line(&shrunk.table());
    for sentence in &shrunk.cause {
        print_line(&format!("{}\n", wrapped(sentence, WIDTH)));
    }
    pages::say_more(&mut shrunk.ended, &shrunk.recording);
    let page = pages::write(&shrunk.task, &shrunk.recording);
    shrunk.ended.page = Some(page.map_err(|error| error.to_string()));
    print_line(report::run(&shrunk.task, &shrunk.ended, Colours::Off).trim_end());
    let Some(path) = output else {
        return Ok(());
    };
    let case = format!("{}\n", shrunk.task.choices());
    std::fs::write(path, case)
        .map_err(|error| format!("cannot write to {}: {error}", path.display()))
}
