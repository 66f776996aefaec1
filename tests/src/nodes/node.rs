//! One process of the submission: a life of a server, or a clerk.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{EndId, Network, Request, Responder};
use parking_lot::Mutex;
use protocol::{
    Answer, FrameError, FromNode, Life, Operation, Outcome, Question, Started, Term, ToNode,
};
use sim::ThreadReport;

use super::failures::{broken_protocol, cannot_start, panicked, stalled};
use super::link::{Frames, Link, NodeEnds};
use super::pending::{Pending, Waiter};
use super::ports::Ports;
use crate::runner::{Failure, fail, nodes};

/// How long the start of a process may take.
const START_LIMIT: Duration = Duration::from_secs(60);

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

    /// What may have to do with a panic of the server, to follow a sentence.
    fn describe_life(&self) -> String;

    /// The server has said its term, and whether it leads: that was so at some time after `since`. An error fails
    /// the test.
    fn observe(&self, state: (Term, bool), since: Instant) -> Result<(), Failure>;
}

/// A process of the submission.
pub(crate) struct Node {
    number: u32,
    label: String,
    link: Arc<Link>,
    ports: Ports,
    state: Mutex<State>,
    call: Pending<()>,
    start: Pending<()>,
}

struct State {
    questions: BTreeMap<u64, Waiter<Answer>>,
    newest_question: u64,
    /// Until the constructor is called.
    starting: Option<Waiter<()>>,
    /// Until the constructor has returned.
    started: Option<Waiter<()>>,
    /// In virtual time: the state with which a server has ended its last turn. Between two turns nothing in it
    /// changes.
    known: Option<(Term, bool)>,
    /// The same in the turn in which it has started.
    first: Option<(Term, bool)>,
    /// When it was last certain what the server is: a state that it says later was so at some time after this. A
    /// thread of its that has changed the state, but does not run just now, may not have said so yet. So on the
    /// clock, where nobody knows which threads run, this is when it started.
    certain_at: Instant,
    /// Who waits for the next such state.
    waiters: Vec<Waiter<(Term, bool)>>,
    /// The term in which the server has refused a proposal.
    refused: Option<Term>,
    /// Whether the node has ended, or has been killed.
    over: bool,
}

impl Node {
    /// Starts a process. It has not made its server or clerk yet: see [`Node::await_start`].
    pub(crate) fn start(network: &Network, start: Start, owner: Box<dyn Owner>) -> Arc<Self> {
        let Start { label, name, ends, life } = start;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let (link, frames, ends_of_node) = match Link::new() {
            Ok(made) => made,
            Err(error) => fail(cannot_start(&label, &error.to_string())),
        };
        let NodeEnds { stdin, stdout } = ends_of_node;
        if let Err(error) = nodes::start(number, &label, stdin, stdout) {
            fail(cannot_start(&label, &error.to_string()));
        }
        let (starting, call) = Pending::new();
        let (started, start) = Pending::new();
        let state = State {
            questions: BTreeMap::new(),
            newest_question: 0,
            starting: Some(starting),
            started: Some(started),
            known: None,
            first: None,
            certain_at: Instant::now(),
            waiters: Vec::new(),
            refused: None,
            over: false,
        };
        let node = Arc::new(Node {
            number,
            ports: Ports::new(network, &name, ends),
            link: Arc::new(link),
            label,
            state: Mutex::new(state),
            call,
            start,
        });
        node.send(ToNode::Start(Box::new(life)));
        let receiver = node.clone();
        let network = network.clone();
        thread::spawn(move || receiver.receive(frames, &network, &*owner));
        node
    }

    /// Waits until the submission's constructor is called. In virtual time it is called at once. On a busy machine the
    /// start of a process can take long, and that is not the submission's doing.
    pub(crate) fn await_call(&self) {
        if sim::is_active() || self.call.wait_for(START_LIMIT).is_some() {
            return;
        }
        let is_over = self.state.lock().over;
        if !is_over {
            let problem = format!("its process has not begun after {} s", START_LIMIT.as_secs());
            fail(cannot_start(&self.label, &problem));
        }
    }

    /// Waits until the submission's constructor has returned. `false` if the node has been killed first.
    pub(crate) fn await_start(&self) -> bool {
        self.start.wait().is_some()
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
        self.put(question)?.wait()
    }

    /// The same, but waits no longer than `most`.
    pub(crate) fn ask_within(&self, question: Question, most: Duration) -> Option<Answer> {
        self.put(question)?.wait_for(most)
    }

    /// The term of a server, and whether it says that it leads.
    pub(crate) fn ask_state(&self) -> Option<(Term, bool)> {
        if sim::is_active() {
            return self.await_state();
        }
        match self.ask(Question::GetState)? {
            Answer::State { term, leads } => Some((term, leads)),
            other => {
                self.break_protocol(&format!("it answered {other:?} to a question of its state"))
            }
        }
    }

    fn await_state(&self) -> Option<(Term, bool)> {
        let mut state = self.state.lock();
        if state.over || state.known.is_some() {
            return state.known.filter(|_| !state.over);
        }
        let (waiter, answer) = Pending::new();
        state.waiters.push(waiter);
        drop(state);
        answer.wait()
    }

    /// Proposes a command to a server. `None` if it refuses, or has been killed. In virtual time a server that
    /// does not lead, and has refused a proposal in its term, is not asked again: that would cost a turn.
    pub(crate) fn propose(&self, command: &str) -> Option<Started> {
        let state = self.state.lock();
        if state.refused.is_some_and(|term| state.known == Some((term, false))) {
            return None;
        }
        drop(state);
        match self.ask(Question::Propose(command.as_bytes().to_vec()))? {
            Answer::Proposed(started) => started,
            _ => self.break_protocol("its answer to a proposal is none"),
        }
    }

    /// Has a server hand its office over to another one of its cluster. Whether it will try; `None` if it has been killed.
    pub(crate) fn transfer_leadership(&self, to: usize) -> Option<bool> {
        self.tries(Question::TransferLeadership(to))
    }

    /// Has a server add another one to its cluster. Whether it will try; `None` if it has been killed.
    pub(crate) fn add_server(&self, server: usize) -> Option<bool> {
        self.tries(Question::AddServer(server))
    }

    /// Has a server remove one from its cluster. Whether it will try; `None` if it has been killed.
    pub(crate) fn remove_server(&self, server: usize) -> Option<bool> {
        self.tries(Question::RemoveServer(server))
    }

    fn tries(&self, order: Question) -> Option<bool> {
        match self.ask(order)? {
            Answer::Tries(tries) => Some(tries),
            _ => self.break_protocol("its answer to an order is none"),
        }
    }

    /// The members of the cluster of a server, as it says. `None` if it has been killed.
    pub(crate) fn members(&self) -> Option<Vec<usize>> {
        match self.ask(Question::Members)? {
            Answer::Members(members) => Some(members),
            _ => self.break_protocol("its answer to the question who the members are is none"),
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

    fn put(&self, question: Question) -> Option<Pending<Answer>> {
        let (waiter, answer) = Pending::new();
        let mut state = self.state.lock();
        if state.over {
            return None;
        }
        state.newest_question += 1;
        let ask = state.newest_question;
        state.questions.insert(ask, waiter);
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
        state.starting = None;
        state.started = None;
        state.questions.clear();
        state.waiters.clear();
        !std::mem::replace(&mut state.over, true)
    }

    fn receive(self: Arc<Self>, frames: Frames, network: &Network, owner: &dyn Owner) {
        let take = |message| {
            if self.state.lock().over {
                return;
            }
            if let Err(failure) = self.take(message, network, owner) {
                fail(failure);
            }
        };
        let note = |said| {
            if let Err(failure) = self.note_state(said, owner) {
                fail(failure);
            }
        };
        let error = self.link.receive(frames, take, note);
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
            FromNode::Starting => return self.note_call(),
            FromNode::Started => return self.note_start(owner),
            FromNode::MakeEnd { end, to } => self.ports.make_end(end, &to),
            FromNode::Call { call, end, method, args } => {
                self.ports.begin_call(end, &method).map(|end| {
                    let node = self.clone();
                    let done = move |outcome| node.end_call(call, outcome);
                    network.call(end, &method, args, done);
                })
            }
            FromNode::Reply { request, outcome } => self.ports.reply(request, outcome),
            FromNode::Answer { ask, answer } => return self.note_answer(ask, answer, owner),
            FromNode::Panicked(panic) => {
                return Err(panicked(&self.label, &panic, &owner.describe_life()));
            }
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

    fn note_call(&self) -> Result<(), Failure> {
        let starting = self.state.lock().starting.take();
        let twice = || broken_protocol(&self.label, "it is starting twice");
        starting.ok_or_else(twice)?.give(());
        Ok(())
    }

    fn note_start(&self, owner: &dyn Owner) -> Result<(), Failure> {
        let mut state = self.state.lock();
        let (started, first) = (state.started.take(), state.first.take());
        drop(state);
        let twice = || broken_protocol(&self.label, "it has started twice");
        let started = started.ok_or_else(twice)?;
        self.note_state(first, owner)?;
        started.give(());
        Ok(())
    }

    /// A turn has ended; this is what the server says of itself now.
    fn note_state(&self, said: Option<(Term, bool)>, owner: &dyn Owner) -> Result<(), Failure> {
        let mut state = self.state.lock();
        if state.over {
            return Ok(());
        }
        if state.started.is_some() {
            state.first = said;
            return Ok(());
        }
        let last = std::mem::replace(&mut state.known, said);
        let Some((term, leads)) = said else {
            return Ok(());
        };
        // Without an answer after the last turn, this one may belong to a question of an earlier turn.
        if last.is_some() {
            state.certain_at = Instant::now();
        }
        let since = state.certain_at;
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        owner.observe((term, leads), since)?;
        for waiter in waiters {
            waiter.give((term, leads));
        }
        Ok(())
    }

    fn note_answer(&self, ask: u64, answer: Answer, owner: &dyn Owner) -> Result<(), Failure> {
        let mut state = self.state.lock();
        let Some(waiter) = state.questions.remove(&ask) else {
            let problem = format!("it answered question {ask}, which nobody asked");
            return Err(broken_protocol(&self.label, &problem));
        };
        match answer {
            Answer::State { term, leads } => {
                let since = state.certain_at;
                drop(state);
                owner.observe((term, leads), since)?;
            }
            Answer::Proposed(None) => state.refused = state.known.map(|(term, _)| term),
            _ => {}
        }
        waiter.give(answer);
        Ok(())
    }

    /// Fails the test: the node has said what it may not say.
    pub(crate) fn break_protocol(&self, problem: &str) -> ! {
        fail(broken_protocol(&self.label, problem))
    }
}
