//! The submission that a node runs.

use std::sync::Arc;

use protocol::{FromNode, Life, Operation, Outcome, Question, Role};

use crate::applied::AppliedMessages;
use crate::connection::Connection;
use crate::disk::Saves;
use crate::ends::Ends;
use crate::exit;
use crate::log_service::{Commands, LogService};
use crate::orders::Orders;
use crate::queue::Queue;
use crate::server::{Applying, LabServer};
use crate::submission::{Clerk, Make, Submission};

/// What takes the judge's messages for the submission.
pub(crate) enum Running {
    Server(LabServer),
    /// A clerk; its thread takes operations with the numbers of their questions.
    Clerk {
        operations: Arc<Queue<(u64, Operation)>>,
        judge: Arc<Connection>,
    },
}

/// What the thread that has made a submission does from then on.
pub(crate) type Work = Box<dyn FnOnce()>;

impl Running {
    /// Passes a request on.
    pub(crate) fn serve(&self, request: u64, method: &str, args: Vec<u8>) {
        match self {
            Running::Server(server) => server.serve(request, method, args),
            Running::Clerk { judge, .. } => {
                let outcome = Outcome::Refused(format!("no method {method}; this is a clerk"));
                judge.send(&FromNode::Reply { request, outcome });
            }
        }
    }

    /// Passes a question on.
    pub(crate) fn ask(&self, ask: u64, question: Question) {
        match (self, question) {
            (Running::Server(server), question) => server.ask(ask, question),
            (Running::Clerk { operations, .. }, Question::Operate(operation)) => {
                operations.add((ask, operation));
            }
            (Running::Clerk { .. }, question) => {
                exit::broken(format!("a clerk is asked for {question:?}"))
            }
        }
    }
}

/// Makes the server or clerk of a life, which calls the submission. Returns it, and what the calling thread
/// must do next.
pub(crate) fn start(
    make: Make,
    life: Life,
    ends: Arc<Ends>,
    judge: Arc<Connection>,
) -> (Running, Work) {
    let (snapshot, plan) = match life.role {
        Role::Raft { service } => (life.snapshot.clone(), service),
        _ => Default::default(),
    };
    let saves = Saves::new(judge.clone(), life.machine.save_time);
    match make(life, ends, saves) {
        Submission::Clerk(clerk) => start_clerk(clerk, judge),
        Submission::Server { raft, handlers, kill, applied } => {
            let orders = Arc::new(Orders::default());
            let messages = applied.map(|channel| Arc::new(AppliedMessages::new(channel)));
            let work: Work = match &messages {
                None => Box::new(|| {}),
                Some(messages) => {
                    let service = LogService {
                        raft: raft.clone(),
                        messages: messages.clone(),
                        judge: judge.clone(),
                        plan,
                        orders: orders.clone(),
                        commands: Commands::restore(&snapshot),
                    };
                    Box::new(|| service.run())
                }
            };
            let applying = messages.map(|messages| Applying { messages, orders });
            let server = LabServer::new(raft, handlers, kill.into(), applying, judge);
            (Running::Server(server), work)
        }
    }
}

/// A clerk, which carries out operations on the calling thread, one at a time.
fn start_clerk(mut clerk: Box<dyn Clerk>, judge: Arc<Connection>) -> (Running, Work) {
    let operations = Arc::new(Queue::new());
    let (asked, connection) = (operations.clone(), judge.clone());
    let work = move || {
        loop {
            for (ask, operation) in asked.take() {
                let answer = clerk.operate(operation).unwrap_or_else(|operation| {
                    exit::broken(format!("a clerk of another kind is asked for {operation:?}"))
                });
                connection.send(&FromNode::Answer { ask, answer });
            }
        }
    };
    (Running::Clerk { operations, judge }, Box::new(work))
}
