//! Clusters whose members change.

use std::sync::Arc;

use super::RaftCluster;
use super::service::Service;
use crate::nodes::Node;

impl RaftCluster {
    /// Has a server add another one to the cluster. Whether it will try; `false` if it is down.
    pub fn add_server(&self, at: usize, server: usize) -> bool {
        self.note(format!("the test has server {at} add server {server}"));
        self.change(at, "Raft::add_server", |running| running.add_server(server))
    }

    /// Has a server remove one from the cluster, perhaps itself. Whether it will try; `false` if it is down.
    pub fn remove_server(&self, at: usize, server: usize) -> bool {
        self.note(format!("the test has server {at} remove server {server}"));
        self.change(at, "Raft::remove_server", |running| running.remove_server(server))
    }

    fn change(
        &self,
        at: usize,
        method: &'static str,
        call: impl FnOnce(&Node) -> Option<bool>,
    ) -> bool {
        let Some(running) = self.running(at) else {
            return false;
        };
        let tries = self.servers.calls.call(at, method, || call(&running)) == Some(true);
        let answer = if tries { "does so" } else { "refuses" };
        self.note(format!("server {at} {answer}"));
        tries
    }

    /// The members of the cluster, as a server says; `None` if it is down.
    pub fn members(&self, at: usize) -> Option<Vec<usize>> {
        let running = self.running(at)?;
        self.servers.calls.call(at, "Raft::members", || running.members())
    }

    /// How many servers must have a command before all have it: the members, as the leader says, if they change.
    pub(crate) fn count_members(&self) -> usize {
        match self.servers.service.initial_members() {
            None => self.size(),
            Some(_) => self.members(self.check_one_leader()).map_or(0, |members| members.len()),
        }
    }

    fn running(&self, server: usize) -> Option<Arc<Node>> {
        self.servers.slots[server].lock().running.clone()
    }
}
