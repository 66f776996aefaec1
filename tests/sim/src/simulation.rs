//! What a simulation is made from, and what it gives back.

use std::fs::File;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::chance::Chance;

/// What a simulation is made from.
#[derive(Debug)]
pub struct Simulation {
    /// Decides everything that is left to chance.
    pub chance: Chance,
    /// How threads are chosen.
    pub schedule: Schedule,
    /// Whether single threads pause for long, as no program has to expect on a machine that is in order.
    pub naps: Option<Naps>,
    /// How fast its clocks run.
    pub clock_rate: ClockRate,
    /// The virtual time at which it begins.
    pub begin: Duration,
    /// The virtual time at which it must have ended.
    pub limit: Duration,
    /// Gets a line for each event.
    pub trace: Option<TraceFile>,
    /// How to switch from thread to thread. The schedule is the same either way.
    pub switching: Switching,
}

/// Where the events of a simulation are written.
#[derive(Debug)]
pub struct TraceFile {
    /// The file, to which lines are added.
    pub file: File,
    /// Whose threads these are, such as `server 2`; empty if there is no other simulation.
    pub name: String,
}

/// How a simulation chooses among the threads that can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Each is as likely as any other.
    Uniform,
    /// In one of several ways, drawn from the seed. Together they find more than each one alone.
    Drawn,
}

/// Long pauses of single threads. One thread pauses at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Naps {
    /// The virtual time from which on none begins.
    pub until: Duration,
    /// The mean time from the end of one to the beginning of the next.
    pub every: Duration,
    /// How long one takes at most.
    pub longest: Duration,
}

/// How fast the clocks of a simulation run, in thousandths of virtual time: 1,100 is a clock that gains a tenth. Waits
/// are as long as these clocks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRate(pub u32);

impl ClockRate {
    /// As fast as virtual time.
    pub const EXACT: ClockRate = ClockRate(1_000);
}

/// How a simulation switches from one thread to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Switching {
    /// The fastest way that the machine supports.
    #[default]
    Fastest,
    /// The way that every machine supports: through the kernel, some hundred times slower.
    Kernel,
}

/// What a simulation has done so far. Two runs of a seed on one kind of processor have equal digests at the same
/// place in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// The number of events.
    pub events: u64,
    /// A hash of all events, in order.
    pub hash: u64,
    /// The virtual time since the simulation began.
    pub time: Duration,
}
