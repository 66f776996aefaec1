//! The servers of one group of a sharded store.

use protocol::{Gid, Role};

use super::names::server_name;
use super::service::Service;

/// The servers of a controller, and of each group.
pub(crate) const SERVERS: usize = 3;

/// The number of the first group; the others follow.
pub(crate) const FIRST_GID: Gid = 100;

/// The service of Lab 4B, for one group.
pub struct ShardService {
    pub(crate) gid: Gid,
    pub(crate) max_raft_state: Option<usize>,
}

/// The number of a group's first server.
pub(crate) fn first_number(gid: Gid) -> usize {
    1_000 + 10 * (gid - FIRST_GID) as usize
}

/// Which group a server of this name belongs to, counted from 0; `None` if it belongs to none.
pub(crate) fn group_of_server(name: &str) -> Option<usize> {
    let number: usize = name.strip_prefix("server-")?.parse().ok()?;
    Some(number.checked_sub(first_number(FIRST_GID))? / 10)
}

/// A server's name on the network as reports say it, with its group if it belongs to one.
pub(crate) fn server_in_words(name: &str) -> String {
    let server = name.replace('-', " ");
    match group_of_server(name) {
        Some(group) => format!("{server} of group {}", FIRST_GID + group as Gid),
        None => server,
    }
}

/// An answer to a clerk, with the server that has given it, if one has.
pub(crate) fn describe_answer(server: Option<&str>) -> String {
    server.map_or_else(
        || "an answer that no server gave to a request of this call".to_owned(),
        |server| format!("the answer of {}", server_in_words(server)),
    )
}

impl Service for ShardService {
    const START: &'static str = "ShardServer::start";
    const KILL: &'static str = "ShardServer::kill";

    fn role(&self, _server: usize) -> Role {
        Role::ShardServer { gid: self.gid, max_raft_state: self.max_raft_state }
    }

    fn controllers(&self) -> Vec<String> {
        (0..SERVERS).map(server_name).collect()
    }
}
