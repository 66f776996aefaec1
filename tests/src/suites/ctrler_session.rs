//! A shard controller and one clerk.

use protocol::Config;
use protocol::Gid;

use super::expect::expect;
use super::shard_configs::{expect_joined, expect_left, names_of};
use crate::case::{Run, Summary};
use crate::harness::{CtrlerClerk, CtrlerCluster, group};

/// The servers of a controller.
pub(super) const SERVERS: usize = 3;

/// A controller, a clerk of it, and the number of its operations.
pub(super) struct Session {
    pub(super) cluster: CtrlerCluster,
    pub(super) clerk: CtrlerClerk,
    pub(super) operations: u64,
    /// The number of the latest configuration.
    latest: u64,
}

impl Session {
    /// A controller that has just started.
    pub(super) fn new(run: &Run) -> Self {
        let cluster = CtrlerCluster::new(SERVERS, run);
        let clerk = cluster.clerk();
        Session { cluster, clerk, operations: 0, latest: 0 }
    }

    /// Has groups join, and returns the new configuration.
    pub(super) fn join(&mut self, gids: &[Gid]) -> Config {
        let groups = gids.iter().flat_map(|gid| group(*gid, &names_of(*gid))).collect();
        self.clerk.join(&groups);
        let config = self.next("Join");
        gids.iter().for_each(|gid| expect_joined(&config, *gid));
        config
    }

    /// Has groups leave, and returns the new configuration.
    pub(super) fn leave(&mut self, gids: &[Gid]) -> Config {
        self.clerk.leave(gids);
        let config = self.next("Leave");
        gids.iter().for_each(|gid| expect_left(&config, *gid));
        config
    }

    /// Gives a shard to a group, and returns the new configuration.
    pub(super) fn move_shard(&mut self, shard: usize, gid: Gid) -> Config {
        self.clerk.move_shard(shard, gid);
        let config = self.next("Move");
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
        self.latest += 1;
        let config = self.clerk.query(None);
        expect(
            config.number == self.latest,
            format_args!("a {change} makes the next configuration, number {}", self.latest),
            format_args!("the latest is number {}", config.number),
        );
        config
    }

    /// Ends the test.
    pub(super) fn finish(&self) -> Summary {
        self.cluster.finish(self.operations)
    }
}
