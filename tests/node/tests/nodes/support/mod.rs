//! Starts nodes, and judges them.

mod conversation;
mod judge;
mod process;
mod relay;

pub(crate) use conversation::Conversation;
pub(crate) use judge::Judge;
pub(crate) use process::Node;
pub(crate) use relay::Relay;

use protocol::{Clock, Life, Role};

/// A Raft without snapshots.
pub(crate) const RAFT: Role = Role::Raft { snapshot_interval: None };

/// The first life of server `me` of three.
pub(crate) fn first_life(role: Role, me: usize, clock: Clock) -> Life {
    Life {
        role,
        me,
        ends: (0..3).map(|server| format!("server-{server}")).collect(),
        controllers: Vec::new(),
        state: Vec::new(),
        snapshot: Vec::new(),
        clock,
    }
}

/// Virtual time.
pub(crate) fn virtual_time(seed: u128) -> Clock {
    Clock::Virtual { seed }
}
