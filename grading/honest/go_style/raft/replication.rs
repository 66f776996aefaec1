//! AppendEntries and InstallSnapshot, on both sides.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::{
    AppendEntriesArgs, AppendEntriesReply, InstallSnapshotArgs, InstallSnapshotReply, LogEntry,
    Raft, Role, State,
};
use crate::apply::ApplyMsg;

impl Raft {
    /// Sends to every follower, on a new thread each. Without new entries it is a heartbeat.
    pub(super) fn broadcast(self: &Arc<Self>, state: &mut State) {
        state.last_heartbeat = Instant::now();
        for peer in 0..self.peers.len() {
            if peer != self.me {
                self.send(state, peer);
            }
        }
    }

    fn send(self: &Arc<Self>, state: &State, peer: usize) {
        let next = state.next_index[peer];
        if next <= state.persistent.snapshot_index {
            return self.send_snapshot(state, peer);
        }
        let first = (next - state.persistent.snapshot_index) as usize;
        let args = AppendEntriesArgs {
            term: state.persistent.current_term,
            prev_log_index: next - 1,
            prev_log_term: state.at(next - 1).term,
            entries: state.persistent.log[first..].to_vec(),
            leader_commit: state.commit_index,
        };
        let raft = self.clone();
        thread::spawn(move || {
            if let Some(reply) = raft.peers[peer].call("Raft.AppendEntries", &args) {
                raft.handle_append(peer, &args, &reply);
            }
        });
    }

    fn handle_append(
        self: &Arc<Self>,
        peer: usize,
        args: &AppendEntriesArgs,
        reply: &AppendEntriesReply,
    ) {
        let mut state = self.lock();
        if reply.term > state.persistent.current_term {
            self.step_down(&mut state, reply.term);
        }
        if !state.leads_in(args.term) {
            return;
        }
        if reply.success {
            let matched = args.prev_log_index + args.entries.len() as u64;
            self.note_match(&mut state, peer, matched);
        } else if state.next_index[peer] == args.prev_log_index + 1 {
            // Nothing newer is known: go back, and try again at once.
            let next = state.back_up(reply).max(state.match_index[peer] + 1);
            state.next_index[peer] = next;
            self.send(&state, peer);
        }
    }

    fn note_match(&self, state: &mut State, peer: usize, index: u64) {
        if index > state.match_index[peer] {
            state.match_index[peer] = index;
            state.next_index[peer] = index + 1;
            self.update_commit(state);
        }
    }

    /// Commits the newest entry of this term that a majority has.
    pub(super) fn update_commit(&self, state: &mut State) {
        for index in (state.commit_index + 1..=state.last_index()).rev() {
            if state.at(index).term != state.persistent.current_term {
                break;
            }
            let count = state.match_index.iter().filter(|matched| **matched >= index).count();
            if count > self.peers.len() / 2 {
                state.commit_index = index;
                self.apply_cond.notify_all();
                break;
            }
        }
    }

    fn send_snapshot(self: &Arc<Self>, state: &State, peer: usize) {
        let args = InstallSnapshotArgs {
            term: state.persistent.current_term,
            last_included_index: state.persistent.snapshot_index,
            last_included_term: state.persistent.log[0].term,
            data: self.persister.snapshot(),
        };
        let raft = self.clone();
        thread::spawn(move || {
            let reply = raft.peers[peer].call("Raft.InstallSnapshot", &args);
            let Some(InstallSnapshotReply { term }) = reply else { return };
            let mut state = raft.lock();
            if term > state.persistent.current_term {
                raft.step_down(&mut state, term);
            } else if state.leads_in(args.term) {
                raft.note_match(&mut state, peer, args.last_included_index);
            }
        });
    }

    /// Handles AppendEntries.
    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {
        let mut state = self.lock();
        if args.term > state.persistent.current_term {
            self.step_down(&mut state, args.term);
        }
        let term = state.persistent.current_term;
        if args.term < term {
            return AppendEntriesReply { term, success: false, x_term: 0, x_index: 0 };
        }
        state.role = Role::Follower;
        state.reset_timer();
        if let Some((x_term, x_index)) = state.mismatch(args.prev_log_index, args.prev_log_term) {
            return AppendEntriesReply { term, success: false, x_term, x_index };
        }
        let last_new = args.prev_log_index + args.entries.len() as u64;
        if state.append(args.prev_log_index, args.entries) {
            self.persist(&state);
        }
        if args.leader_commit.min(last_new) > state.commit_index {
            state.commit_index = args.leader_commit.min(last_new);
            self.apply_cond.notify_all();
        }
        AppendEntriesReply { term, success: true, x_term: 0, x_index: 0 }
    }

    /// Handles InstallSnapshot.
    pub fn install_snapshot(&self, args: InstallSnapshotArgs) -> InstallSnapshotReply {
        let mut state = self.lock();
        if args.term > state.persistent.current_term {
            self.step_down(&mut state, args.term);
        }
        let term = state.persistent.current_term;
        if args.term < term {
            return InstallSnapshotReply { term };
        }
        state.role = Role::Follower;
        state.reset_timer();
        let (index, term_of_index) = (args.last_included_index, args.last_included_term);
        if index <= state.commit_index {
            return InstallSnapshotReply { term };
        }
        if index <= state.last_index() && state.at(index).term == term_of_index {
            state.cut_log(index);
        } else {
            state.persistent.log = vec![LogEntry { term: term_of_index, command: Vec::new() }];
            state.persistent.snapshot_index = index;
        }
        state.commit_index = index;
        let encoded = labgob::encode(&state.persistent);
        self.persister.save_state_and_snapshot(encoded, args.data.clone());
        let snapshot = ApplyMsg::Snapshot { index, term: term_of_index, data: args.data };
        state.pending_snapshot = Some(snapshot);
        self.apply_cond.notify_all();
        InstallSnapshotReply { term }
    }
}

impl State {
    fn leads_in(&self, term: u64) -> bool {
        self.role == Role::Leader && self.persistent.current_term == term && !self.dead
    }

    /// Where the next message to a follower begins that has refused one.
    fn back_up(&self, reply: &AppendEntriesReply) -> u64 {
        let first = self.persistent.snapshot_index;
        let mut index = self.last_index();
        while index > first && self.at(index).term > reply.x_term {
            index -= 1;
        }
        let has_term = index > first && reply.x_term > 0 && self.at(index).term == reply.x_term;
        if has_term { index + 1 } else { reply.x_index.max(1) }
    }

    /// The conflict with an entry of the leader: the term here, and where it begins.
    fn mismatch(&self, index: u64, term: u64) -> Option<(u64, u64)> {
        let base = self.persistent.snapshot_index;
        if index < base {
            return None;
        }
        if index > self.last_index() {
            return Some((0, self.last_index() + 1));
        }
        let own = self.at(index).term;
        if own == term {
            return None;
        }
        let mut first = index;
        while first - 1 > base && self.at(first - 1).term == own {
            first -= 1;
        }
        Some((own, first))
    }

    /// Appends what is new, and removes what conflicts with it. Says whether the log has changed.
    fn append(&mut self, prev: u64, entries: Vec<LogEntry>) -> bool {
        let base = self.persistent.snapshot_index;
        let mut changed = false;
        for (index, entry) in (prev + 1..).zip(entries) {
            if index <= base || index <= self.last_index() && self.at(index).term == entry.term {
                continue;
            }
            self.persistent.log.truncate((index - base) as usize);
            self.persistent.log.push(entry);
            changed = true;
        }
        changed
    }
}
