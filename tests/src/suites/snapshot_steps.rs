//! Steps of the scenes about snapshots.

use std::ops::RangeInclusive;
use std::time::Duration;

use protocol::Index;

use super::script::{Cast, Chance, Script, replies, requests};
use crate::harness::Snapshots;

/// Long enough for a heartbeat.
pub(super) const HEARTBEAT: Duration = Duration::from_millis(160);

/// How long it may take until a follower that is reached again has caught up. The call before may take 7 s to fail.
pub(super) const CATCH_UP: Duration = Duration::from_secs(20);

/// Three servers that make snapshots when a scene orders them.
pub(super) const ORDERED: Cast = Cast { snapshots: Snapshots::Ordered, ..Cast::of(3) };

impl Script<'_> {
    /// Waits for a leader that commits the entry at index 1. Returns it and the other two.
    pub(super) fn open(&self) -> Result<[usize; 3], Chance> {
        let leader = self.elect_any()?;
        let [follower, other] = self.others(leader);
        self.commit(leader, &[follower, other], 1..=1)?;
        Ok([leader, follower, other])
    }

    /// Starts commands for these indexes on the leader, and waits until it and `followers` have applied them.
    pub(super) fn commit(
        &self,
        leader: usize,
        followers: &[usize],
        indexes: RangeInclusive<Index>,
    ) -> Result<(), Chance> {
        let last = *indexes.end();
        for index in indexes {
            let started = self.start(leader, &self.long_command())?;
            Chance::unless(started.index == index, "no other command takes its index")?;
        }
        self.await_applied_by(leader, last)?;
        followers.iter().try_for_each(|server| self.await_applied_by(*server, last))
    }

    /// Waits until a server has applied an index.
    pub(super) fn await_applied_by(&self, server: usize, index: Index) -> Result<(), Chance> {
        self.wait(&format!("server {server} applies index {index}"), || {
            self.cluster.last_applied(server) >= index
        })
    }

    /// Crashes the leader, connects the others, and has them agree on a command: nothing that was committed
    /// may be lost.
    pub(super) fn survive_without(&self, leader: usize, others: &[usize]) -> Result<(), Chance> {
        self.cluster.crash(leader);
        self.pass_all();
        self.cluster.one_with_retry(&self.cluster.random_command(), others.len());
        Ok(())
    }

    /// From now on all messages pass. Those that are held are lost.
    pub(super) fn pass_all(&self) {
        self.pass(requests());
        self.pass(replies());
        for held in self.cluster.network().held() {
            self.cluster.network().discard(held.id);
        }
    }
}
