//! How requests reach servers, and how servers answer.

use std::sync::Arc;

use crate::refusal::Refusal;

/// A request that has arrived at its server.
#[derive(Debug)]
pub struct Request {
    /// The method that is called, such as `Raft.RequestVote`.
    pub method: Arc<str>,
    /// The encoded arguments.
    pub args: Vec<u8>,
    /// Whether it was under way without a delay, so that the next one is likely to come soon.
    pub(crate) prompt: bool,
}

/// What a server says to a request.
pub(crate) enum Answer {
    Reply(Vec<u8>),
    Refused(Refusal),
    /// The handler panicked.
    Panicked,
}

/// Answers one request.
///
/// A responder that is dropped never answers: the call fails when its server is deleted or replaced, when
/// its end is closed, or after 7 seconds.
pub struct Responder {
    answer: Box<dyn FnOnce(Answer) + Send>,
}

impl Responder {
    pub(crate) fn new(answer: impl FnOnce(Answer) + Send + 'static) -> Self {
        Responder { answer: Box::new(answer) }
    }

    /// Sends the encoded reply, or says why the server cannot execute the call.
    ///
    /// If the server has been deleted or replaced since the request arrived, that has no effect. The caller
    /// may learn of the outcome on this thread, before `reply` returns.
    pub fn reply(self, reply: Result<Vec<u8>, Refusal>) {
        self.answer(match reply {
            Ok(bytes) => Answer::Reply(bytes),
            Err(refusal) => Answer::Refused(refusal),
        });
    }

    pub(crate) fn answer(self, answer: Answer) {
        (self.answer)(answer);
    }
}

/// Takes the requests that arrive at a server. Must return at once.
pub(crate) type Handle = Arc<dyn Fn(Request, Responder) + Send + Sync>;
