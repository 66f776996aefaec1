//! The life of a node, from its start to the end of the process.

use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use protocol::{Answer, Clock, FromNode, Life, Question, ToNode};

use crate::calls::Calls;
use crate::connection::Connection;
use crate::ends::Ends;
use crate::exit;
use crate::incoming::Incoming;
use crate::running::{self, Running};
use crate::submission::Make;

/// Lives a life: makes the submission's server or clerk on another thread, and passes on what the judge says,
/// of which `messages` have come already. Returns only with the process.
pub(crate) fn live(
    make: Make,
    life: Life,
    connection: &Arc<Connection>,
    mut incoming: Incoming,
    mut messages: Vec<ToNode>,
) -> ! {
    let calls = Arc::new(Calls::new(connection.clone()));
    let ends = Arc::new(Ends::new(connection.clone(), calls.clone()));
    let stage = Arc::new(Mutex::new(Stage::Starting(Vec::new())));
    thread::spawn({
        let (connection, stage) = (connection.clone(), stage.clone());
        move || start(make, life, ends, &connection, &stage)
    });
    let receiver = Receiver { connection, calls: &calls, stage: &stage };
    loop {
        for message in messages {
            receiver.take(message);
        }
        messages = incoming.receive();
    }
}

/// How far the start of the submission is.
enum Stage {
    /// Its constructor has not returned. What it cannot answer yet is kept.
    Starting(Vec<ToNode>),
    Started(Running),
}

/// Makes the submission, and does what this thread has to do from then on.
fn start(
    make: Make,
    life: Life,
    ends: Arc<Ends>,
    connection: &Arc<Connection>,
    stage: &Mutex<Stage>,
) {
    if life.clock == Clock::Real {
        connection.send(&FromNode::Starting);
    }
    let (submission, work) = running::start(make, life, ends, connection.clone());
    connection.send(&FromNode::Started);
    let mut stage = stage.lock();
    if let Stage::Starting(kept) = &mut *stage {
        for message in kept.drain(..) {
            pass_on(&submission, message);
        }
    }
    *stage = Stage::Started(submission);
    drop(stage);
    work();
}

fn pass_on(submission: &Running, message: ToNode) {
    match message {
        ToNode::Request { request, method, args } => submission.serve(request, &method, args),
        ToNode::Ask { ask, question } => submission.ask(ask, question),
        ToNode::Start(_) | ToNode::Outcome { .. } => exit::broken("a message is not for a server"),
    }
}

/// Takes what the judge says. Its thread must not run code of the submission, which may never return.
struct Receiver<'a> {
    connection: &'a Arc<Connection>,
    calls: &'a Calls,
    stage: &'a Mutex<Stage>,
}

impl Receiver<'_> {
    fn take(&self, message: ToNode) {
        match message {
            ToNode::Start(_) => exit::broken("a node is started twice"),
            ToNode::Outcome { call, outcome } => self.calls.end(call, outcome),
            ToNode::Ask { ask, question: Question::Threads } => {
                self.answer(ask, Answer::Threads(sim::threads()));
            }
            message => match (&mut *self.stage.lock(), message) {
                (Stage::Started(submission), message) => pass_on(submission, message),
                // There is no Raft yet that could wait.
                (Stage::Starting(_), ToNode::Ask { ask, question: Question::AppliesWait }) => {
                    self.answer(ask, Answer::AppliesWait(false));
                }
                (Stage::Starting(kept), message) => kept.push(message),
            },
        }
    }

    fn answer(&self, ask: u64, answer: Answer) {
        self.connection.send(&FromNode::Answer { ask, answer });
    }
}
