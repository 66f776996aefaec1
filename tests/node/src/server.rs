//! A server of a lab, and what the judge wants of it.

use std::sync::Arc;

use labrpc::{Server, ThreadPool};
use protocol::{Answer, FromNode, Outcome, Question, STATE_THREAD};

use crate::applied::AppliedMessages;
use crate::connection::Connection;
use crate::exit;
use crate::orders::Orders;
use crate::queue::Queue;
use crate::state;
use crate::submission::Raft;

/// A server of a lab.
pub(crate) struct LabServer {
    raft: Arc<dyn Raft>,
    handlers: Server,
    /// Calls the server's `kill`.
    kill: Arc<dyn Fn() + Send + Sync>,
    applying: Option<Applying>,
    /// On the clock: the numbers of questions for Raft's state.
    state_questions: Arc<Queue<u64>>,
    /// The threads that call the server otherwise.
    callers: ThreadPool,
    judge: Arc<Connection>,
}

/// What goes between Raft and the service of Lab 2, and between that and the test.
pub(crate) struct Applying {
    pub(crate) messages: Arc<AppliedMessages>,
    pub(crate) orders: Arc<Orders>,
}

impl LabServer {
    /// A server with its Raft; `applying` only in Lab 2.
    pub(crate) fn new(
        raft: Arc<dyn Raft>,
        handlers: Server,
        kill: Arc<dyn Fn() + Send + Sync>,
        applying: Option<Applying>,
        judge: Arc<Connection>,
    ) -> Self {
        LabServer {
            handlers,
            kill,
            applying,
            state_questions: state::start_asking(raft.clone(), judge.clone()),
            raft,
            callers: ThreadPool::new(),
            judge,
        }
    }

    /// Has a request handled, and sends the reply.
    pub(crate) fn serve(&self, request: u64, method: &str, args: Vec<u8>) {
        let judge = self.judge.clone();
        self.handlers.serve(method, args, move |reply| {
            let outcome = match reply {
                Ok(bytes) => Outcome::Reply(bytes),
                Err(refusal) => Outcome::Refused(refusal.to_string()),
            };
            judge.send(&FromNode::Reply { request, outcome });
        });
    }

    /// Has a question answered, on another thread if that calls the submission.
    pub(crate) fn ask(&self, ask: u64, question: Question) {
        let raft = self.raft.clone();
        match question {
            Question::Propose(command) => {
                self.answer(ask, move || Answer::Proposed(raft.start(command)))
            }
            Question::TransferLeadership(to) => {
                self.answer(ask, move || Answer::Tries(raft.transfer_leadership(to)))
            }
            Question::AddServer(server) => {
                self.answer(ask, move || Answer::Tries(raft.add_server(server)))
            }
            Question::RemoveServer(server) => {
                self.answer(ask, move || Answer::Tries(raft.remove_server(server)))
            }
            Question::Members => self.answer(ask, move || Answer::Members(raft.members())),
            Question::GetState => self.state_questions.add(ask),
            Question::Kill => {
                let kill = self.kill.clone();
                self.answer(ask, move || {
                    kill();
                    Answer::Killed
                });
            }
            Question::Order(_) | Question::AppliesWait => {
                let answer = self.ask_service(&question);
                self.judge.send(&FromNode::Answer { ask, answer });
            }
            Question::CountThreads => {
                let answer = Answer::ThreadCount(self.count_threads());
                self.judge.send(&FromNode::Answer { ask, answer });
            }
            Question::Operate(_) | Question::Threads => refuse(&question),
        }
    }

    /// How many threads there are, apart from those that wait for a request or for a message of Raft, or ask for the
    /// state.
    fn count_threads(&self) -> usize {
        let names = sim::thread_names();
        let others = names.iter().filter(|name| *name != STATE_THREAD).count();
        let waits = |applying: &Applying| applying.messages.is_awaited();
        let service = usize::from(self.applying.as_ref().is_some_and(waits));
        others.saturating_sub(self.handlers.idle_workers() + service)
    }

    fn ask_service(&self, question: &Question) -> Answer {
        match (question, &self.applying) {
            (Question::Order(order), Some(applying)) => {
                applying.orders.give(*order);
                Answer::Ordered
            }
            (Question::AppliesWait, applying) => {
                let waits = |applying: &Applying| applying.messages.try_receive();
                Answer::AppliesWait(applying.as_ref().is_some_and(waits))
            }
            _ => refuse(question),
        }
    }

    fn answer(&self, ask: u64, answer: impl FnOnce() -> Answer + Send + 'static) {
        let judge = self.judge.clone();
        self.callers.execute(move || {
            let answer = answer();
            judge.send(&FromNode::Answer { ask, answer });
        });
    }
}

/// No server is asked for this.
fn refuse(question: &Question) -> ! {
    exit::broken(format!("a server is asked for {question:?}"))
}
