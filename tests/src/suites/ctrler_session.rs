//! A shard controller and one clerk.

use protocol::Config;
use protocol::Gid;

use super::expect::expect;
use super::shard_configs::{expect_joined, expect_left, names_of};
use crate::case::{Run, Summary};
use crate::harness::{CtrlerClerk, CtrlerCluster, group};

/// The servers of a controller.
pub(super) const SERVERS: usize = 3;

/// So many queries that a controller has taken a snapshot after them, if it takes any: they fill its log.
pub(super) const MANY_QUERIES: u64 = 500;

/// A controller, a clerk of it, and the number of its operations.
pub(super) struct Session {
    pub(super) cluster: CtrlerCluster,
    pub(super) clerk: CtrlerClerk,
    pub(super) operations: u64,
    /// The latest configuration.
    latest: Config,
}

impl Session {
    /// A controller that has just started.
    pub(super) fn new(run: &Run) -> Self {
        let cluster = CtrlerCluster::new(SERVERS, run);
        let clerk = cluster.clerk();
        Session { cluster, clerk, operations: 0, latest: Config::default() }
    }

    /// Has groups join, and returns the new configuration.
    pub(super) fn join(&mut self, gids: &[Gid]) -> Config {
        let groups = gids.iter().flat_map(|gid| group(*gid, &names_of(*gid))).collect();
        self.clerk.join(&groups);
        let config = self.next(&format!("a Join of {}", in_words(gids)));
        gids.iter().for_each(|gid| expect_joined(&config, *gid));
        config
    }

    /// Has groups leave, and returns the new configuration.
    pub(super) fn leave(&mut self, gids: &[Gid]) -> Config {
        self.clerk.leave(gids);
        let is_there = |gid: &Gid| self.latest.groups.contains_key(gid);
        let is_known = gids.is_empty() || gids.iter().any(is_there);
        let gone = if is_known { "" } else { ", none of which is there," };
        let config = self.next(&format!("a Leave of {}{gone}", in_words(gids)));
        gids.iter().for_each(|gid| expect_left(&config, *gid));
        config
    }

    /// Gives a shard to a group, and returns the new configuration.
    pub(super) fn move_shard(&mut self, shard: usize, gid: Gid) -> Config {
        self.clerk.move_shard(shard, gid);
        let is_own = self.latest.shards[shard] == gid;
        let own = if is_own { ", to which it belongs already," } else { "" };
        let config = self.next(&format!("a Move of shard {shard} to group {gid}{own}"));
        let owner = config.shards[shard];
        expect(
            owner == gid,
            format_args!("shard {shard} belongs to group {gid} after its Move"),
            format_args!("it belongs to {owner} in configuration {}", config.number),
        );
        config
    }

    /// The configuration that a change has made. Its number must be the next one.
    fn next(&mut self, change: &str) -> Config {
        self.operations += 2;
        let config = self.clerk.query(None);
        let next = self.latest.number + 1;
        expect(
            config.number == next,
            format_args!("{change} makes the next configuration, number {next}"),
            format_args!("the latest is number {}", config.number),
        );
        self.latest = config.clone();
        config
    }

    /// Ends the test.
    pub(super) fn finish(&self) -> Summary {
        self.cluster.finish(self.operations)
    }
}

fn in_words(gids: &[Gid]) -> String {
    if gids.is_empty() { "no groups".to_owned() } else { format!("the groups {gids:?}") }
}
