//! Servers whose handlers run in this process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::pool::{Job, Pool};
use crate::refusal::Refusal;
use crate::responder::{Answer, Handle};
use crate::service::{Handler, Methods, Service};

/// Wraps the execution of a handler: calls its argument exactly once.
type Around = Arc<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// The services behind one name on the network, and the threads that their handlers run on.
///
/// The threads end when the server is dropped, each after its current request. Requests that wait for a
/// thread are dropped then.
#[derive(Default)]
pub struct Server {
    methods: Methods,
    around: Option<Around>,
    pool: Pool,
}

impl Server {
    /// A server that has no services yet.
    pub fn new() -> Self {
        Server::default()
    }

    /// Adds a service.
    #[must_use]
    pub fn with<T>(mut self, service: Service<T>) -> Self {
        self.methods.extend(service.methods);
        self
    }

    /// Wraps every handler in `around`, for example to prepare the thread that the handler runs on.
    /// `around` must call its argument exactly once.
    #[must_use]
    pub fn called_by(mut self, around: impl Fn(&mut dyn FnMut()) + Send + Sync + 'static) -> Self {
        self.around = Some(Arc::new(around));
        self
    }

    /// Runs the handler of `method` on a thread of this server, and returns at once. A request never
    /// waits for another one: if all threads are busy, a new one is started.
    ///
    /// `respond` gets the encoded reply, on the thread of the handler. A request that the server has no
    /// handler for is refused at once, on the calling thread. If the handler panics, `respond` is dropped.
    pub fn serve(
        &self,
        method: &str,
        args: Vec<u8>,
        respond: impl FnOnce(Result<Vec<u8>, Refusal>) + Send + 'static,
    ) {
        self.run(method, args, false, |answer| match answer {
            Answer::Reply(bytes) => respond(Ok(bytes)),
            Answer::Refused(refusal) => respond(Err(refusal)),
            Answer::Panicked => {}
        });
    }

    /// What takes the requests to this server on a network.
    pub(crate) fn into_handle(self) -> Handle {
        Arc::new(move |request, responder| {
            let answer = |answer| responder.answer(answer);
            self.run(&request.method, request.args, request.prompt, answer);
        })
    }

    /// Runs a handler. `prompt` says that the next request is likely to come soon.
    fn run(
        &self,
        method: &str,
        args: Vec<u8>,
        prompt: bool,
        respond: impl FnOnce(Answer) + Send + 'static,
    ) {
        let Some(handler) = self.methods.get(method).cloned() else {
            return respond(Answer::Refused(Refusal::unknown_method(method, self.methods.names())));
        };
        let around = self.around.clone();
        let run = Box::new(move || {
            // A handler that panics must not end the worker.
            let execute = AssertUnwindSafe(|| execute(&handler, around.as_ref(), &args));
            let answer = catch_unwind(execute).unwrap_or(Answer::Panicked);
            // What the handler owns is released first: a caller may check that once it has the reply.
            drop((handler, around));
            respond(answer);
        });
        self.pool.submit(Job { run, prompt });
    }

    /// How many of this server's threads wait for a request.
    pub fn idle_workers(&self) -> usize {
        self.pool.idle_workers()
    }
}

fn execute(handler: &Handler, around: Option<&Around>, args: &[u8]) -> Answer {
    let mut answer = None;
    let mut handle = || answer = Some(handler(args));
    match around {
        Some(around) => around(&mut handle),
        None => handle(),
    }
    match answer.expect("`called_by` requires that the wrapper calls the handler") {
        Ok(bytes) => Answer::Reply(bytes),
        Err(refusal) => Answer::Refused(refusal),
    }
}
