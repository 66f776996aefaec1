//! The log of the submission.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use protocol::Clock;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{DefaultVisitor, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

use crate::recording::Recording;

/// Prints what the submission logs, as far as `RUST_LOG` asks for it, and adds all of it to the recording. `node`
/// says in each line who logs it.
pub(crate) fn start(node: &str, clock: &Clock, recording: Option<Arc<Recording>>) {
    let asked = asked_for();
    let taken = match clock {
        Clock::Real if asked.is_none() && recording.is_none() => return,
        Clock::Real if recording.is_none() => asked.clone().unwrap_or_default(),
        Clock::Real | Clock::Virtual { .. } => Targets::new().with_default(LevelFilter::TRACE),
    };
    let begun = Instant::now();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        .with_timer(Stopwatch { begun, node: node.to_owned() });
    let lines = OutsideSimulation { asked: asked.unwrap_or_default(), lines, recording };
    // A submission may have set one of its own, before `main`.
    let _ = tracing_subscriber::registry().with(taken).with(lines).try_init();
}

/// What `RUST_LOG` asks for.
fn asked_for() -> Option<Targets> {
    let filter = std::env::var("RUST_LOG").ok()?;
    let parsed = filter.parse();
    parsed.map_err(|error| eprintln!("RUST_LOG is ignored: {error}; write it like raft=debug")).ok()
}

/// The message of a line, and its fields.
fn text_of(event: &Event<'_>) -> String {
    let mut text = String::new();
    let visitor = &mut DefaultVisitor::new(Writer::new(&mut text), true);
    event.record(visitor);
    text
}

/// Seconds since the test began in virtual time, or since the node began on the clock, and the node.
struct Stopwatch {
    begun: Instant,
    node: String,
}

impl FormatTime for Stopwatch {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let time = sim::now().unwrap_or_else(|| self.begun.elapsed());
        write!(writer, "{:>8.3}s {}", time.as_secs_f64(), self.node)
    }
}

/// Writes the lines that are asked for outside the simulation, and takes all others as well: what the submission
/// executes is the same whatever is asked for, so a run is the same with and without a log.
struct OutsideSimulation<L> {
    asked: Targets,
    lines: L,
    recording: Option<Arc<Recording>>,
}

impl<S: Subscriber, L: Layer<S>> Layer<S> for OutsideSimulation<L> {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let now = sim::now();
        sim::outside(|| {
            if let Some(recording) = &self.recording {
                let place = metadata.file().zip(metadata.line());
                let place = place.map_or(String::new(), |(file, line)| format!("{file}:{line}"));
                recording.add_log(now, metadata.level().to_string(), &text_of(event), place);
            }
            if self.asked.would_enable(metadata.target(), metadata.level()) {
                self.lines.on_event(event, context);
            }
        });
    }
}
