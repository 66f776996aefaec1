//! A shard controller and one clerk.

use protocol::Config;
use protocol::Gid;

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
}

impl Session {
    /// A controller that has just started.
    pub(super) fn new(run: &Run) -> Self {
        let cluster = CtrlerCluster::new(SERVERS, run);
        let clerk = cluster.clerk();
        Session { cluster, clerk, operations: 0 }
    }

    /// Has groups join, and returns the new configuration.
    pub(super) fn join(&mut self, gids: &[Gid]) -> Config {
        let groups = gids.iter().flat_map(|gid| group(*gid, &names_of(*gid))).collect();
        self.clerk.join(&groups);
        self.operations += 2;
        let config = self.clerk.query(None);
        gids.iter().for_each(|gid| expect_joined(&config, *gid));
        config
    }

    /// Has groups leave, and returns the new configuration.
    pub(super) fn leave(&mut self, gids: &[Gid]) -> Config {
        self.clerk.leave(gids);
        self.operations += 2;
        let config = self.clerk.query(None);
        gids.iter().for_each(|gid| expect_left(&config, *gid));
        config
    }

    /// Ends the test.
    pub(super) fn finish(&self) -> Summary {
        self.cluster.finish(self.operations)
    }
}
