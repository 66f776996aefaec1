//! The calls of this node's client ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use labrpc::{EndId, Outcome, Refusal, Transport};
use parking_lot::{Condvar, Mutex};
use protocol::FromNode;

use crate::connection::Connection;
use crate::exit;

/// Carries calls to the judge, and their outcomes back.
pub(crate) struct Calls {
    connection: Arc<Connection>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    /// How many calls there have been. They are numbered by it.
    count: u64,
    calls: BTreeMap<u64, Arc<Call>>,
}

/// A call, whose thread waits here for the outcome.
#[derive(Default)]
struct Call {
    outcome: Mutex<Option<Outcome>>,
    ended: Condvar,
}

impl Calls {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Calls { connection, waiting: Mutex::default() }
    }

    /// A call has ended.
    pub(crate) fn end(&self, number: u64, outcome: protocol::Outcome) {
        let call = self.waiting.lock().calls.remove(&number);
        let Some(call) = call else {
            exit::broken(format!("call {number} has no outcome to wait for"));
        };
        *call.outcome.lock() = Some(match outcome {
            protocol::Outcome::Reply(bytes) => Outcome::Reply(bytes),
            protocol::Outcome::Failed => Outcome::Failed,
            protocol::Outcome::Refused(reason) => Outcome::Refused(Refusal::new(reason)),
        });
        call.ended.notify_one();
    }
}

impl Transport for Calls {
    fn call(&self, end: EndId, method: &str, args: Vec<u8>) -> Outcome {
        let call = Arc::new(Call::default());
        let number = {
            let mut waiting = self.waiting.lock();
            waiting.count += 1;
            let number = waiting.count;
            waiting.calls.insert(number, call.clone());
            number
        };
        let method = method.to_owned();
        self.connection.send(&FromNode::Call { call: number, end: end.0, method, args });
        let mut outcome = call.outcome.lock();
        loop {
            if let Some(outcome) = outcome.take() {
                return outcome;
            }
            call.ended.wait(&mut outcome);
        }
    }
}
