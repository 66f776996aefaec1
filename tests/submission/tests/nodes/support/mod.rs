//! Starts nodes, and judges them.

pub(crate) mod conversation;
pub(crate) mod judge;
pub(crate) mod process;
pub(crate) mod relay;

use std::time::Duration;

use protocol::{Clock, Life, Machine, Role, ServicePlan};

/// A Raft without snapshots.
pub(crate) const RAFT: Role =
    Role::Raft { service: ServicePlan { snapshot_interval: None, longest_pause: Duration::ZERO } };

/// The first life of server `me` of three.
pub(crate) fn first_life(role: Role, me: usize, clock: Clock) -> Life {
    Life {
        role,
        me,
        members: None,
        ends: (0..3).map(|server| format!("server-{server}")).collect(),
        controllers: Vec::new(),
        state: Vec::new(),
        snapshot: Vec::new(),
        clock,
        machine: Machine::default(),
    }
}

/// Virtual time.
pub(crate) fn virtual_time(seed: u128) -> Clock {
    Clock::Virtual { chance: sim::Chance::always(seed), naps: None }
}

/// Virtual time in which no thread is interrupted.
pub(crate) fn plain_time(seed: u128) -> Clock {
    let chance = sim::Chance { windows: Some(Vec::new()), ..sim::Chance::always(seed) };
    Clock::Virtual { chance, naps: None }
}
