//! What must be on the disks: a command is on those of a majority before any server applies it.

use std::time::{Duration, Instant};

use memchr::memmem::Finder;
use protocol::{Index, Patch};

use super::disk::{Cut, Disk};
use super::ledger::{Committed, show_command};
use super::names::servers_in_words;
use super::servers::Servers;
use super::service::Service;
use super::wire::INSTALL_SNAPSHOT;
use crate::runner::{Class, Failure};

/// The shortest command that is looked for, in bytes. The bytes of a shorter one may be anything else.
const SHORTEST: usize = 8;

/// The same where it only helps to explain a failure.
pub(super) const SHORTEST_TO_TELL: usize = 3;

/// How long ago an InstallSnapshot may have come that a save has to do with.
const RECENT: Duration = Duration::from_secs(1);

/// How many bytes of a state may come before its entries.
const LONGEST_HEAD: usize = 32;

/// Whether a command is on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saved {
    Holds,
    /// It was there before one of the last saves with a new snapshot or a shorter state.
    Held,
    Not,
}

impl<S: Service> Servers<S> {
    /// Fails unless a majority has saved a command: servers save an entry before they acknowledge it (Figure 2),
    /// and only what a majority has acknowledged is committed.
    ///
    /// How a submission saves is its own affair. A command whose bytes are on no disk at all is not looked for:
    /// it is saved in some other form, or not yet, as in stage 2B.
    pub(crate) fn check_saved(&self, committed: &Committed) -> Result<(), Failure> {
        let Committed { index, command } = committed;
        if command.len() < SHORTEST || self.service.initial_members().is_some() {
            return Ok(());
        }
        let finder = Finder::new(command);
        let saved: Vec<usize> = (0..self.slots.len())
            .filter(|server| is_on(&self.slots[*server].lock().disk, &finder))
            .map(|server| self.number(server))
            .collect();
        if saved.is_empty() || saved.len() > self.slots.len() / 2 {
            return Ok(());
        }
        let without: Vec<usize> =
            (0..self.slots.len()).filter(|it| !saved.contains(&self.number(*it))).collect();
        let absences = without
            .iter()
            .filter_map(|server| self.describe_absence(*server, command, *index))
            .collect::<Vec<String>>();
        let now = Instant::now();
        let none_was_sent_it =
            without.iter().all(|server| self.was_sent(*server, command, now) == Some(false));
        let causes = if !absences.is_empty() {
            format!("; {}", absences.join("; "))
        } else if none_was_sent_it {
            "; no message that has reached another server held it: it was committed too early"
                .to_owned()
        } else {
            ": it was committed too early, acknowledged before it was saved, or lost from a disk since".to_owned()
        };
        Err(Failure::new(
            Class::Invariant,
            format!(
                "index {index} is applied only when a majority of the {} servers has it (section 5.3), on its disk \
                 before it acknowledges it (Figure 2)",
                self.slots.len()
            ),
            format!(
                "{} is applied at index {index}, and only the disks of servers {saved:?} hold it{causes}",
                show_command(command)
            ),
        ))
    }

    /// Why a server may count as one that has a command, although its disk does not hold it: it was there, the server has
    /// accepted it for an index, sent it to another one, or answered a message with it. `None` if nothing of this is known.
    fn describe_absence(&self, server: usize, command: &[u8], index: Index) -> Option<String> {
        if let Some(told) = self.describe_drop(server, command, "it") {
            return Some(told);
        }
        let number = self.number(server);
        if let Some(term) = self.service.accepted_in(command, server, index) {
            return Some(format!(
                "server {number} accepted it in term {term}, and its own disk does not hold it"
            ));
        }
        if self.wire().arrivals().is_from(command, &self.name(server)) {
            return Some(format!(
                "server {number} has sent it to others, and its own disk does not hold it"
            ));
        }
        self.describe_answered(server, command)
    }

    /// Whether this would be a save that makes the log of a server shorter which makes no snapshots.
    pub(crate) fn cuts_log(&self, server: usize, state: &Patch) -> bool {
        let disk = &self.slots[server].lock().disk;
        disk.snapshot.is_empty() && state.length() < disk.state.len()
    }

    /// Fails if a save, the last one of a server that makes no snapshots, has removed one of these commands: a server drops
    /// entries only if they conflict with those of a leader, and then they are not committed (Figure 2, AppendEntries,
    /// step 3).
    pub(crate) fn check_kept(&self, server: usize, commands: &[Committed]) -> Result<(), Failure> {
        let lost = {
            let slot = self.slots[server].lock();
            let Some(before) = slot.disk.cuts.back().map(|cut| cut.before.as_slice()) else {
                return Ok(());
            };
            let is_lost = |Committed { command, .. }: &&Committed| {
                let finder = Finder::new(command);
                command.len() >= SHORTEST
                    && finder.find(before).is_some()
                    && !is_on(&slot.disk, &finder)
            };
            let lost = commands.iter().find(is_lost);
            lost.map(|lost| (lost, describe_rest(before, &slot.disk.state)))
        };
        let Some((Committed { index, command }, rest)) = lost else {
            return Ok(());
        };
        let number = self.number(server);
        let install = self
            .service
            .describe_unsaved_snapshot(server, *index)
            .or_else(|| self.describe_unsaved_install(server));
        let (rule, cause) = match (self.describe_lacking_leader(server, command), install) {
            (None, Some(install)) => (
                "entries go only together with the save of a snapshot that covers them (section 7)",
                install,
            ),
            (leader, _) => (
                "only entries that conflict with those of a leader go (Figure 2, AppendEntries, step 3)",
                leader.unwrap_or_else(|| rest.to_owned()),
            ),
        };
        Err(Failure::new(
            Class::Invariant,
            format!(
                "server {number} never saves a log without a committed entry that its disk holds: {rule}, and a crash may \
                 follow any save"
            ),
            format!(
                "it saves its log without {}, which is committed at index {index} and was on its disk{cause}",
                show_command(command)
            ),
        ))
    }

    /// That the leader does not have a command on its disk either, to follow a sentence; `None` if it has, or if no other
    /// server leads.
    fn describe_lacking_leader(&self, server: usize, command: &[u8]) -> Option<String> {
        let (term, leader) = self.elections.lock().newest_leader()?;
        let slot = (0..self.slots.len()).find(|slot| self.number(*slot) == leader)?;
        (slot != server && !self.has_saved(slot, command)).then(|| {
            format!(
                "; server {leader}, which leads term {term}, does not have it either: should it have been elected \
                 (sections 5.4.1 and 7)?"
            )
        })
    }

    /// That an InstallSnapshot has just reached a server, and no new snapshot is on its disk since; `None` if it is not so.
    fn describe_unsaved_install(&self, server: usize) -> Option<String> {
        let saved_at = self.slots[server].lock().disk.snapshot_at;
        let wire = self.wire();
        let (from, at) = wire.arrivals().last_of(INSTALL_SNAPSHOT, &self.name(server))?;
        let time = self.elapsed().saturating_sub(at.elapsed()).as_secs_f64();
        let is_unsaved = at.elapsed() <= RECENT && saved_at.is_none_or(|saved| saved < at);
        is_unsaved.then(|| {
            format!(
                "; an InstallSnapshot of {} reached it at {time:.3} s, and it has saved no snapshot since: it saves Raft's \
                 state and the snapshot together, before it answers (Figure 13)",
                servers_in_words(&[from])
            )
        })
    }

    /// Whether a command is on a server's disk; `None` if it is on none, and was on none, so that one cannot tell.
    pub(crate) fn on_disk(&self, server: usize, command: &[u8]) -> Option<Saved> {
        if command.len() < SHORTEST_TO_TELL {
            return None;
        }
        let finder = Finder::new(command);
        let find = |server: usize| {
            let disk = &self.slots[server].lock().disk;
            match (is_on(disk, &finder), cut_from(disk, &finder)) {
                (true, _) => Saved::Holds,
                (false, Some(_)) => Saved::Held,
                (false, None) => Saved::Not,
            }
        };
        (0..self.slots.len()).any(|other| find(other) != Saved::Not).then(|| find(server))
    }

    /// Whether the bytes of a command are on a server's disk; `false` if it is too short to be sure.
    pub(crate) fn has_saved(&self, server: usize, command: &[u8]) -> bool {
        command.len() >= SHORTEST_TO_TELL
            && is_on(&self.slots[server].lock().disk, &Finder::new(command))
    }

    /// Until when the bytes of a command, called `it`, were on a server's disk, and by what save they went; `None` if
    /// they are there, if it is not known that they were, or if the command is too short to be sure.
    pub(crate) fn describe_drop(&self, server: usize, command: &[u8], it: &str) -> Option<String> {
        if command.len() < SHORTEST_TO_TELL {
            return None;
        }
        let finder = Finder::new(command);
        let disk = &self.slots[server].lock().disk;
        let cut = cut_from(disk, &finder)?;
        let what = if cut.has_new_snapshot { "a new snapshot" } else { "a shorter state" };
        let time = self.elapsed().saturating_sub(cut.at.elapsed()).as_secs_f64();
        let number = self.number(server);
        Some(format!(
            "the disk of server {number} held {it} until {time:.3} s, when it saved {what}"
        ))
    }

    /// After semicolons: whose disks hold the bytes of a value that a client wrote, and whose did until a new snapshot was
    /// saved; empty if none is known to.
    pub(crate) fn describe_place(&self, value: &[u8]) -> String {
        if value.len() < SHORTEST_TO_TELL {
            return String::new();
        }
        let finder = Finder::new(value);
        let (mut hold, mut held) = (Vec::new(), Vec::new());
        for server in 0..self.slots.len() {
            let disk = &self.slots[server].lock().disk;
            if is_on(disk, &finder) {
                hold.push(self.number(server));
            } else if cut_from(disk, &finder).is_some_and(|cut| cut.has_new_snapshot) {
                held.push(self.number(server));
            }
        }
        let mut place = String::new();
        if !hold.is_empty() {
            place.push_str(&format!("; the disks of servers {hold:?} hold it"));
        }
        if !held.is_empty() {
            place.push_str(&format!(
                "; the disks of servers {held:?} held it until a snapshot without it was saved"
            ));
        }
        place
    }

    /// Whether the bytes of a command are in the snapshot on a server's disk, and not in its Raft state.
    pub(crate) fn is_in_snapshot(&self, server: usize, command: &[u8]) -> bool {
        let finder = Finder::new(command);
        let disk = &self.slots[server].lock().disk;
        finder.find(&disk.state).is_none() && finder.find(&disk.snapshot).is_some()
    }
}

/// What a state holds besides what it has lost, in words to follow that: empty if something is new. At the beginning of a
/// state there may be a term, a vote, and how long the log is.
fn describe_rest(before: &[u8], state: &[u8]) -> &'static str {
    let entries = state.get(LONGEST_HEAD..).unwrap_or_default();
    match Finder::new(entries).find(before) {
        Some(_) => {
            "; what is left was there before: did a late message cut the log, or is this an older state, saved after \
                    a newer one?"
        }
        None => "",
    }
}

/// The save by which a command went from a disk; `None` if it is there, or is not known to have been.
fn cut_from<'a>(disk: &'a Disk, finder: &Finder<'_>) -> Option<&'a Cut> {
    let last_with = || disk.cuts.iter().rev().find(|cut| finder.find(&cut.before).is_some());
    if is_on(disk, finder) { None } else { last_with() }
}

fn is_on(disk: &Disk, finder: &Finder<'_>) -> bool {
    finder.find(&disk.state).or_else(|| finder.find(&disk.snapshot)).is_some()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use protocol::{Patch, Started};

    use super::super::RaftCluster;
    use super::super::service::Service;
    use super::super::unstarted::{apply, call, call_with, cluster};
    use super::{Committed, describe_rest};

    /// A command that is long enough to be sure.
    const COMMAND: &str = "a command";

    /// Server 1 makes a save without snapshot, which may drop nothing that is committed. Returns what is wrong with it.
    fn save(cluster: &RaftCluster, state: &[u8]) -> Option<String> {
        let servers = &cluster.servers;
        let before = servers.slots[1].lock().disk.state.clone();
        let patch = Patch::between(&before, state);
        let is_cut = servers.cuts_log(1, &patch);
        let saved = servers.slots[1].lock().disk.save("server 1", &patch, None);
        saved.expect("it is a save");
        let kept = if is_cut { servers.service.kept_commands() } else { Vec::new() };
        servers.check_kept(1, &kept).err().map(|failure| failure.seen)
    }

    fn accept(cluster: &RaftCluster, index: u64) {
        let mut proposals = cluster.servers.service.proposed.lock();
        proposals.propose(COMMAND.as_bytes());
        proposals.accept(COMMAND.as_bytes(), 0, Started { index, term: 1 });
    }

    #[test]
    fn an_older_state_may_have_been_saved_after_a_newer_one() {
        let newer = b"a term, a vote, and how long it is: one, two, three";
        assert!(!describe_rest(newer, b"a term, a vote, and how long it is: one, two").is_empty());
        assert!(
            !describe_rest(newer, b"a term").is_empty(),
            "nothing but what stands before entries"
        );
        assert_eq!(describe_rest(newer, b"a term, a vote, and how long it is: one, four"), "");
    }

    #[test]
    fn save_that_drops_a_committed_command_is_told() {
        let cluster = cluster(3);
        accept(&cluster, 1);
        assert_eq!(save(&cluster, b"term, a command, and another one"), None);
        assert_eq!(save(&cluster, b"term"), None, "it is not committed");
        assert_eq!(save(&cluster, b"term, a command, and another one"), None);
        apply(&cluster, 0, COMMAND);
        assert_eq!(save(&cluster, b"term, a command"), None, "it is still there");
        let told = save(&cluster, b"term").expect("it is gone");
        assert!(told.starts_with("it saves its log without \"a command\""), "{told}");
    }

    #[test]
    fn what_may_have_led_to_such_a_save_is_told() {
        let told = |prepare: fn(&RaftCluster)| {
            let cluster = cluster(3);
            accept(&cluster, 1);
            save(&cluster, b"term, a command, and another one");
            apply(&cluster, 0, COMMAND);
            prepare(&cluster);
            save(&cluster, b"term").expect("it is gone")
        };
        let leads = |cluster: &RaftCluster| {
            call(cluster, "Raft.RequestVote", 2, 0);
            assert!(cluster.servers.observe(2, (3, true), Instant::now()).is_ok());
        };
        let voted = told(leads);
        let elected =
            "; server 2, which leads term 3, does not have it either: should it have been elected";
        assert!(voted.contains(elected), "{voted}");
        let installed = told(|cluster| call(cluster, "Raft.InstallSnapshot", 0, 1));
        assert!(
            installed.contains("; an InstallSnapshot of server 0 reached it at 0."),
            "{installed}"
        );
        let made = told(|cluster| cluster.servers.service.make_snapshot(1, 1));
        assert!(
            made.contains("; snapshot(1) was called on it, and that snapshot is not on"),
            "{made}"
        );
        let cut = told(|cluster| call(cluster, "Raft.AppendEntries", 0, 1));
        assert!(cut.contains("; what is left was there before"), "{cut}");
    }

    #[test]
    fn place_of_a_value_is_told() {
        let cluster = cluster(3);
        let place = || cluster.servers.describe_place(COMMAND.as_bytes());
        assert_eq!(place(), "");
        for server in [0, 1] {
            cluster.servers.slots[server].lock().disk.state = COMMAND.as_bytes().to_vec();
        }
        assert_eq!(place(), "; the disks of servers [0, 1] hold it");
        let empty = Patch::between(COMMAND.as_bytes(), b"");
        let snapshot = Some(b"a snapshot".to_vec());
        let saved = cluster.servers.slots[1].lock().disk.save("server 1", &empty, snapshot);
        saved.expect("it is a save");
        let told = "; the disks of servers [0] hold it; the disks of servers [1] held it until a snapshot without it \
                    was saved";
        assert_eq!(place(), told);
    }

    #[test]
    fn servers_that_should_have_a_command_are_told() {
        let cluster = cluster(5);
        let servers = &cluster.servers;
        let committed = Committed { index: 1, command: COMMAND.as_bytes().to_vec() };
        let put = |server: usize| {
            servers.slots[server].lock().disk.state = COMMAND.as_bytes().to_vec();
        };
        put(3);
        put(4);
        let told = || servers.check_saved(&committed).expect_err("two of five have it").seen;
        assert!(told().ends_with("[3, 4] hold it: it was committed too early, acknowledged before it was saved, or lost \
                                  from a disk since"), "{}", told());
        call_with(&cluster, 3, 4, "Raft.AppendEntries", COMMAND.as_bytes());
        let early =
            "; no message that has reached another server held it: it was committed too early";
        assert!(told().ends_with(early), "{}", told());
        accept(&cluster, 1);
        call_with(&cluster, 0, 1, "Raft.AppendEntries", COMMAND.as_bytes());
        let accepted = "; server 0 accepted it in term 1, and its own disk does not hold it; server 1 was sent it by \
                        server 0 at 0.";
        assert!(told().contains(accepted), "{}", told());
        assert!(told().ends_with(" s, and answered; its disk does not hold it"), "{}", told());
        put(0);
        assert!(servers.check_saved(&committed).is_ok());
    }

    #[test]
    fn copy_of_a_command_in_another_entry_may_go() {
        let cluster = cluster(3);
        accept(&cluster, 1);
        accept(&cluster, 2);
        apply(&cluster, 0, COMMAND);
        assert_eq!(save(&cluster, b"term, a command"), None);
        assert_eq!(save(&cluster, b"term"), None, "it may be the other one");
    }
}
