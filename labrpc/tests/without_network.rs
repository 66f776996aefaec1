//! Client ends and servers where there is no network: it is in another process.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use labrpc::{ClientEnd, EndId, Outcome, Refusal, Server, Service, Transport};
use parking_lot::Mutex;

struct Calculator {
    /// Where two calls of `meet` wait for each other.
    meeting: Barrier,
}

impl Calculator {
    fn double(&self, value: i64) -> i64 {
        value * 2
    }

    fn meet(&self, (): ()) -> bool {
        self.meeting.wait();
        true
    }

    fn panic(&self, (): ()) {
        panic!("this handler always panics");
    }
}

fn server() -> Server {
    let calculator = Arc::new(Calculator { meeting: Barrier::new(2) });
    let service = Service::new("Calculator", calculator)
        .method("Double", Calculator::double)
        .method("Meet", Calculator::meet)
        .method("Panic", Calculator::panic);
    Server::new().with(service)
}

/// Carries calls straight to a server, and notes them.
struct Straight {
    server: Server,
    calls: Mutex<Vec<(EndId, String)>>,
}

impl Transport for Straight {
    fn call(&self, end: EndId, method: &str, args: Vec<u8>) -> Outcome {
        self.calls.lock().push((end, method.to_owned()));
        let (sender, receiver) = channel();
        self.server.serve(method, args, move |reply| drop(sender.send(reply)));
        match receiver.recv() {
            Ok(Ok(reply)) => Outcome::Reply(reply),
            Ok(Err(refusal)) => Outcome::Refused(refusal),
            Err(_) => Outcome::Failed,
        }
    }
}

fn connect() -> (ClientEnd, Arc<Straight>) {
    let transport = Arc::new(Straight { server: server(), calls: Mutex::default() });
    (ClientEnd::new(EndId(5), "calculator", transport.clone()), transport)
}

#[test]
fn a_call_goes_through_the_transport() {
    let (end, transport) = connect();
    assert_eq!(end.id(), EndId(5));
    assert_eq!(end.call("Calculator.Double", &21i64), Some(42i64));
    assert_eq!(*transport.calls.lock(), [(EndId(5), "Calculator.Double".to_owned())]);
}

#[test]
fn a_call_that_gets_no_reply_returns_none() {
    let (end, _) = connect();
    assert_eq!(end.call::<_, ()>("Calculator.Panic", &()), None);
    assert_eq!(end.call("Calculator.Double", &1i64), Some(2i64), "the server goes on");
}

#[test]
fn a_refused_call_names_the_server() {
    let (end, _) = connect();
    let call = || end.call::<_, i64>("Calculator.Halve", &1i64);
    let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("the call panics");
    assert_eq!(
        *payload.downcast::<String>().expect("the message is a string"),
        "calculator refused the call: no method Calculator.Halve; this server has Calculator.Double, \
         Calculator.Meet, Calculator.Panic"
    );
}

#[test]
fn handlers_of_a_server_run_at_the_same_time() {
    let server = server();
    let (sender, receiver) = channel();
    let serve = || {
        let sender = sender.clone();
        let respond = move |reply| drop(sender.send(reply));
        server.serve("Calculator.Meet", labgob::encode(&()), respond);
    };
    serve();
    let nothing = receiver.recv_timeout(Duration::from_millis(20));
    assert_eq!(nothing, Err(RecvTimeoutError::Timeout), "`serve` returns, and its handler waits");
    serve();
    for _ in 0..2 {
        let reply = receiver.recv_timeout(Duration::from_secs(60));
        assert_eq!(reply, Ok(Ok(labgob::encode(&true))));
    }
}

#[test]
fn arguments_that_cannot_be_decoded_are_refused() {
    let (sender, receiver) = channel();
    let server = server();
    server.serve("Calculator.Double", Vec::new(), move |reply| drop(sender.send(reply)));
    let refusal = receiver.recv().unwrap().expect_err("there is no number");
    let text = refusal.to_string();
    assert!(text.starts_with("arguments of Calculator.Double: failed to "), "{text}");
    assert_eq!(Refusal::new(text), refusal, "a refusal can cross to another process as text");
}

#[test]
fn a_wrapper_runs_around_each_handler() {
    let log: Arc<Mutex<Vec<&str>>> = Arc::default();
    let sink = log.clone();
    let server = server().called_by(move |handle| {
        sink.lock().push("before");
        handle();
        sink.lock().push("after");
    });
    let (sender, receiver) = channel();
    let respond = move |reply| drop(sender.send(reply));
    server.serve("Calculator.Double", labgob::encode(&4i64), respond);
    assert_eq!(receiver.recv(), Ok(Ok(labgob::encode(&8i64))));
    assert_eq!(*log.lock(), ["before", "after"]);
}
