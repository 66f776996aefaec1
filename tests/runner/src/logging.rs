//! What the submission traces.

use std::fmt;
use std::time::Instant;

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

/// Prints what the submission traces, if `RUST_LOG` says what.
pub(crate) fn start() {
    let Ok(filter) = std::env::var("RUST_LOG") else {
        return;
    };
    match filter.parse::<Targets>() {
        Ok(targets) => {
            let lines = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_target(false)
                .with_ansi(false)
                .with_timer(Stopwatch(Instant::now()));
            tracing_subscriber::registry().with(targets).with(Unnoticed(lines)).init();
        }
        Err(error) => eprintln!("RUST_LOG is ignored: {error}; write it like raft=debug"),
    }
}

/// Seconds since the test began, on its own clock.
struct Stopwatch(Instant);

impl FormatTime for Stopwatch {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let time = match sim::digest() {
            Some(digest) => digest.time,
            None => self.0.elapsed(),
        };
        write!(writer, "{:>8.3}s", time.as_secs_f64())
    }
}

/// Writes lines so that a simulation takes no notice: a run is the same with and without them.
struct Unnoticed<L>(L);

impl<S: Subscriber, L: Layer<S>> Layer<S> for Unnoticed<L> {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        sim::outside(|| self.0.on_event(event, context));
    }
}
