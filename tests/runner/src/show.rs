//! `cargo lab show …`: runs one test and shows what happened.

use std::ops::Range;
use std::path::PathBuf;

use clap::Args;
use recording::Recording;
use records::{Class, Clock, Seed};

use crate::case::Case;
use crate::choices::Choices;
use crate::exit::Exit;
use crate::pages;
use crate::plan::Plan;
use crate::programs::Programs;
use crate::report::{self, Colours};
use crate::selection::Selection;
use crate::task::{Task, fresh_seed};
use crate::text::print_line;
use crate::{interrupt, processors, simulation};

#[derive(Args)]
pub(crate) struct ShowArguments {
    /// The name of the test, such as 2B::backup
    test: String,
    /// Runs in virtual time: fast, and every seed replays
    #[arg(long)]
    sim: bool,
    /// Sets the seed of all random choices: 17 or 0x5f3a
    #[arg(long)]
    seed: Option<Seed>,
    /// Shows a case of `cargo lab shrink`, or of a file
    #[arg(long, requires = "sim", conflicts_with = "seed", value_name = "CASE", value_parser = Choices::from_argument)]
    case: Option<Choices>,
    /// Writes the events to this file, a line of JSON for each
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Writes the events to this file as ShiViz reads them
    #[arg(long, value_name = "FILE")]
    shiviz: Option<PathBuf>,
    /// Writes a Mermaid sequence diagram to this file: of the last second, or of --window
    #[arg(long, value_name = "FILE")]
    mermaid: Option<PathBuf>,
    /// Seconds of the run that the diagram shows, such as 1.2-1.5
    #[arg(long, value_name = "FROM-TO", requires = "mermaid", value_parser = parse_window)]
    window: Option<Range<u64>>,
    /// Opens the page in a browser
    #[arg(long)]
    open: bool,
    /// Shows what the test prints, as it prints it
    #[arg(long)]
    nocapture: bool,
}

/// Runs the test and makes the page.
///
/// # Errors
///
/// If there is no such test, or a file cannot be written.
pub(crate) fn main(cases: &[Case], arguments: ShowArguments) -> Result<Exit, String> {
    let case = Selection::only(&arguments.test, cases)?;
    interrupt::install();
    let clock = if arguments.sim { Clock::Sim } else { Clock::Real };
    if clock == Clock::Sim {
        simulation::prepare()?;
    }
    let programs = Programs::own().map_err(|error| format!("cannot read this program: {error}"))?;
    let choices = arguments.case.clone().unwrap_or_else(|| Choices {
        seed: arguments.seed.unwrap_or_else(fresh_seed),
        plan: Plan::default(),
    });
    let task = Task {
        case,
        seed: choices.seed,
        plan: choices.plan,
        clock,
        trace: None,
        recording: false,
        processor: processors::to_bind(clock).first().copied(),
    };
    let (mut ended, recording) = pages::record(&task, &programs, arguments.nocapture);
    pages::say_more(&mut ended, &recording);
    print_line(report::run(&task, &ended, Colours::Off).trim_end());
    write_events(&arguments, &recording)?;
    let page = pages::write(&task, &recording);
    let page = page.map_err(|error| format!("cannot write the page: {error}"))?;
    print_line(&format!("  picture  {}", pages::shown(&page)));
    if arguments.open {
        open::that(&page).map_err(|error| format!("cannot open {}: {error}", page.display()))?;
    }
    Ok(match ended.verdict.class {
        Class::Pass => Exit::Passed,
        Class::Fault | Class::Overloaded => Exit::NoVerdict,
        Class::Interrupted => Exit::Interrupted,
        _ => Exit::Failed,
    })
}

fn write_events(arguments: &ShowArguments, recording: &Recording) -> Result<(), String> {
    if let Some(path) = &arguments.events {
        let lines = recording.events.iter().flat_map(|event| {
            let mut line = serde_json::to_vec(event).unwrap_or_default();
            line.push(b'\n');
            line
        });
        write(path, &lines.collect::<Vec<u8>>())?;
    }
    if let Some(path) = &arguments.mermaid {
        let end = recording.events.last().map_or(0, |event| event.at.saturating_add(1));
        let last_second = end.saturating_sub(1_000_000_000)..end;
        let window = arguments.window.clone().unwrap_or(last_second);
        write(path, recording::mermaid(recording, window).as_bytes())?;
    }
    if let Some(path) = &arguments.shiviz {
        write(path, recording::shiviz(recording).as_bytes())?;
    }
    Ok(())
}

/// A window of time in nanoseconds, from seconds such as "1.2-1.5".
fn parse_window(text: &str) -> Result<Range<u64>, String> {
    let seconds = |part: &str| part.trim().parse::<f64>().ok().filter(|part| *part >= 0.0);
    let window = text.split_once('-').and_then(|(from, to)| seconds(from).zip(seconds(to)));
    match window {
        Some((from, to)) if from < to => Ok((from * 1e9) as u64..(to * 1e9) as u64),
        _ => Err("write the first and the last second, such as 1.2-1.5".to_owned()),
    }
}

fn write(path: &PathBuf, content: &[u8]) -> Result<(), String> {
    std::fs::write(path, content)
        .map_err(|error| format!("cannot write to {}: {error}", path.display()))
}
