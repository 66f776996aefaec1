//! Crashes while a server is at work: at a message that it sends, or at a state that it saves.

use std::thread;
use std::time::{Duration, Instant};

use super::Cluster;
use super::crash_point::{CrashAtSave, Saves};
use super::service::Service;

/// How long a server may take to reach the point at which it crashes. After that it crashes anyway: it may
/// be idle.
const CRASH_LIMIT: Duration = Duration::from_millis(50);

/// A server crashes at one of this many messages or saves that come next.
const REACH: u64 = 6;

/// The same for saves that cut the log, which are rare.
const CUTS_REACH: u64 = 2;

#[expect(private_bounds, reason = "what a service is concerns only the harness")]
impl<S: Service> Cluster<S> {
    /// Crashes a server right after it has sent this many more messages, replies included.
    pub fn crash_after(&self, server: usize, messages: u64) {
        let name = self.servers.name(server);
        self.environment.journal.note(format!("{name} crashes {messages} messages from now"));
        self.network().cut_after(&name, messages);
    }

    /// Crashes a server at its next save that cuts the log, before or after that save as the test's seed
    /// says. Such a save makes Raft's state shorter, or has a snapshot with it.
    pub fn crash_at_cut(&self, server: usize) {
        self.crash_at(server, Saves::Cuts, 0);
    }

    /// Crashes a server right after its next save.
    pub fn crash_after_save(&self, server: usize) {
        let number = self.servers.number(server);
        self.environment.journal.note(format!("server {number} is to crash right after a save"));
        let crash = CrashAtSave { saves: Saves::All, saves_before: 0, last_is_made: true };
        self.servers.slots[server].lock().crash_point.set(crash);
    }

    /// Whether a server has reached the message or the save at which it crashes.
    pub fn has_crashed_in_action(&self, server: usize) -> bool {
        self.network().is_cut(&self.servers.name(server))
    }

    /// Crashes a server at some point of what it does next: now, at one of its next messages, or right
    /// before or after one of its next saves, as the test's seed says.
    pub fn crash_in_action(&self, server: usize) {
        if !self.is_running(server) {
            return self.crash(server);
        }
        let has_snapshot = !self.servers.slots[server].lock().disk.snapshot.is_empty();
        match self.draw(if has_snapshot { 6 } else { 4 }) {
            0 => return self.crash(server),
            1 => self.network().cut_after(&self.servers.name(server), self.draw(REACH)),
            2 | 3 => self.crash_at(server, Saves::All, self.draw(REACH)),
            _ => self.crash_at(server, Saves::Cuts, self.draw(CUTS_REACH)),
        }
        let begun = Instant::now();
        while !self.has_crashed_in_action(server) && begun.elapsed() < CRASH_LIMIT {
            thread::sleep(Duration::from_millis(1));
        }
        self.crash(server);
    }

    fn crash_at(&self, server: usize, saves: Saves, saves_before: u64) {
        let last_is_made = self.draw(2) == 0;
        let side = if last_is_made { "after" } else { "before" };
        let what = if saves == Saves::Cuts { "a save that cuts the log" } else { "a save" };
        self.environment.journal.note(format!(
            "server {} is to crash right {side} {what}",
            self.servers.number(server)
        ));
        let crash = CrashAtSave { saves, saves_before, last_is_made };
        self.servers.slots[server].lock().crash_point.set(crash);
    }
}
