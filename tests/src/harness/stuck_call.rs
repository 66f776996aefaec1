//! What is known of a call to a sharded store that does not return.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;
use parking_lot::Mutex;
use protocol::{Config, Gid, shard_of};

use super::clerk::CtrlerClerk;
use super::client::client_name;
use super::exchanges::{Exchange, Exchanges};
use super::history::OpenCall;
use super::shard_service::{FIRST_GID, group_of_server};
use super::wire::Wire;

/// How long a failure waits for the controller to say which group has a shard.
const QUERY_LIMIT: Duration = Duration::from_secs(3);

/// What the servers of the controller are called together.
const CONTROLLER: &str = "the controller";

/// Which group has the shard of a call, and what that group, its client and the other groups have sent each other since
/// there was only what `before` has.
pub(crate) fn explain(
    clerk: &Arc<Mutex<CtrlerClerk>>,
    wire: &Mutex<Wire>,
    call: &OpenCall,
    before: &Exchanges,
) -> String {
    let exchanges = wire.lock().exchanges().since(before, party);
    let Some((gid, config)) = owner(clerk, &call.key) else {
        return explain_owner(clerk, &call.key);
    };
    let (group, client) = (name_of(gid), name_of_client(call.client));
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
    format!("{}; sent in the last 10 s: {lines}{none}", owned(&call.key, gid, config))
}

/// Which group has a key, as the controller says now.
pub(crate) fn explain_owner(clerk: &Arc<Mutex<CtrlerClerk>>, key: &str) -> String {
    match owner(clerk, key) {
        Some((gid, config)) => owned(key, gid, config),
        None => {
            let shard = shard_of(key);
            format!(": shard {shard}; the controller does not say which group has it")
        }
    }
}

fn owned(key: &str, gid: Gid, config: u64) -> String {
    let shard = shard_of(key);
    format!(": shard {shard}, which group {gid} has by configuration {config}, the latest")
}

/// The group that has a key, and the number of the latest configuration.
fn owner(clerk: &Arc<Mutex<CtrlerClerk>>, key: &str) -> Option<(Gid, u64)> {
    let (sender, config) = bounded(1);
    let clerk = clerk.clone();
    thread::spawn(move || sender.send(clerk.lock().query(None)));
    let Config { number, shards, .. } = config.recv_timeout(QUERY_LIMIT).ok()?;
    Some((shards[shard_of(key)], number))
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
