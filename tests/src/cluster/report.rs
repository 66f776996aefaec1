//! What each server was at, for the failure message.

use std::fmt::Write;

use super::raft_cluster::Shared;

/// How many of the last events a failure shows.
const EVENTS: usize = 12;

/// A table of the servers as they were last seen, and the last events. Asks no server: it may be
/// stuck.
pub(crate) fn explain(shared: &Shared) -> String {
    let mut text = String::from("server  process  network       term  leads  applied  state\n");
    for (server, slot) in shared.slots.iter().enumerate() {
        let Some(slot) = slot.try_lock_for(std::time::Duration::from_millis(200)) else {
            let _ = writeln!(text, "{server:<6}  busy");
            continue;
        };
        let seen = shared.elections.lock().seen(server);
        let up = slot.raft.is_some();
        let _ = writeln!(
            text,
            "{server:<6}  {:<7}  {:<12}  {:>4}  {:<5}  {:>7}  {} B",
            if up { "up" } else { "crashed" },
            if slot.connected { "connected" } else { "disconnected" },
            seen.term,
            if up && seen.leads { "yes" } else { "no" },
            shared.ledger.lock().last_applied(server),
            slot.persister.state_size(),
        );
    }
    text.push_str("\nlast events\n");
    text.push_str(&shared.journal.tail(EVENTS));
    text
}
