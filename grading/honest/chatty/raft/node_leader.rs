//! What the node does as the leader.

use std::time::{Duration, Instant};

use super::log::Entry;
use super::messages::{AppendEntriesArgs, AppendEntriesReply, Call};
use super::node::{Node, Role};
use crate::apply::{Index, Started, Term};

const HEARTBEAT: Duration = Duration::from_millis(100);

/// How many calls to a server may be under way, heartbeats apart. To one that is down, each takes seconds.
const CALLS: usize = 64;

/// What the leader knows of another server.
#[derive(Clone)]
pub(super) struct Peer {
    /// Everything before it has been sent.
    next: Index,
    matched: Index,
    /// It has refused entries, and nothing new is sent until it has taken some.
    is_behind: bool,
    calls: usize,
}

impl Peer {
    pub(super) fn new(next: Index) -> Self {
        Peer { next, matched: 0, is_behind: false, calls: 0 }
    }
}

impl Node {
    fn peer(&mut self, peer: usize) -> Option<&mut Peer> {
        match &mut self.role {
            Role::Leader { peers, .. } => Some(&mut peers[peer]),
            _ => None,
        }
    }

    /// Appends a command, and sends it at once.
    pub(super) fn propose(&mut self, command: Vec<u8>) -> Option<Started> {
        if !matches!(self.role, Role::Leader { .. }) {
            return None;
        }
        let term = self.term;
        self.log.push(Entry { term, command });
        self.is_changed = true;
        let index = self.log.last().index;
        self.send_news();
        self.advance();
        Some(Started { index, term })
    }

    pub(super) fn send_heartbeats(&mut self, now: Instant) {
        if let Role::Leader { heartbeat_at, .. } = &mut self.role {
            *heartbeat_at = now + HEARTBEAT;
        }
        self.others().for_each(|peer| self.send(peer));
    }

    /// Sends to all that can take something new.
    fn send_news(&mut self) {
        for peer in self.others() {
            if self.peer(peer).is_some_and(|peer| !peer.is_behind && peer.calls < CALLS) {
                self.send(peer);
            }
        }
    }

    /// Sends what has not been sent, possibly nothing.
    fn send(&mut self, to: usize) {
        let (term, commit, last) = (self.term, self.commit, self.log.last().index);
        let base = self.log.base;
        let Some(peer) = self.peer(to) else { return };
        peer.calls += 1;
        let prev = peer.next - 1;
        if prev < base.index {
            peer.is_behind = true;
            self.outbox.push((to, Call::Snapshot(term, base)));
            return;
        }
        if !peer.is_behind {
            peer.next = last + 1;
        }
        let entries = self.log.after(prev).to_vec();
        let prev = self.log.at(prev).expect("it is in the log");
        self.outbox.push((to, Call::Append(AppendEntriesArgs { term, prev, entries, commit })));
    }

    /// An AppendEntries has ended. One that has failed is sent again.
    pub(super) fn end_append(
        &mut self,
        from: usize,
        args: &AppendEntriesArgs,
        reply: Option<AppendEntriesReply>,
    ) {
        if self.term != args.term {
            return;
        }
        let own = reply.as_ref().and_then(|reply| reply.hint);
        let own = own.map(|hint| match self.log.at(hint.index) {
            None if hint.index < self.log.base.index => hint.index,
            _ => self.log.newest_below(hint.index, hint.term).index,
        });
        let Some(peer) = self.peer(from) else { return };
        peer.calls -= 1;
        match (reply, own) {
            (Some(reply), _) if reply.success => {
                self.note(from, args.prev.index + args.entries.len() as Index);
            }
            (Some(_), Some(own)) if own.max(peer.matched) + 1 < peer.next => {
                (peer.next, peer.is_behind) = (own.max(peer.matched) + 1, true);
                self.send(from);
            }
            (None, _) if peer.calls == 0 && peer.matched + 1 < peer.next => {
                (peer.next, peer.is_behind) = (peer.matched + 1, true);
                self.send(from);
            }
            _ => {}
        }
    }

    pub(super) fn end_snapshot(&mut self, from: usize, term: Term, index: Index, is_taken: bool) {
        if self.term != term {
            return;
        }
        let Some(peer) = self.peer(from) else { return };
        peer.calls -= 1;
        if is_taken {
            self.note(from, index);
        }
    }

    /// A server has the log up to `index`.
    fn note(&mut self, from: usize, index: Index) {
        let last = self.log.last().index;
        let Some(peer) = self.peer(from) else { return };
        peer.is_behind &= index + 1 < peer.next;
        peer.matched = peer.matched.max(index);
        peer.next = peer.next.max(index + 1);
        if !peer.is_behind && peer.next <= last {
            self.send(from);
        }
        self.advance();
    }

    /// Commits what a majority has of this term, and tells everybody.
    fn advance(&mut self) {
        let last = self.log.last().index;
        let Role::Leader { peers, .. } = &self.role else { return };
        let mut matched: Vec<Index> = self.others().map(|peer| peers[peer].matched).collect();
        matched.push(last);
        matched.sort_unstable();
        let index = matched[(matched.len() - 1) / 2];
        let is_own = self.log.at(index).is_some_and(|position| position.term == self.term);
        if index > self.commit && is_own {
            self.commit = index;
            self.send_news();
        }
    }
}
