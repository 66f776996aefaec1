//! A single node, on either clock, whose whole world is the test.

use std::collections::VecDeque;

use protocol::{Clock, FromNode, Life, ToNode};

use super::process::Node;

/// A single node. In virtual time it gets the turn whenever the test wants to hear from it.
pub(crate) struct Conversation {
    pub(crate) node: Node,
    clock: Clock,
    pub(crate) now: u64,
    /// When the node wants to go on.
    deadline: Option<u64>,
    /// In virtual time: whether it says that it leads, since its last turn.
    leads: bool,
    /// What it gets next.
    news: Vec<ToNode>,
    said: VecDeque<FromNode>,
    /// Whether its last message has come.
    is_over: bool,
}

impl Conversation {
    /// Begins with the start of this life.
    pub(crate) fn new(node: Node, life: Life) -> Self {
        let clock = life.clock.clone();
        let news = vec![ToNode::Start(Box::new(life))];
        let said = VecDeque::new();
        Conversation {
            node,
            clock,
            now: 0,
            deadline: None,
            leads: false,
            news,
            said,
            is_over: false,
        }
    }

    /// Says something to the node.
    pub(crate) fn tell(&mut self, message: ToNode) {
        self.news.push(message);
    }

    /// The next thing that the node says. `None` after its last.
    pub(crate) fn next(&mut self) -> Option<FromNode> {
        loop {
            if let Some(message) = self.said.pop_front() {
                self.is_over = matches!(message, FromNode::Panicked(_) | FromNode::Stalled(_));
                return Some(message);
            }
            if self.is_over {
                assert!(self.node.next_frame().is_none(), "that was its last frame");
                return None;
            }
            self.hear()?;
        }
    }

    /// Takes the next frame; in virtual time after the node has had a turn.
    fn hear(&mut self) -> Option<()> {
        let news = std::mem::take(&mut self.news);
        if self.clock != Clock::Real {
            if news.is_empty() {
                self.now = self.now.max(self.deadline.expect("it waits for the test"));
            }
            self.node.give_turn(self.now, news);
        } else if !news.is_empty() {
            self.node.give_turn(0, news);
        }
        let frame = self.node.next_frame()?;
        self.now = self.now.max(frame.turn.now);
        self.deadline = frame.turn.deadline;
        self.leads = frame.turn.state.is_some_and(|(_, leads)| leads);
        self.said.extend(frame.messages);
        Some(())
    }

    /// In virtual time: goes on until it says that it leads.
    pub(crate) fn await_leader(&mut self) {
        while !self.leads {
            self.hear().expect("the node lives");
        }
    }

    /// The next thing that the node says and for which `pick` gives something.
    pub(crate) fn find<T>(&mut self, pick: impl Fn(&FromNode) -> Option<T>) -> T {
        loop {
            let said = self.next().expect("the node lives");
            if let Some(found) = pick(&said) {
                return found;
            }
        }
    }
}
