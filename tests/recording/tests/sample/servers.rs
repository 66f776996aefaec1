//! The servers of a sample: as much of Raft as a picture needs, which is too little to be correct.

use super::network::Network;
use super::{Due, MS, Message, Run};

#[derive(PartialEq)]
enum Role {
    Down,
    Follower,
    Candidate { votes: usize },
    Leader,
}

pub(crate) struct Server {
    id: usize,
    role: Role,
    term: u64,
    voted: u64,
    log: Vec<String>,
    /// The length of each server's log, as far as a leader knows.
    matches: Vec<usize>,
    commit: usize,
    applied: usize,
    /// The end of the snapshot.
    base: usize,
    /// Timers of earlier epochs are dropped.
    epoch: u64,
    shown: (u64, bool),
}

impl Server {
    pub(crate) fn new(id: usize, servers: usize) -> Self {
        Self {
            id,
            role: Role::Down,
            term: 0,
            voted: 0,
            log: Vec::new(),
            matches: vec![0; servers],
            commit: 0,
            applied: 0,
            base: 0,
            epoch: 0,
            shown: (0, false),
        }
    }

    pub(crate) fn leads(&self) -> bool {
        self.role == Role::Leader
    }

    pub(crate) fn is_down(&self) -> bool {
        self.role == Role::Down
    }

    pub(crate) fn start(&mut self, run: &mut Run, network: &mut Network) {
        network.lives[self.id] += 1;
        self.role = Role::Follower;
        (self.applied, self.commit) = (self.base, self.base);
        self.record(run, "start", &format!(",\"life\":{}", network.lives[self.id]));
        self.shown = (self.term, false);
        self.wait(run);
    }

    pub(crate) fn crash(&mut self, run: &mut Run) {
        self.role = Role::Down;
        self.epoch += 1;
        self.record(run, "crash", "");
    }

    pub(crate) fn timeout(&mut self, run: &mut Run, network: &mut Network, epoch: u64) {
        if epoch != self.epoch {
            return;
        }
        self.term += 1;
        self.voted = self.term;
        self.role = Role::Candidate { votes: 1 };
        self.show(run);
        self.say(run, &format!("stands for election in term {}", self.term), 120);
        self.save(run);
        for other in self.others() {
            network.send(run, (self.id, other), None, Message::RequestVote { term: self.term });
        }
        self.wait(run);
    }

    pub(crate) fn heartbeat(&mut self, run: &mut Run, network: &mut Network, epoch: u64) {
        if epoch == self.epoch && self.leads() {
            self.send_entries(run, network);
            run.after(100 * MS, Due::Heartbeat { server: self.id, epoch });
        }
    }

    pub(crate) fn propose(&mut self, run: &mut Run, network: &mut Network, count: u64) {
        if !self.leads() {
            return self.record(run, "propose", &format!(",\"command\":\"x {count} y\""));
        }
        self.log.push(format!("x {count} y"));
        let (index, term) = (self.log.len(), self.term);
        let fields = format!(",\"command\":\"x {count} y\",\"index\":{index},\"term\":{term}");
        self.record(run, "propose", &fields);
        self.save(run);
        self.send_entries(run, network);
    }

    pub(crate) fn receive(
        &mut self,
        run: &mut Run,
        network: &mut Network,
        (from, call): (usize, u64),
        message: Message,
    ) {
        let term = message.term();
        if term > self.term {
            self.term = term;
            if self.leads() {
                self.say(run, &format!("gives up leading: term {term} has begun"), 210);
                self.wait(run);
            }
            self.role = Role::Follower;
            self.show(run);
            self.save(run);
        }
        let fresh = term == self.term;
        match message {
            Message::RequestVote { .. } => {
                let granted = fresh && self.voted < term;
                if granted {
                    self.voted = term;
                    self.save(run);
                    self.wait(run);
                }
                let reply = Message::VoteReply { term: self.term, granted };
                network.send(run, (self.id, from), Some(call), reply);
            }
            Message::VoteReply { granted, .. } if fresh && granted => self.count_vote(run, network),
            Message::AppendEntries { entries, from_index, commit, .. } => {
                if fresh {
                    self.append(run, entries, from_index, commit);
                }
                let reply = Message::AppendReply { term: self.term, matches: self.log.len() };
                network.send(run, (self.id, from), Some(call), reply);
            }
            Message::AppendReply { matches, .. } if fresh && self.leads() => {
                self.matches[from] = matches.min(self.log.len());
                let mut sorted = self.matches.clone();
                sorted[self.id] = self.log.len();
                sorted.sort_unstable();
                self.commit = self.commit.max(sorted[(sorted.len() - 1) / 2]);
                self.apply(run);
            }
            _ => {}
        }
    }

    fn count_vote(&mut self, run: &mut Run, network: &mut Network) {
        let Role::Candidate { votes } = &mut self.role else { return };
        *votes += 1;
        if *votes * 2 > self.matches.len() {
            self.role = Role::Leader;
            self.epoch += 1;
            self.matches.fill(self.commit);
            self.show(run);
            self.say(run, &format!("leads term {}", self.term), 180);
            self.heartbeat(run, network, self.epoch);
        }
    }

    fn append(&mut self, run: &mut Run, entries: Vec<String>, from_index: usize, commit: usize) {
        self.role = Role::Follower;
        self.wait(run);
        if !entries.is_empty() && from_index <= self.log.len() {
            self.log.truncate(from_index);
            self.log.extend(entries);
            self.save(run);
        }
        self.commit = self.commit.max(commit.min(self.log.len()));
        self.apply(run);
    }

    fn apply(&mut self, run: &mut Run) {
        while self.applied < self.commit {
            self.applied += 1;
            let command = &self.log[self.applied - 1];
            let fields = format!(",\"index\":{},\"command\":\"{command}\"", self.applied);
            self.record(run, "apply", &fields);
            if self.applied.is_multiple_of(10) {
                self.base = self.applied;
                self.record(run, "snapshot", &format!(",\"index\":{}", self.applied));
                self.save(run);
            }
        }
    }

    fn send_entries(&mut self, run: &mut Run, network: &mut Network) {
        for other in self.others() {
            let from_index = self.matches[other].min(self.log.len());
            let entries = self.log[from_index..].iter().take(20).cloned().collect();
            let (term, commit) = (self.term, self.commit);
            let message = Message::AppendEntries { term, entries, from_index, commit };
            network.send(run, (self.id, other), None, message);
        }
    }

    fn others(&self) -> Vec<usize> {
        (0..self.matches.len()).filter(|other| *other != self.id).collect()
    }

    fn wait(&mut self, run: &mut Run) {
        self.epoch += 1;
        let wait = (250 + run.below(200)) * MS;
        run.after(wait, Due::Timeout { server: self.id, epoch: self.epoch });
    }

    /// Records the term and the role if they have changed.
    fn show(&mut self, run: &mut Run) {
        let now = (self.term, self.leads());
        if self.shown != now {
            self.shown = now;
            self.record(run, "state", &format!(",\"term\":{},\"leads\":{}", now.0, now.1));
        }
    }

    fn save(&self, run: &mut Run) {
        self.record(run, "save", &format!(",\"state\":{}", 24 + 11 * self.log.len()));
    }

    fn say(&self, run: &mut Run, text: &str, line: u32) {
        let fields = format!(
            ",\"level\":\"INFO\",\"text\":\"{text}\",\"place\":\"raft/src/raft.rs:{line}\""
        );
        self.record(run, "log", &fields);
    }

    fn record(&self, run: &mut Run, event: &str, fields: &str) {
        run.record(&format!("\"event\":\"{event}\",\"server\":\"server-{}\"{fields}", self.id));
    }
}
