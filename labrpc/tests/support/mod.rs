//! A network with a server to call.

#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses only a part of it")]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use labrpc::{ClientEnd, EndId, Network, Outcome, Request, Responder, Server, Service};
use parking_lot::Mutex;

/// The object whose handlers the tests call.
#[derive(Default)]
pub(crate) struct Junk {
    /// The arguments of `Double`, in the order of execution.
    pub(crate) doubled: Mutex<Vec<i64>>,
    /// What the next call of `Hang` waits for.
    blocker: Mutex<Option<Receiver<()>>>,
}

impl Junk {
    fn double(&self, value: i64) -> i64 {
        self.doubled.lock().push(value);
        value * 2
    }

    fn describe(&self, value: i64) -> String {
        format!("handler-{value}")
    }

    fn parse(&self, text: String) -> i64 {
        text.parse().unwrap_or(-1)
    }

    fn length(&self, text: String) -> u64 {
        text.len() as u64
    }

    fn repeat(&self, count: u64) -> String {
        "x".repeat(count as usize)
    }

    fn sum(&self, args: Sum) -> i64 {
        args.left + args.right.unwrap_or(0)
    }

    /// Blocks until the sender that [`Setup::block_hang`] returned is dropped.
    fn hang(&self, (): ()) -> bool {
        let blocker = self.blocker.lock().take();
        blocker.is_some_and(|blocker| blocker.recv().is_err())
    }

    fn panic(&self, (): ()) {
        panic!("this handler always panics");
    }
}

/// Arguments of a struct type.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Sum {
    pub(crate) left: i64,
    pub(crate) right: Option<i64>,
}

/// A network with one server, named `server`.
pub(crate) struct Setup {
    pub(crate) network: Network,
    pub(crate) junk: Arc<Junk>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Setup::with_seed(7)
    }

    pub(crate) fn with_seed(seed: u64) -> Self {
        let setup = Setup { network: Network::new(seed), junk: Arc::default() };
        setup.add_server("server");
        setup
    }

    /// Adds a server with the handlers of `junk`, or replaces the server `name` by it.
    pub(crate) fn add_server(&self, name: &str) {
        let service = Service::new("Junk", self.junk.clone())
            .method("Double", Junk::double)
            .method("Describe", Junk::describe)
            .method("Parse", Junk::parse)
            .method("Length", Junk::length)
            .method("Repeat", Junk::repeat)
            .method("Sum", Junk::sum)
            .method("Hang", Junk::hang)
            .method("Panic", Junk::panic);
        self.network.add_server(name, Server::new().with(service));
    }

    /// An open end from `client` to `server`.
    pub(crate) fn end(&self) -> ClientEnd {
        self.end_from("client")
    }

    /// An open end from the client `from` to `server`.
    pub(crate) fn end_from(&self, from: &str) -> ClientEnd {
        let end = self.network.make_end(from, "server");
        self.network.enable(end.id(), true);
        end
    }

    /// Makes the next call of `Junk.Hang` block until the returned sender is dropped.
    pub(crate) fn block_hang(&self) -> std::sync::mpsc::Sender<()> {
        let (sender, receiver) = channel();
        *self.junk.blocker.lock() = Some(receiver);
        sender
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        self.network.shutdown();
    }
}

/// Makes a call on a new thread, and returns the receiver of its outcome.
pub(crate) fn spawn_call<A, R>(
    end: &ClientEnd,
    method: &'static str,
    args: A,
) -> Receiver<Option<R>>
where
    A: serde::Serialize + Send + 'static,
    R: serde::de::DeserializeOwned + Send + 'static,
{
    let (sender, receiver) = channel();
    let end = end.clone();
    thread::spawn(move || sender.send(end.call(method, &args)));
    receiver
}

/// A network with one remote server, named `server`, which keeps all its requests.
pub(crate) struct RemoteSetup {
    pub(crate) network: Network,
    /// In the order of arrival.
    pub(crate) arrived: Arrived,
}

/// What a remote server has got and not answered yet.
pub(crate) type Arrived = Arc<Mutex<Vec<(Request, Responder)>>>;

impl RemoteSetup {
    pub(crate) fn new() -> Self {
        let setup = RemoteSetup { network: Network::new(7), arrived: Arrived::default() };
        setup.add_server();
        setup
    }

    /// Adds a server that keeps its requests, or replaces the one that there is.
    pub(crate) fn add_server(&self) {
        let arrived = self.arrived.clone();
        let keep = move |request, responder| arrived.lock().push((request, responder));
        self.network.add_remote_server("server", keep);
    }

    /// Replaces the server by one that returns the arguments at once.
    pub(crate) fn echo(&self) {
        let echo = |request: Request, responder: Responder| responder.reply(Ok(request.args));
        self.network.add_remote_server("server", echo);
    }

    /// An open end from `client` to `server`.
    pub(crate) fn end(&self) -> ClientEnd {
        let end = self.network.make_end("client", "server");
        self.network.enable(end.id(), true);
        end
    }

    /// Begins a call of `Any.Method` with these arguments.
    pub(crate) fn begin(&self, end: EndId, args: &[u8]) -> Receiver<Outcome> {
        begin(&self.network, end, args)
    }

    /// The request that arrived first, and its responder.
    pub(crate) fn take(&self) -> (Request, Responder) {
        self.arrived.lock().remove(0)
    }
}

impl Drop for RemoteSetup {
    fn drop(&mut self) {
        self.network.shutdown();
    }
}

/// Begins a call, and returns the receiver of its outcome.
pub(crate) fn begin(network: &Network, end: EndId, args: &[u8]) -> Receiver<Outcome> {
    let (sender, receiver) = channel();
    network.call(end, "Any.Method", args.to_vec(), move |outcome| {
        // A test that is over does not wait for it.
        let _ = sender.send(outcome);
    });
    receiver
}

/// Waits until `condition` holds. Fails the test after 10 seconds, far more than a correct network needs.
pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("condition not reached in time: {what}");
}
