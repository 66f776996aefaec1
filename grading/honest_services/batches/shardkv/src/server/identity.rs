//! Which configurations mean this group: a group of the same number may have had other servers.

use std::collections::BTreeSet;

use super::{ShardServer, Shards};
use crate::ctrler::{self, Config};

/// Names of servers, as far as they have said which group they belong to.
#[derive(Default)]
pub(super) struct Identity {
    ours: BTreeSet<String>,
    foreign: BTreeSet<String>,
}

impl Identity {
    /// Whether this configuration means this group; `None` if nobody can tell now.
    pub(super) fn is_ours(
        &mut self,
        server: &ShardServer,
        controller: &mut ctrler::Clerk,
        config: &Config,
    ) -> Option<bool> {
        let Some(names) = config.groups.get(&server.gid) else { return Some(false) };
        if let Some(known) = self.ask(server, names) {
            return Some(known);
        }
        // Perhaps the servers of long ago are gone. If this group has other names now, it did not have those.
        let latest = controller.try_query(None, &|| server.is_killed())?;
        let latest = latest.groups.get(&server.gid)?;
        let is_other = latest != names && self.ask(server, latest) == Some(true);
        (is_other && !names.iter().any(|name| self.ours.contains(name))).then_some(false)
    }

    fn ask(&mut self, server: &ShardServer, names: &[String]) -> Option<bool> {
        if names.iter().any(|name| self.ours.contains(name)) {
            return Some(true);
        }
        if names.iter().any(|name| self.foreign.contains(name)) {
            return Some(false);
        }
        let own = server.replica.look(Shards::name)?;
        for name in names {
            if server.is_killed() {
                return None;
            }
            if let Some(Some(other)) =
                server.end(name).call::<_, Option<u64>>("ShardServer.Name", &())
            {
                let set = if other == own { &mut self.ours } else { &mut self.foreign };
                set.extend(names.iter().cloned());
                return Some(other == own);
            }
        }
        None
    }
}
