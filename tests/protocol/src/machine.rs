//! What the machine of a node is like.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sim::ClockRate;

/// What the machine of a node is like. By default its clocks are exact, and to save takes no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// How fast its clocks run, in virtual time.
    pub clock_rate: ClockRate,
    /// How long a save to its disk takes on average. Each takes up to twice as long.
    pub save_time: Duration,
}

impl Default for Machine {
    fn default() -> Self {
        Machine { clock_rate: ClockRate::EXACT, save_time: Duration::ZERO }
    }
}
