//! What the submission traces.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Prints what the submission traces, if `RUST_LOG` says what.
pub(super) fn start() {
    let Ok(filter) = std::env::var("RUST_LOG") else {
        return;
    };
    match filter.parse::<Targets>() {
        Ok(targets) => {
            let lines =
                tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
            tracing_subscriber::registry().with(targets).with(lines).init();
        }
        Err(error) => eprintln!("RUST_LOG is ignored: {error}; write it like raft=debug"),
    }
}
