//! Crashes while a server is at work: at a message that it sends, or at a state that it saves.

use std::thread;
use std::time::{Duration, Instant};

use super::Cluster;
use super::crash_point::CrashAtSave;
use super::service::Service;

/// How long a server may take to reach the point at which it crashes. After that it crashes anyway: it may
/// be idle.
const CRASH_LIMIT: Duration = Duration::from_millis(50);

/// A server crashes at one of this many messages or saves that come next.
const REACH: u64 = 6;

#[expect(private_bounds, reason = "what a service is concerns only the harness")]
impl<S: Service> Cluster<S> {
    /// Crashes a server right after it has sent this many more messages, replies included.
    pub fn crash_after(&self, server: usize, messages: u64) {
        let name = self.servers.name(server);
        self.environment.journal.note(format!("{name} crashes {messages} messages from now"));
        self.network().cut_after(&name, messages);
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
        let (point, count) = (self.draw(4), self.draw(REACH));
        match point {
            0 => return self.crash(server),
            1 => self.network().cut_after(&self.servers.name(server), count),
            _ => {
                let crash = CrashAtSave { saves_before: count, last_is_made: point == 2 };
                self.servers.slots[server].lock().crash_point.set(crash);
            }
        }
        let begun = Instant::now();
        while !self.has_crashed_in_action(server) && begun.elapsed() < CRASH_LIMIT {
            thread::sleep(Duration::from_millis(1));
        }
        self.crash(server);
    }
}
