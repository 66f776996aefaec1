//! The places where a node meets the network: its client ends, its calls, and the requests that it has to
//! answer.

use std::collections::BTreeMap;

use labrpc::{EndId, Network, Refusal, Responder};
use parking_lot::Mutex;
use protocol::Outcome;

use super::bounds::{MAX_CALLS, MAX_ENDS, MAX_NAME};

/// The ends and requests of one node.
pub(super) struct Ports {
    network: Network,
    /// What the node is called on the network.
    name: String,
    state: Mutex<State>,
}

struct State {
    /// By the node's own numbers.
    ends: Vec<EndId>,
    /// How many calls are under way.
    calls: usize,
    /// The requests that wait for the node's reply.
    requests: BTreeMap<u64, Responder>,
    newest_request: u64,
    closed: bool,
}

impl Ports {
    /// Ports whose first ends exist already.
    pub(super) fn new(network: &Network, name: &str, ends: Vec<EndId>) -> Self {
        let state =
            State { ends, calls: 0, requests: BTreeMap::new(), newest_request: 0, closed: false };
        Ports { network: network.clone(), name: name.to_owned(), state: Mutex::new(state) }
    }

    /// The node has made an end, which is open from the beginning.
    pub(super) fn make_end(&self, number: u64, to: &str) -> Result<(), String> {
        let mut state = self.state.lock();
        if number != state.ends.len() as u64 {
            return Err(format!("it made end {number}; {} is next", state.ends.len()));
        }
        if state.ends.len() >= MAX_ENDS || to.len() > MAX_NAME {
            return Err(format!("it made more than {MAX_ENDS} ends, or one with too long a name"));
        }
        let end = self.network.make_end(&self.name, to).id();
        if !state.closed {
            self.network.enable(end, true);
        }
        state.ends.push(end);
        Ok(())
    }

    /// The end of a call that the node begins.
    pub(super) fn begin_call(&self, number: u64, method: &str) -> Result<EndId, String> {
        let mut state = self.state.lock();
        let end = usize::try_from(number).ok().and_then(|number| state.ends.get(number).copied());
        let end = end.ok_or_else(|| format!("it made a call on end {number}, which it has not"))?;
        if state.calls >= MAX_CALLS || method.len() > MAX_NAME {
            return Err(format!("it made {MAX_CALLS} calls at once, or one with too long a name"));
        }
        state.calls += 1;
        Ok(end)
    }

    pub(super) fn end_call(&self) {
        self.state.lock().calls -= 1;
    }

    /// Keeps what answers a request. Returns the request's number.
    pub(super) fn add_request(&self, responder: Responder) -> u64 {
        let mut state = self.state.lock();
        state.newest_request += 1;
        let number = state.newest_request;
        state.requests.insert(number, responder);
        number
    }

    /// The node has answered a request.
    pub(super) fn reply(&self, request: u64, outcome: Outcome) -> Result<(), String> {
        let responder = self.state.lock().requests.remove(&request);
        let responder =
            responder.ok_or_else(|| format!("it answered request {request}, which it has not"))?;
        match outcome {
            Outcome::Reply(bytes) => responder.reply(Ok(bytes)),
            Outcome::Refused(reason) => responder.reply(Err(Refusal::new(reason))),
            Outcome::Failed => return Err(format!("it answered request {request} with a failure")),
        }
        Ok(())
    }

    /// Closes all ends for good.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let ends = state.ends.clone();
        drop(state);
        ends.into_iter().for_each(|end| self.network.enable(end, false));
    }
}
