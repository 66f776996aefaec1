//! What stays on the disks: no save drops a command that is committed.

use std::time::Duration;

use memchr::memmem::Finder;
use protocol::Patch;

use super::ledger::{Committed, show_command};
use super::names::servers_in_words;
use super::saved::SHORTEST;
use super::servers::Servers;
use super::service::Service;
use super::wire::INSTALL_SNAPSHOT;
use crate::runner::{Class, Failure};

/// How long ago an InstallSnapshot may have come that a save has to do with.
const RECENT: Duration = Duration::from_secs(1);

/// How many bytes of a state may come before its entries.
const LONGEST_HEAD: usize = 32;

impl<S: Service> Servers<S> {
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
                    && !slot.disk.holds(&finder)
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
        let slot = self.slot_of(leader)?;
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
        let time = self.seconds_at(at);
        let is_unsaved = at.elapsed() <= RECENT && saved_at.is_none_or(|saved| saved < at);
        is_unsaved.then(|| {
            format!(
                "; an InstallSnapshot of {} reached it at {time:.3} s, and it has saved no snapshot since: it saves Raft's \
                 state and the snapshot together, before it answers (Figure 13)",
                servers_in_words(&[from])
            )
        })
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use protocol::Patch;

    use super::super::RaftCluster;
    use super::super::service::Service;
    use super::super::unstarted::{accept, apply, call, cluster, save};
    use super::describe_rest;

    /// A command that is long enough to be sure.
    const COMMAND: &str = "a command";

    /// Server 1 makes a save without snapshot, which may drop nothing that is committed. Returns what is wrong with it.
    fn check_save(cluster: &RaftCluster, state: &[u8]) -> Option<String> {
        let servers = &cluster.servers;
        let before = servers.slots[1].lock().disk.state.clone();
        let patch = Patch::between(&before, state);
        let is_cut = servers.cuts_log(1, &patch);
        save(cluster, 1, state, None);
        let kept = if is_cut { servers.service.kept_commands() } else { Vec::new() };
        servers.check_kept(1, &kept).err().map(|failure| failure.seen)
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
        accept(&cluster, 0, COMMAND, (1, 1));
        assert_eq!(check_save(&cluster, b"term, a command, and another one"), None);
        assert_eq!(check_save(&cluster, b"term"), None, "it is not committed");
        assert_eq!(check_save(&cluster, b"term, a command, and another one"), None);
        apply(&cluster, 0, COMMAND);
        assert_eq!(check_save(&cluster, b"term, a command"), None, "it is still there");
        let told = check_save(&cluster, b"term").expect("it is gone");
        assert!(told.starts_with("it saves its log without \"a command\""), "{told}");
    }

    #[test]
    fn what_may_have_led_to_such_a_save_is_told() {
        let told = |prepare: fn(&RaftCluster)| {
            let cluster = cluster(3);
            accept(&cluster, 0, COMMAND, (1, 1));
            check_save(&cluster, b"term, a command, and another one");
            apply(&cluster, 0, COMMAND);
            prepare(&cluster);
            check_save(&cluster, b"term").expect("it is gone")
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
    fn copy_of_a_command_in_another_entry_may_go() {
        let cluster = cluster(3);
        accept(&cluster, 0, COMMAND, (1, 1));
        accept(&cluster, 0, COMMAND, (2, 1));
        apply(&cluster, 0, COMMAND);
        assert_eq!(check_save(&cluster, b"term, a command"), None);
        assert_eq!(check_save(&cluster, b"term"), None, "it may be the other one");
    }
}
