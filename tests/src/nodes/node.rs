//! One process of the submission: a life of a server, or a clerk.

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use labrpc::{EndId, Network, Request, Responder};
use parking_lot::Mutex;
use protocol::{Answer, FrameError, FromNode, Life, Operation, Outcome, Question, Term, ToNode};
use sim::ThreadReport;

use super::failures::{broken_protocol, cannot_start, panicked, stalled};
use super::link::Link;
use super::ports::Ports;
use crate::runner::{Failure, fail, nodes};

/// Counts the nodes of this process.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// What starts a node.
pub(crate) struct Start {
    /// What reports call it, such as `server 2`.
    pub(crate) label: String,
    /// What it is called on the network.
    pub(crate) name: String,
    /// Client ends to the servers that the life names.
    pub(crate) ends: Vec<EndId>,
    pub(crate) life: Life,
}

/// Gets what concerns only a server's own cluster: what it saves and applies.
pub(crate) trait Owner: Send + Sync {
    /// The server has said this. An error fails the test.
    fn take(&self, message: FromNode) -> Result<(), Failure>;
}

/// A process of the submission.
pub(crate) struct Node {
    number: u32,
    label: String,
    link: Arc<Link>,
    ports: Ports,
    state: Mutex<State>,
    /// Gets a message when the constructor has returned, and is closed when the node ends.
    started: Receiver<()>,
}

struct State {
    questions: BTreeMap<u64, Sender<Answer>>,
    newest_question: u64,
    /// Closed with the node.
    started: Option<Sender<()>>,
    /// The last answer about term and role, and how many turns the node had had by then.
    known: Option<(u64, (Term, bool))>,
    /// Whether the node has ended, or has been killed.
    over: bool,
}

impl Node {
    /// Starts a process. It has not made its server or clerk yet: see [`Node::await_start`].
    pub(crate) fn start(network: &Network, start: Start, owner: Box<dyn Owner>) -> Arc<Self> {
        let Start { label, name, ends, life } = start;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let (stream, theirs) = match UnixStream::pair() {
            Ok(pair) => pair,
            Err(error) => fail(cannot_start(&label, &error.to_string())),
        };
        if let Err(error) = nodes::start(number, &label, theirs.into()) {
            fail(cannot_start(&label, &error.to_string()));
        }
        let (sender, started) = bounded(1);
        let state = State {
            questions: BTreeMap::new(),
            newest_question: 0,
            started: Some(sender),
            known: None,
            over: false,
        };
        let node = Arc::new(Node {
            number,
            ports: Ports::new(network, &name, ends),
            link: Arc::new(Link::new(stream)),
            label,
            state: Mutex::new(state),
            started,
        });
        node.send(ToNode::Start(Box::new(life)));
        let receiver = node.clone();
        let network = network.clone();
        thread::spawn(move || receiver.receive(&network, &*owner));
        node
    }

    /// Waits until the submission's constructor has returned. `false` if the node has been killed first.
    pub(crate) fn await_start(&self) -> bool {
        self.started.recv().is_ok()
    }

    /// Ends the process, and everything that it is about to do.
    pub(crate) fn kill(&self) {
        self.end();
        self.link.close();
        self.ports.close();
        nodes::kill(self.number);
    }

    /// Asks the node something, and waits for the answer. `None` if it has been killed.
    pub(crate) fn ask(&self, question: Question) -> Option<Answer> {
        self.put(question)?.recv().ok()
    }

    /// The same, but waits no longer than `most`.
    pub(crate) fn ask_within(&self, question: Question, most: Duration) -> Option<Answer> {
        self.put(question)?.recv_timeout(most).ok()
    }

    /// The term of a server, and whether it says that it leads.
    pub(crate) fn ask_state(&self) -> Option<(Term, bool)> {
        let known = self.state.lock().known;
        if let Some((turns, answer)) = known
            && sim::is_active()
            && turns == self.link.turns()
        {
            return Some(answer);
        }
        match self.ask(Question::GetState)? {
            Answer::State { term, leads } => Some((term, leads)),
            other => {
                self.break_protocol(&format!("it answered {other:?} to a question of its state"))
            }
        }
    }

    /// Has a clerk do something.
    pub(crate) fn operate(&self, operation: Operation) -> Option<Answer> {
        self.ask(Question::Operate(operation))
    }

    /// What its threads are doing; empty if it does not say so soon.
    pub(crate) fn threads(&self) -> Vec<(String, ThreadReport)> {
        let answer = self.ask_within(Question::Threads, Duration::from_millis(500));
        let Some(Answer::Threads(threads)) = answer else {
            return Vec::new();
        };
        threads.into_iter().map(|thread| (self.label.clone(), thread)).collect()
    }

    /// A request has arrived for it.
    pub(crate) fn request(&self, request: Request, responder: Responder) {
        let number = self.ports.add_request(responder);
        let method = request.method.to_string();
        self.send(ToNode::Request { request: number, method, args: request.args });
    }

    fn put(&self, question: Question) -> Option<Receiver<Answer>> {
        let (sender, answer) = bounded(1);
        let mut state = self.state.lock();
        if state.over {
            return None;
        }
        state.newest_question += 1;
        let ask = state.newest_question;
        state.questions.insert(ask, sender);
        drop(state);
        self.send(ToNode::Ask { ask, question });
        Some(answer)
    }

    fn send(&self, message: ToNode) {
        if let Err(error) = self.link.send(message) {
            self.break_protocol(&error.to_string());
        }
    }

    /// Lets nobody wait for this node any longer. Returns whether it has ended only now.
    fn end(&self) -> bool {
        let mut state = self.state.lock();
        state.started = None;
        state.questions.clear();
        !std::mem::replace(&mut state.over, true)
    }

    fn receive(self: Arc<Self>, network: &Network, owner: &dyn Owner) {
        let error = self.link.receive(|message| {
            if self.state.lock().over {
                return;
            }
            if let Err(failure) = self.take(message, network, owner) {
                fail(failure);
            }
        });
        if self.end() {
            match error {
                FrameError::Ended => fail(nodes::end_of(self.number).failure(&self.label)),
                FrameError::Invalid(problem) => self.break_protocol(&problem),
                FrameError::Unreadable(error) => self.break_protocol(&error.to_string()),
            }
        }
    }

    fn take(
        self: &Arc<Self>,
        message: FromNode,
        network: &Network,
        owner: &dyn Owner,
    ) -> Result<(), Failure> {
        let checked = match message {
            FromNode::Started => self.note_start(),
            FromNode::MakeEnd { end, to } => self.ports.make_end(end, &to),
            FromNode::Call { call, end, method, args } => {
                self.ports.begin_call(end, &method).map(|end| {
                    let node = self.clone();
                    let done = move |outcome| node.end_call(call, outcome);
                    network.call(end, &method, args, done);
                })
            }
            FromNode::Reply { request, outcome } => self.ports.reply(request, outcome),
            FromNode::Answer { ask, answer } => self.note_answer(ask, answer),
            FromNode::Panicked(panic) => return Err(panicked(&self.label, &panic)),
            FromNode::Stalled(stall) => return Err(stalled(&self.label, &stall)),
            FromNode::Save { .. }
            | FromNode::Applied(_)
            | FromNode::SnapshotBegins(_)
            | FromNode::SnapshotEnds => return owner.take(message),
        };
        checked.map_err(|problem| broken_protocol(&self.label, &problem))
    }

    fn end_call(&self, call: u64, outcome: labrpc::Outcome) {
        self.ports.end_call();
        let outcome = match outcome {
            labrpc::Outcome::Reply(bytes) => Outcome::Reply(bytes),
            labrpc::Outcome::Failed => Outcome::Failed,
            labrpc::Outcome::Refused(refusal) => Outcome::Refused(refusal.to_string()),
        };
        self.send(ToNode::Outcome { call, outcome });
    }

    fn note_start(&self) -> Result<(), String> {
        let started = self.state.lock().started.take();
        let started = started.ok_or("it has started twice")?;
        // Nobody may wait for it.
        let _ = started.send(());
        Ok(())
    }

    fn note_answer(&self, ask: u64, answer: Answer) -> Result<(), String> {
        let mut state = self.state.lock();
        if let Answer::State { term, leads } = answer {
            state.known = Some((self.link.turns(), (term, leads)));
        }
        let waiting = state.questions.remove(&ask);
        let waiting =
            waiting.ok_or_else(|| format!("it answered question {ask}, which nobody asked"))?;
        // Whoever asked may have given up.
        let _ = waiting.send(answer);
        Ok(())
    }

    /// Fails the test: the node has said what it may not say.
    pub(crate) fn break_protocol(&self, problem: &str) -> ! {
        fail(broken_protocol(&self.label, problem))
    }
}
