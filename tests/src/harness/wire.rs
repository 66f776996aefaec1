//! What the network has shown of each server: who has answered it, and what it has told others.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use labrpc::{Event, EventKind, Leg, Message, MessageId};
use protocol::Term;

use super::arrivals::Arrivals;
use super::candidacies::{Candidacies, REQUEST_VOTE};
use super::exchanges::Exchanges;
use super::shard_service::group_of_server;

/// The method of messages with entries, and of heartbeats.
pub(crate) const APPEND_ENTRIES: &str = "Raft.AppendEntries";

/// The method of messages with a snapshot.
pub(crate) const INSTALL_SNAPSHOT: &str = "Raft.InstallSnapshot";

/// What is in every configuration that has groups: the beginning of a server's name.
const NAME_PART: &[u8] = b"server-";

/// How many replies to a group are kept.
const TOLD_KEPT: usize = 16;

/// Longer replies are not kept.
const LONGEST_TOLD: usize = 1 << 16;

/// What the messages that were delivered say of the servers, by the servers' names.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    servers: BTreeMap<String, Server>,
    /// The terms in which servers were seen before they got the requests that they have not answered yet.
    requests: BTreeMap<MessageId, Term>,
    /// Who has answered each caller last; of a clerk, in its present call.
    answered: BTreeMap<String, String>,
    /// By clerk: when its present call began, and the newest message of all then.
    begun: BTreeMap<String, (Instant, Option<MessageId>)>,
    newest: Option<MessageId>,
    exchanges: Exchanges,
    arrivals: Arrivals,
    candidacies: Candidacies,
    /// By group: the last replies to its servers that have a configuration with groups in them, the same ones once.
    told: BTreeMap<usize, VecDeque<Vec<u8>>>,
}

#[derive(Debug, Default)]
struct Server {
    /// The term in which its present life was seen last.
    term: Term,
    /// The newest term that its replies rest on.
    told: Term,
    /// How many lives it has had, and when the last one began.
    lives: u64,
    began: Option<Instant>,
    /// Other servers' last replies to requests for their votes.
    votes: BTreeMap<String, Vote>,
}

/// A reply to a request for a vote.
#[derive(Debug)]
struct Vote {
    /// When it arrived.
    at: Instant,
    reply: Vec<u8>,
}

impl Wire {
    /// Notes what has happened to a message.
    pub(crate) fn note(&mut self, event: &Event<'_>) {
        self.exchanges.note(event);
        self.arrivals.note(event);
        self.candidacies.note(event);
        let message = &event.message;
        self.newest = self.newest.max(Some(message.id));
        if event.kind != EventKind::Delivered {
            return;
        }
        match message.leg {
            Leg::Request => {
                if let Some(server) = self.servers.get(message.to) {
                    self.requests.entry(message.call).or_insert(server.term);
                }
            }
            Leg::Reply => {
                // A late reply to an earlier call of a clerk answers nothing.
                if self.begun.get(message.to).is_none_or(|(_, newest)| Some(message.call) > *newest)
                {
                    self.answered.insert(message.to.to_owned(), message.from.to_owned());
                }
                self.note_told(message);
                let asked_in = self.requests.remove(&message.call);
                if let (Some(term), Some(server)) = (asked_in, self.servers.get_mut(message.from)) {
                    server.told = server.told.max(term);
                }
                if message.method == REQUEST_VOTE
                    && let Some(server) = self.servers.get_mut(message.to)
                {
                    let vote = Vote { at: event.at, reply: message.bytes.to_vec() };
                    server.votes.insert(message.from.to_owned(), vote);
                }
            }
        }
    }

    /// A clerk begins a call. Replies to requests that it has sent before are no answers to this one.
    pub(crate) fn begin_call(&mut self, clerk: &str) {
        self.answered.remove(clerk);
        self.begun.insert(clerk.to_owned(), (Instant::now(), self.newest));
    }

    /// The server of a store, not of its controller, that a clerk's present or last call had reached first without an
    /// answer, and when, if another one has answered it since.
    pub(crate) fn lost_attempt(&self, clerk: &str) -> Option<(&str, Instant)> {
        let (begun, _) = self.begun.get(clerk)?;
        let answerer = self.answered.get(clerk)?;
        let is_sharded = group_of_server(answerer).is_some();
        let is_of_store = |name: &str| !is_sharded || group_of_server(name).is_some();
        let (server, at) = self.arrivals.first_unanswered(clerk, *begun, is_of_store)?;
        (answerer != server).then_some((server, at))
    }

    /// Whose reply to this caller has arrived last; of a clerk, in its present or last call.
    pub(crate) fn last_answer_to(&self, caller: &str) -> Option<String> {
        self.answered.get(caller).cloned()
    }

    fn note_told(&mut self, message: &Message<'_>) {
        let (from, to) = (group_of_server(message.from), group_of_server(message.to));
        if let (None, Some(group)) = (from, to)
            && message.bytes.len() <= LONGEST_TOLD
            && message.bytes.windows(NAME_PART.len()).any(|part| part == NAME_PART)
        {
            let told = self.told.entry(group).or_default();
            if !told.iter().any(|earlier| earlier == message.bytes) {
                told.push_back(message.bytes.to_vec());
                if told.len() > TOLD_KEPT {
                    told.pop_front();
                }
            }
        }
    }

    /// What the controller has told a group, encoded: the last different replies with a configuration that has groups.
    pub(crate) fn configs_told(&self, group: usize) -> impl Iterator<Item = &[u8]> {
        self.told.get(&group).into_iter().flatten().map(Vec::as_slice)
    }

    /// How many requests servers have sent each other up to now.
    pub(crate) fn exchanges(&self) -> &Exchanges {
        &self.exchanges
    }

    /// The requests that servers have got.
    pub(crate) fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    /// When a server started again last; `None` if it is in its first life.
    pub(crate) fn restarted(&self, name: &str) -> Option<Instant> {
        self.servers.get(name).filter(|server| server.lives > 1)?.began
    }

    /// A server has been seen in a term.
    pub(crate) fn observe(&mut self, name: &str, term: Term) {
        if let Some(server) = self.servers.get_mut(name) {
            server.term = term;
        }
    }

    /// A server starts. Returns the newest term that it must still know: when it got some request it was in that
    /// term, and its reply has arrived, so the term was on its disk by then (Figure 2).
    pub(crate) fn start(&mut self, name: &str) -> Term {
        let server = self.servers.entry(name.to_owned()).or_default();
        server.term = 0;
        server.lives += 1;
        server.began = Some(Instant::now());
        server.told
    }

    /// How servers have stood for election.
    pub(crate) fn candidacies(&self) -> &Candidacies {
        &self.candidacies
    }

    /// The servers whose replies to the requests for votes of both servers have arrived, each since some time.
    pub(crate) fn voters_of_both(&self, [one, other]: [(&str, Instant); 2]) -> Vec<&str> {
        let others = self.voters_since(other.0, other.1);
        let mut voters = self.voters_since(one.0, one.1);
        voters.retain(|voter| others.contains(voter));
        voters
    }

    /// The other servers whose replies to a server's requests for votes have arrived since some time.
    pub(crate) fn voters_since(&self, name: &str, since: Instant) -> Vec<&str> {
        let votes = self.servers.get(name).map(|server| &server.votes);
        let recent = votes.into_iter().flatten().filter(|(_, vote)| vote.at >= since);
        recent.map(|(voter, _)| voter.as_str()).collect()
    }

    /// When the last reply of a server to another one's requests for its vote arrived, and what was in it.
    pub(crate) fn vote(&self, voter: &str, candidate: &str) -> Option<(Instant, &[u8])> {
        let vote = self.servers.get(candidate)?.votes.get(voter)?;
        Some((vote.at, &vote.reply))
    }
}
