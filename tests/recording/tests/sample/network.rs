//! The network of a sample: it connects, loses, copies and holds.

use super::{Due, MS, Message, Run};

pub(crate) struct Network {
    /// The life that each server is in.
    pub(crate) lives: Vec<u64>,
    /// The servers on the smaller side of a partition.
    apart: Vec<usize>,
    pub(crate) unreliable: bool,
    numbers: u64,
}

impl Network {
    pub(crate) fn new(servers: usize) -> Self {
        Self { lives: vec![0; servers], apart: Vec::new(), unreliable: false, numbers: 0 }
    }

    /// Cuts these servers off from the others; nobody if there are none.
    pub(crate) fn split(&mut self, run: &mut Run, apart: &[usize]) {
        self.apart = apart.to_vec();
        let side = |inside: bool| -> String {
            let names: Vec<String> = (0..self.lives.len())
                .filter(|server| apart.contains(server) == inside)
                .map(|server| format!("\"server-{server}\""))
                .collect();
            format!("[{}]", names.join(","))
        };
        let groups =
            if apart.is_empty() { side(false) } else { format!("{},{}", side(true), side(false)) };
        run.record(&format!(r#""event":"network","groups":[{groups}]"#));
    }

    /// Sends a request, or the reply to a call.
    pub(crate) fn send(
        &mut self,
        run: &mut Run,
        (from, to): (usize, usize),
        reply_to: Option<u64>,
        message: Message,
    ) {
        self.numbers += 1;
        let life = self.lives[to];
        let number = self.numbers;
        let call = reply_to.unwrap_or(number);
        let leg = if reply_to.is_some() { "reply" } else { "request" };
        let (method, text) = describe(&message, from);
        run.record(&format!(
            r#""event":"sent","message":{number},"call":{call},"leg":"{leg}","from":"server-{from}","to":"server-{to}","method":"Raft.{method}","bytes":{},"text":{text:?}"#,
            text.len() / 3
        ));
        if self.unreliable && run.below(14) == 0 {
            run.record(&format!(r#""event":"lost","message":{number},"reason":"lost""#));
        } else if self.unreliable && run.below(40) == 0 {
            run.record(&format!(r#""event":"held","message":{number}"#));
            let wait = (20 + run.below(200)) * MS;
            run.after(wait, Due::Release { number, call, from, to, life, message });
        } else {
            self.deliver(run, Due::Arrival { number, call, from, to, life, message });
        }
    }

    fn deliver(&mut self, run: &mut Run, arrival: Due) {
        let delay = |run: &mut Run| {
            let slow = run.lines.len().is_multiple_of(7);
            300_000 + run.below(if slow { 20 * MS } else { 3 * MS })
        };
        let wait = delay(run);
        run.after(wait, arrival.clone());
        if let Due::Arrival { number, call, from, to, life, message } = arrival
            && self.unreliable
            && run.below(30) == 0
        {
            self.numbers += 1;
            let copy = self.numbers;
            run.record(&format!(r#""event":"duplicated","message":{copy},"of":{number}"#));
            let wait = delay(run);
            run.after(wait, Due::Arrival { number: copy, call, from, to, life, message });
        }
    }

    /// Records whether a message arrives.
    pub(crate) fn arrives(
        &self,
        run: &mut Run,
        number: u64,
        (from, to): (usize, usize),
        same_life: bool,
    ) -> bool {
        let reason = if self.apart.contains(&from) != self.apart.contains(&to) {
            "link down"
        } else if !same_life {
            "server gone"
        } else {
            run.record(&format!(r#""event":"delivered","message":{number}"#));
            return true;
        };
        run.record(&format!(r#""event":"lost","message":{number},"reason":"{reason}""#));
        false
    }
}

fn describe(message: &Message, from: usize) -> (&'static str, String) {
    match message {
        Message::RequestVote { term } => (
            "RequestVote",
            format!(
                "RequestVoteArgs {{ term: {term}, candidate_id: {from}, last_log_index: 3, last_log_term: 1 }}"
            ),
        ),
        Message::VoteReply { term, granted } => {
            ("RequestVote", format!("RequestVoteReply {{ term: {term}, vote_granted: {granted} }}"))
        }
        Message::AppendEntries { term, entries, from_index, commit } => (
            "AppendEntries",
            format!(
                "AppendEntriesArgs {{ term: {term}, leader_id: {from}, prev_log_index: {from_index}, entries: {entries:?}, leader_commit: {commit} }}"
            ),
        ),
        Message::AppendReply { term, matches } => (
            "AppendEntries",
            format!("AppendEntriesReply {{ term: {term}, success: true, matches: {matches} }}"),
        ),
    }
}
