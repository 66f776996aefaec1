//! What is known of the logs, event by event.

use std::collections::{BTreeMap, HashMap};

use recording::{Event, Happening, Leg};

use super::append::{Append, parse_reply};

/// What is known of the log of one server in its present life.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Log {
    /// The term of each entry, by its index.
    pub(super) terms: BTreeMap<u64, u64>,
    /// The commit index, if it has told it.
    pub(super) commit: Option<u64>,
    /// The last index that it has applied.
    pub(super) applied: u64,
}

/// The logs of all servers, by name.
#[derive(Debug, Default)]
pub(super) struct Logs {
    pub(super) servers: BTreeMap<String, Log>,
    /// The AppendEntries calls that have no reply yet, with their recipients; without arguments if they are not
    /// understood.
    calls: HashMap<u64, Option<Append>>,
    /// Whether a server has sent something else than it had accepted: then the fields mean something else here.
    is_misread: bool,
}

impl Logs {
    /// What the events up to the failure tell; `None` if they are not understood.
    pub(super) fn of(events: &[Event]) -> Option<Self> {
        let mut logs = Logs::default();
        let is_before = |event: &&Event| !matches!(event.what, Happening::Failure { .. });
        events.iter().take_while(is_before).for_each(|event| logs.add(&event.what));
        (!logs.is_misread).then_some(logs)
    }

    fn add(&mut self, what: &Happening) {
        match what {
            Happening::Start { server, .. } => {
                self.servers.insert(server.clone(), Log::default());
            }
            Happening::Propose { server, index: Some(index), term: Some(term), .. } => {
                self.log(server).put(*index, *term);
            }
            Happening::Apply { server, index, .. } => self.log(server).applied = *index,
            Happening::Install { server, index } => {
                let log = self.log(server);
                log.terms.clear();
                log.applied = *index;
            }
            Happening::Sent { call, leg, from, method, text: Some(text), .. }
                if method.ends_with(".AppendEntries") =>
            {
                match leg {
                    Leg::Request => self.request(*call, from, Append::parse(text)),
                    Leg::Reply => self.reply(*call, from, parse_reply(text)),
                }
            }
            _ => {}
        }
    }

    fn log(&mut self, server: &str) -> &mut Log {
        self.servers.entry(server.to_owned()).or_default()
    }

    fn request(&mut self, call: u64, from: &str, append: Option<Append>) {
        if let Some(append) = &append {
            let log = self.log(from);
            let agrees = log.take(append);
            log.commit = append.commit;
            self.is_misread |= !agrees;
        }
        self.calls.insert(call, append);
    }

    /// The reply of a server to a request, which may have come twice.
    fn reply(&mut self, call: u64, from: &str, reply: Option<(bool, u64)>) {
        let append = self.calls.get(&call).cloned().flatten();
        let log = self.servers.entry(from.to_owned()).or_default();
        match (append, reply) {
            (Some(append), Some((true, _))) => {
                log.take(&append);
                // What comes behind may have gone.
                log.terms.split_off(&(append.last_index() + 1));
                log.commit = None;
            }
            // It is about an older term, and has changed nothing.
            (Some(append), Some((false, term))) if term > append.term => {}
            (Some(append), Some((false, _))) => {
                log.terms.split_off(&append.previous.0);
                log.commit = None;
            }
            _ => *log = Log { applied: log.applied, ..Log::default() },
        }
    }
}

impl Log {
    /// An entry is put at the end.
    fn put(&mut self, index: u64, term: u64) {
        self.terms.split_off(&index);
        self.terms.insert(index, term);
    }

    /// It holds what a message says. Returns whether that was possible, as far as one can tell: entries that were known
    /// before are still there, or have another term.
    fn take(&mut self, append: &Append) -> bool {
        let (index, term) = append.previous;
        let first = (index > 0).then_some((index, term));
        let entries = append.terms.iter().copied().zip(index + 1..);
        let entries = entries.map(|(term, index)| (index, term));
        let mut agrees = true;
        for (index, term) in first.into_iter().chain(entries) {
            let known = self.terms.get(&index).copied();
            if known.is_some_and(|known| known != term) {
                agrees = false;
                self.terms.split_off(&index);
            }
            self.terms.insert(index, term);
        }
        agrees
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(server: &str, index: u64, term: u64) -> Happening {
        let command = "x".to_owned();
        let server = server.to_owned();
        Happening::Propose { server, command, index: Some(index), term: Some(term) }
    }

    fn sent(call: u64, leg: Leg, from: &str, text: &str) -> Happening {
        Happening::Sent {
            message: call,
            call,
            leg,
            from: from.to_owned(),
            to: "server-9".to_owned(),
            method: "Raft.AppendEntries".to_owned(),
            bytes: 1,
            text: Some(text.to_owned()),
        }
    }

    fn append(call: u64, previous: (u64, u64), terms: &[u64]) -> Happening {
        let entries: Vec<String> =
            terms.iter().map(|term| format!("E {{ term: {term} }}")).collect();
        let text = format!(
            "A {{ term: 4, prev_index: {}, prev_term: {}, entries: [{}], commit: 1 }}",
            previous.0,
            previous.1,
            entries.join(", ")
        );
        sent(call, Leg::Request, "server-0", &text)
    }

    fn reply(call: u64, success: bool) -> Happening {
        let text = format!("R {{ term: 4, success: {success} }}");
        sent(call, Leg::Reply, "server-1", &text)
    }

    fn logs(events: Vec<Happening>) -> Option<Logs> {
        let events = events.into_iter().map(|what| Event { at: 0, what });
        Logs::of(&events.collect::<Vec<_>>())
    }

    /// The entries of server 1 as index and term.
    fn follower(events: Vec<Happening>) -> Vec<(u64, u64)> {
        let logs = logs(events).expect("it is understood");
        let log = logs.servers.get("server-1").cloned().unwrap_or_default();
        log.terms.into_iter().collect()
    }

    #[test]
    fn a_follower_has_what_it_has_acknowledged() {
        let events = vec![append(1, (1, 1), &[1, 2]), append(2, (3, 2), &[4])];
        assert_eq!(follower(events.clone()), []);
        let taken = [events.clone(), vec![reply(1, true)]].concat();
        assert_eq!(follower(taken), [(1, 1), (2, 1), (3, 2)]);
        let refused = [events, vec![reply(1, true), reply(2, false)]].concat();
        assert_eq!(
            follower(refused),
            [(1, 1), (2, 1)],
            "whether it still has index 3 is not known"
        );
    }

    #[test]
    fn entries_of_another_term_replace_what_comes_behind() {
        let events = vec![
            proposal("server-1", 1, 1),
            proposal("server-1", 2, 1),
            proposal("server-1", 3, 1),
            append(1, (1, 1), &[4]),
            reply(1, true),
        ];
        assert_eq!(follower(events), [(1, 1), (2, 4)]);
    }

    #[test]
    fn a_server_that_starts_again_has_told_nothing_yet() {
        let start = Happening::Start { server: "server-1".to_owned(), life: 2 };
        assert_eq!(follower(vec![proposal("server-1", 1, 1), start]), []);
    }

    #[test]
    fn a_leader_has_what_it_accepts_and_tells_its_commit_index() {
        let events = vec![proposal("server-0", 2, 3), append(1, (1, 1), &[3])];
        let logs = logs(events).expect("it is understood");
        let log = &logs.servers["server-0"];
        assert_eq!(log.terms, BTreeMap::from([(1, 1), (2, 3)]));
        assert_eq!(log.commit, Some(1));
    }

    #[test]
    fn fields_that_contradict_the_proposals_mean_something_else() {
        assert!(logs(vec![proposal("server-0", 2, 3), append(1, (1, 1), &[4])]).is_none());
    }
}
