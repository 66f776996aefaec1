//! The log of the submission.

use std::fmt;
use std::time::Instant;

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;

/// Prints what the submission logs, as far as `RUST_LOG` asks for it. `node` says in each line who logs it.
pub(crate) fn start(node: &str) {
    let Ok(filter) = std::env::var("RUST_LOG") else {
        return;
    };
    match filter.parse::<Targets>() {
        Ok(targets) => {
            let lines = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_target(false)
                .with_ansi(false)
                .with_timer(Stopwatch { begun: Instant::now(), node: node.to_owned() });
            let subscriber = tracing_subscriber::registry().with(targets);
            // A submission may have set one of its own, before `main`.
            let _ = subscriber.with(OutsideSimulation(lines)).try_init();
        }
        Err(error) => eprintln!("RUST_LOG is ignored: {error}; write it like raft=debug"),
    }
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

/// Writes lines outside the simulation: a run is the same with and without them.
struct OutsideSimulation<L>(L);

impl<S: Subscriber, L: Layer<S>> Layer<S> for OutsideSimulation<L> {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        sim::outside(|| self.0.on_event(event, context));
    }
}
