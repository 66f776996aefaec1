//! The state of each server, for the failure message.

use std::fmt::Write;
use std::time::Duration;

use parking_lot::Mutex;
use sim::ThreadReport;

use super::journal::Journal;
use super::servers::{CONNECTED, Servers, Slot};
use super::service::Service;
use crate::runner::Explanation;

/// How many of the last events a failure shows.
const EVENTS: usize = 12;

/// How long a server's slot may be locked before its row says so instead.
const LOCK_LIMIT: Duration = Duration::from_millis(200);

/// A table of servers from its rows, and the last events.
pub(crate) fn explain(rows: &str, journal: &Journal) -> Explanation {
    let head = "server  process  network       term  leads  applied  state     snapshot";
    Explanation { state: format!("{head}\n{rows}"), events: journal.tail(EVENTS) }
}

/// A row for each server of a cluster, as it was last seen. Calls none of them: they may be stuck.
pub(crate) fn rows<S: Service>(servers: &Servers<S>) -> String {
    let mut text = String::new();
    for (server, slot) in servers.slots.iter().enumerate() {
        let number = servers.number(server);
        let Some(slot) = slot.try_lock_for(LOCK_LIMIT) else {
            let _ = writeln!(text, "{number:<6}  busy");
            continue;
        };
        let seen = servers.elections.lock().seen(server);
        let is_up = slot.running.is_some();
        let applied = servers.service.last_applied(server);
        let _ = writeln!(
            text,
            "{number:<6}  {:<7}  {:<12}  {:>4}  {:<5}  {:>7}  {:<8}  {} B",
            if is_up { "up" } else { "crashed" },
            show_side(slot.side),
            seen.term,
            if is_up && seen.leads { "yes" } else { "no" },
            applied.map_or("-".to_owned(), |index| index.to_string()),
            format!("{} B", slot.disk.state.len()),
            slot.disk.snapshot.len(),
        );
    }
    text
}

/// What the threads of all servers that are up are doing, as they say.
pub(crate) fn threads<S: Service>(servers: &Servers<S>) -> Vec<(String, ThreadReport)> {
    let running = |slot: &Mutex<Slot>| slot.try_lock_for(LOCK_LIMIT)?.running.clone();
    servers.slots.iter().filter_map(running).flat_map(|node| node.threads()).collect()
}

fn show_side(side: Option<usize>) -> String {
    match side {
        None => "disconnected".to_owned(),
        Some(CONNECTED) => "connected".to_owned(),
        Some(side) => format!("side {side}"),
    }
}
