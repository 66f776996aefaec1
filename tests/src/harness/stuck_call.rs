//! What is known of a call to a sharded store that does not return.

use std::sync::Arc;

use parking_lot::Mutex;
use protocol::{Config, Gid};

use super::clerk::CtrlerClerk;
use super::client::client_name;
use super::exchanges::{Exchange, Exchanges};
use super::history::OpenCall;
use super::servers::{Servers, Slot};
use super::shard_owner::{ShardOwner, unknown_owner};
use super::shard_service::{FIRST_GID, SERVERS, ShardService, group_of_server};
use super::wire::Wire;

/// What the servers of the controller are called together.
const CONTROLLER: &str = "the controller";

/// What an explanation rests on.
pub(crate) struct StuckCalls {
    /// Asks the controller.
    pub(crate) clerk: Arc<Mutex<CtrlerClerk>>,
    pub(crate) wire: Arc<Mutex<Wire>>,
    /// The servers of each group.
    pub(crate) groups: Vec<Arc<Servers<ShardService>>>,
}

impl StuckCalls {
    /// Which group has the shard of a call and which had it before, whether these are there, which configurations they
    /// have been told, and what that group, the call's client and the other groups have sent each other since there was
    /// only what `before` has.
    pub(crate) fn explain(&self, call: &OpenCall, before: &Exchanges) -> String {
        let exchanges = self.wire.lock().exchanges().since(before, party);
        let Some(owner) = ShardOwner::ask(&self.clerk, &call.key) else {
            return format!(": {}", unknown_owner(&call.key));
        };
        let gids: Vec<Gid> = [owner.gid].into_iter().chain(owner.before()).collect();
        let present = list(gids.iter().filter_map(|gid| self.presence(*gid)), "up and connected");
        let told = gids.iter().filter_map(|gid| self.told(*gid, &owner.configs));
        let told = list(told, "told last by the controller");
        let sent = sent(&exchanges, &name_of(owner.gid), &name_of_client(call.client));
        format!(": {owner}{present}{told}; sent in the last 10 s: {sent}")
    }

    /// How many servers of a group are up and connected.
    fn presence(&self, gid: Gid) -> Option<String> {
        let group = self.groups.iter().find(|group| group.service.gid == gid)?;
        let is_there = |slot: &&Mutex<Slot>| {
            let slot = slot.lock();
            slot.running.is_some() && slot.side.is_some()
        };
        let there = group.slots.iter().filter(is_there).count();
        Some(format!("{there} of {SERVERS} servers of group {gid}"))
    }

    /// The newest of these configurations that was in what the controller has told a group last.
    fn told(&self, gid: Gid, configs: &[Config]) -> Option<String> {
        let wire = self.wire.lock();
        let reply = wire.configs_told(gid.checked_sub(FIRST_GID)? as usize)?;
        let is_in = |config: &&Config| {
            let bytes = labgob::encode_silently(*config);
            !config.groups.is_empty() && reply.windows(bytes.len()).any(|part| part == bytes)
        };
        let number = configs.iter().find(is_in)?.number;
        Some(format!("configuration {number} to group {gid}"))
    }
}

/// The parts with what they are about; empty if there are none.
fn list(parts: impl Iterator<Item = String>, what: &str) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("; {what}: {}", parts.join(", ")) }
}

/// What a client, the group that it needs, and other groups have sent each other.
fn sent(exchanges: &[Exchange], group: &str, client: &str) -> String {
    let is_about = |exchange: &&Exchange| {
        let Exchange { from, to, .. } = exchange;
        *from == client || *from == group || (*to == group && is_group(from))
    };
    let lines: Vec<String> = exchanges
        .iter()
        .filter(is_about)
        .map(|exchange| format!("{} to {}: {}", exchange.from, exchange.to, exchange.requests()))
        .collect();
    let is_between = |exchange: &Exchange| {
        let Exchange { from, to, .. } = exchange;
        (*from == group && is_group(to)) || (*to == group && is_group(from))
    };
    let none = match exchanges.iter().any(is_between) {
        true => String::new(),
        false => format!("; {group} and the other groups have sent each other nothing"),
    };
    let lines = if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") };
    format!("{lines}{none}")
}

/// What a server or client is called here: servers of one group have one name. The test's own clerk has none.
fn party(name: &str) -> Option<String> {
    if let Some(group) = group_of_server(name) {
        return Some(name_of(FIRST_GID + group as Gid));
    }
    if name.starts_with("client-") {
        return Some(name.replace('-', " "));
    }
    name.starts_with("server-").then(|| CONTROLLER.to_owned())
}

fn name_of(gid: Gid) -> String {
    format!("group {gid}")
}

fn name_of_client(client: usize) -> String {
    client_name(client).replace('-', " ")
}

fn is_group(name: &str) -> bool {
    name.starts_with("group")
}
