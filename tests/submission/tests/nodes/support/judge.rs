//! A judge for nodes in virtual time: it gives them their turns, and carries their messages without delay.

use std::collections::BTreeMap;

use protocol::{Answer, FromNode, Life, Question, Term, ToNode, Turn, frame};

use super::process::Node;

/// Some nodes in virtual time. End `n` of each leads to node `n`.
pub(crate) struct Judge {
    pub(crate) nodes: Vec<Place>,
    pub(crate) now: u64,
    /// All that the nodes have said, with the node.
    pub(crate) said: Vec<(usize, FromNode)>,
    /// All their frames.
    pub(crate) frames: Vec<u8>,
    /// By request: the node and the call that it belongs to.
    calls: BTreeMap<u64, (usize, u64)>,
    /// Counts requests and questions.
    numbers: u64,
}

/// A node, and when its turn is.
pub(crate) struct Place {
    pub(crate) node: Node,
    /// When it wants to go on.
    deadline: Option<u64>,
    /// Its term, and whether it says that it leads, since its last turn.
    pub(crate) state: Option<(Term, bool)>,
    /// What it gets with its next turn.
    pub(crate) news: Vec<ToNode>,
    /// Whether calls from it and to it fail.
    pub(crate) is_down: bool,
}

impl Judge {
    /// Nodes that live these lives.
    pub(crate) fn new(lives: impl IntoIterator<Item = Life>) -> Self {
        Judge::of(Node::spawn, lives)
    }

    /// The same, with processes that are started like this.
    pub(crate) fn of(spawn: impl Fn() -> Node, lives: impl IntoIterator<Item = Life>) -> Self {
        let place = |life: Life| Place {
            node: spawn(),
            deadline: None,
            state: None,
            news: vec![ToNode::Start(Box::new(life))],
            is_down: false,
        };
        let nodes: Vec<Place> = lives.into_iter().map(place).collect();
        Judge {
            nodes,
            now: 0,
            said: Vec::new(),
            frames: Vec::new(),
            calls: BTreeMap::new(),
            numbers: 0,
        }
    }

    /// Gives one node its turn: one with news, or else the one that wants to go on first. If all wait for
    /// news, time passes.
    pub(crate) fn step(&mut self) {
        let with_news = self.nodes.iter().position(|place| !place.news.is_empty());
        let first = || {
            let deadlines = self.nodes.iter().enumerate();
            deadlines.filter_map(|(at, place)| Some((place.deadline?, at))).min()
        };
        let Some(at) = with_news.or_else(|| first().map(|(_, at)| at)) else {
            self.now += 10_000_000;
            return;
        };
        if with_news.is_none() {
            self.now = self.now.max(self.nodes[at].deadline.unwrap());
        }
        let (turn, messages) = self.give_turn(at);
        assert!(turn.now >= self.now, "time does not go back");
        self.now = turn.now;
        self.nodes[at].deadline = turn.deadline;
        self.nodes[at].state = turn.state;
        for message in messages {
            self.route(at, &message);
            self.said.push((at, message));
        }
    }

    fn give_turn(&mut self, at: usize) -> (Turn, Vec<FromNode>) {
        let Place { node, news, .. } = &mut self.nodes[at];
        node.send(self.now, std::mem::take(news));
        let body = node.next_body().expect("the node lives");
        self.frames.extend_from_slice(body);
        let (turn, messages) = frame::split(body).unwrap();
        (turn, labgob::decode(messages).unwrap())
    }

    fn route(&mut self, from: usize, message: &FromNode) {
        match message {
            FromNode::Call { call, end, method, args } => {
                self.numbers += 1;
                let (method, args) = (method.clone(), args.clone());
                let is_down = self.nodes[from].is_down;
                let request = ToNode::Request { request: self.numbers, method, args };
                match self.nodes.get_mut(*end as usize) {
                    Some(place) if !place.is_down && !is_down => {
                        place.news.push(request);
                        self.calls.insert(self.numbers, (from, *call));
                    }
                    _ => {
                        let outcome = protocol::Outcome::Failed;
                        self.nodes[from].news.push(ToNode::Outcome { call: *call, outcome });
                    }
                }
            }
            FromNode::Reply { request, outcome } => {
                let (caller, call) = self.calls.remove(request).expect("a request has one reply");
                let outcome = outcome.clone();
                self.nodes[caller].news.push(ToNode::Outcome { call, outcome });
            }
            _ => {}
        }
    }

    /// Goes on until `is_over`.
    pub(crate) fn run_until(&mut self, mut is_over: impl FnMut(&mut Self) -> bool) {
        while !is_over(self) {
            assert!(self.now < 60_000_000_000, "a minute is enough");
            self.step();
        }
    }

    /// Goes on for some virtual nanoseconds.
    pub(crate) fn run_for(&mut self, time: u64) {
        let end = self.now + time;
        self.run_until(|judge| judge.now >= end);
    }

    /// Asks a node, and waits for the answer.
    pub(crate) fn ask(&mut self, at: usize, question: Question) -> Answer {
        self.numbers += 1;
        let number = self.numbers;
        self.nodes[at].news.push(ToNode::Ask { ask: number, question });
        loop {
            let known = self.said.len();
            self.step();
            let answer = self.said[known..].iter().find_map(|(_, message)| match message {
                FromNode::Answer { ask, answer } if *ask == number => Some(answer.clone()),
                _ => None,
            });
            if let Some(answer) = answer {
                return answer;
            }
        }
    }

    /// Goes on until one server leads, and returns it with its term.
    pub(crate) fn elect(&mut self) -> (usize, u64) {
        loop {
            self.run_for(50_000_000);
            for (at, place) in self.nodes.iter().enumerate() {
                if let Some((term, true)) = place.state
                    && !place.is_down
                {
                    return (at, term);
                }
            }
            assert!(self.now < 60_000_000_000, "a minute is enough");
        }
    }

    /// What a node has said since the message number `since` of all.
    pub(crate) fn said_by(&self, at: usize, since: usize) -> Vec<&FromNode> {
        self.said[since..].iter().filter(|(by, _)| *by == at).map(|(_, message)| message).collect()
    }
}
