//! Carries the messages of nodes on the clock.

use std::collections::BTreeMap;
use std::io::{PipeReader, PipeWriter, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use protocol::{Answer, Frame, FrameReader, FromNode, Life, Question, ToNode, Turn, frame};

use super::process::Node;

/// Some nodes on the clock.
pub(crate) struct Relay {
    /// They live as long as this.
    _nodes: Vec<Node>,
    shared: Arc<Shared>,
    /// What the nodes say beside calls and replies, with the node.
    said: Receiver<(usize, FromNode)>,
    questions: u64,
}

/// To which node an end of a node leads; calls on other ends fail.
type Routes = Box<dyn Fn(usize, u64) -> Option<usize> + Send + Sync>;

struct Shared {
    pipes: Vec<Mutex<PipeWriter>>,
    routes: Routes,
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct Calls {
    count: u64,
    /// By request: the node and the call that it belongs to.
    waiting: BTreeMap<u64, (usize, u64)>,
}

impl Relay {
    /// Starts nodes that live these lives. End `n` of each leads to node `n`.
    pub(crate) fn new(lives: impl IntoIterator<Item = Life>) -> Self {
        let lives: Vec<Life> = lives.into_iter().collect();
        let count = lives.len();
        let lead = move |_, end: u64| usize::try_from(end).ok().filter(|node| *node < count);
        Relay::with_routes(lives, Box::new(lead))
    }

    /// The same, with ends that lead elsewhere.
    pub(crate) fn with_routes(lives: Vec<Life>, routes: Routes) -> Self {
        let mut nodes: Vec<Node> = lives.iter().map(|_| Node::spawn()).collect();
        let (pipes, readers): (Vec<_>, Vec<_>) = nodes.iter_mut().map(Node::take_pipes).unzip();
        let pipes = pipes.into_iter().map(Mutex::new).collect();
        let shared = Arc::new(Shared { pipes, routes, calls: Mutex::default() });
        let (sender, said) = channel();
        for (at, frames) in readers.into_iter().enumerate() {
            let (shared, sender) = (shared.clone(), sender.clone());
            thread::spawn(move || shared.read(at, frames, &sender));
        }
        for (at, life) in lives.into_iter().enumerate() {
            shared.send(at, ToNode::Start(Box::new(life)));
        }
        Relay { _nodes: nodes, shared, said, questions: 0 }
    }

    /// Asks a node, and waits for the answer. Forgets what else is said in the meantime.
    pub(crate) fn ask(&mut self, at: usize, question: Question) -> Answer {
        let number = self.put(at, question);
        self.find(|_, said| match said {
            FromNode::Answer { ask, answer } if ask == number => Some(answer),
            _ => None,
        })
    }

    /// Puts a question to a node. Returns its number.
    pub(crate) fn put(&mut self, at: usize, question: Question) -> u64 {
        self.questions += 1;
        self.shared.send(at, ToNode::Ask { ask: self.questions, question });
        self.questions
    }

    /// Waits for something that a node says.
    pub(crate) fn find<T>(&self, pick: impl Fn(usize, FromNode) -> Option<T>) -> T {
        loop {
            let timeout = Duration::from_secs(60);
            let (at, said) = self.said.recv_timeout(timeout).expect("a minute is enough");
            if let Some(found) = pick(at, said) {
                return found;
            }
        }
    }
}

impl Shared {
    fn send(&self, to: usize, message: ToNode) {
        let frame = Frame { turn: Turn::default(), messages: vec![message] };
        let bytes = frame::encode(&frame).unwrap();
        // It may have ended.
        let _ = self.pipes[to].lock().write_all(&bytes);
    }

    fn read(
        &self,
        at: usize,
        mut frames: FrameReader<PipeReader>,
        said: &Sender<(usize, FromNode)>,
    ) {
        while let Ok(body) = frames.next_body() {
            for message in frame::decode::<FromNode>(body).unwrap().messages {
                self.route(at, message, said);
            }
        }
    }

    fn route(&self, from: usize, message: FromNode, said: &Sender<(usize, FromNode)>) {
        match message {
            FromNode::Call { call, end, method, args } => {
                let Some(to) = (self.routes)(from, end) else {
                    let outcome = protocol::Outcome::Failed;
                    return self.send(from, ToNode::Outcome { call, outcome });
                };
                let mut calls = self.calls.lock();
                calls.count += 1;
                let request = calls.count;
                calls.waiting.insert(request, (from, call));
                drop(calls);
                self.send(to, ToNode::Request { request, method, args });
            }
            FromNode::Reply { request, outcome } => {
                let (caller, call) = self.calls.lock().waiting.remove(&request).unwrap();
                self.send(caller, ToNode::Outcome { call, outcome });
            }
            // The test may be over.
            message => drop(said.send((from, message))),
        }
    }
}
