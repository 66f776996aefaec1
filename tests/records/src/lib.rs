//! The records of test runs: the runner writes them, and graders read them.
//!
//! `cargo lab run --json FILE` appends a [`Record`] to the file for each run, `cargo lab list --json`
//! prints a [`TestInfo`] for each test, and `lab serve` answers each [`Order`] with a [`Record`]. Each is
//! a line of JSON. This crate only describes the data: it neither reads nor writes files.
//!
//! ```
//! use records::{Class, Interval, Record};
//!
//! let line = r#"{"test": "2A::initial_election", "stage": "2A", "seed": "0x11", "clock": "sim",
//!     "class": "deadlock", "wall_seconds": 0.1, "seen": "server 0 waits for a lock"}"#;
//! let record: Record = serde_json::from_str(line)?;
//! assert_eq!(record.class, Class::Deadlock);
//!
//! // No failure in a hundred runs: how often may the test still fail?
//! let rate = Interval::of(0, 100);
//! assert_eq!(format!("{:.1} %", 100.0 * rate.high), "3.7 %");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod class;
mod interval;
mod never_played;
mod record;
mod seed;
mod series;

pub use class::Class;
pub use interval::Interval;
pub use never_played::{NeverPlayed, never_played};
pub use record::{
    Clock, Greeting, LARGEST_PICTURE, Order, Record, SEED_PLACE, Simulated, Summary, TestInfo,
    Unplayed, Work,
};
pub use seed::Seed;
pub use series::{Finding, Series, conclusion};
