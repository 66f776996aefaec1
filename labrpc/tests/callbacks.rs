//! Callbacks may use the network: they run without its lock.

mod support;

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use labrpc::{Conditions, Decision, Delay, EndId, MessageId, Network, Outcome};
use support::{RemoteSetup, begin};

/// Runs `test` on its own thread, so that a lock that stops it for good fails the test.
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (sender, ended) = channel::<()>();
    let test = thread::spawn(move || {
        let _at_end = sender;
        test();
    });
    let ended = ended.recv_timeout(Duration::from_secs(60));
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "it waits for a lock");
    if let Err(panic) = test.join() {
        resume_unwind(panic);
    }
}

/// Uses every method that takes the lock of the network.
fn use_network(network: &Network, end: EndId) {
    network.enable(network.make_end("another client", "server").id(), true);
    network.set_link("nobody", "server", false);
    network.cut_after("nobody", 1);
    network.is_cut("nobody");
    network.set_end_conditions(end, None);
    network.add_remote_server("another server", |_, _| {});
    network.delete_server("another server");
    network.requests_to("server");
    network.totals();
    network.listen(|_| {});
    network.intercept(|_| Decision::Pass);
    network.stop_intercepting();
    network.held();
    network.release(MessageId(0));
    network.discard(MessageId(0));
}

/// Uses the network from the callbacks of a server and of a caller under these conditions, and has one of
/// the calls made in a callback and one answered there.
fn callbacks_use_the_network(conditions: Conditions) {
    let setup = RemoteSetup::new();
    setup.network.set_conditions(conditions);
    let (end, inner_end) = (setup.end().id(), setup.end().id());
    let (sender, receiver) = channel();

    let network = setup.network.clone();
    setup.network.add_remote_server("server", move |request, responder| {
        use_network(&network, end);
        responder.reply(Ok(request.args));
    });
    let network = setup.network.clone();
    let calls_again = move |outcome, sender: Sender<Outcome>| {
        use_network(&network, end);
        let inner = sender.clone();
        network.call(inner_end, "Any.Method", vec![2], move |outcome| drop(inner.send(outcome)));
        drop(sender.send(outcome));
    };
    setup.network.call(end, "Any.Method", vec![1], move |outcome| calls_again(outcome, sender));

    let mut outcomes: Vec<Outcome> = Vec::new();
    for _ in 0..2 {
        let outcome = receiver.recv_timeout(Duration::from_secs(60));
        outcomes.push(outcome.expect("a callback that uses the network returns"));
    }
    assert!(outcomes.contains(&Outcome::Reply(vec![1])), "{outcomes:?}");
    assert!(outcomes.contains(&Outcome::Reply(vec![2])), "{outcomes:?}");
}

#[test]
fn callbacks_of_messages_without_delay_use_the_network() {
    in_time(|| callbacks_use_the_network(Conditions::reliable()));
}

#[test]
fn callbacks_of_the_timer_use_the_network() {
    let (request_delay, reply_delay) = (Delay::millis(1, 2), Delay::millis(1, 2));
    let conditions = Conditions { request_delay, reply_delay, ..Conditions::reliable() };
    in_time(move || callbacks_use_the_network(conditions));
}

#[test]
fn a_failed_call_is_tried_again_from_its_callback_and_then_shuts_the_network_down() {
    let setup = RemoteSetup::new();
    let end = setup.end().id();
    let waiting = setup.begin(end, b"");
    let closed = setup.network.make_end("client", "server").id();
    let (sender, receiver) = channel();
    let network = setup.network.clone();
    setup.network.call(closed, "Any.Method", Vec::new(), move |first| {
        let again = network.clone();
        network.call(closed, "Any.Method", Vec::new(), move |second| {
            again.shutdown();
            drop(sender.send((first, second)));
        });
    });
    let outcomes = receiver.recv_timeout(Duration::from_secs(60));
    assert_eq!(outcomes, Ok((Outcome::Failed, Outcome::Failed)));
    assert_eq!(waiting.recv(), Ok(Outcome::Failed));
}

#[test]
fn the_last_handle_of_a_network_may_be_dropped_in_a_callback() {
    let network = Network::new(1);
    let end = network.make_end("client", "nobody").id();
    let waiting = begin(&network, end, b"");
    let (sender, receiver) = channel();
    let last = network.clone();
    network.call(end, "Any.Method", Vec::new(), move |outcome| {
        drop(last);
        drop(sender.send(outcome));
    });
    drop(network);
    assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Ok(Outcome::Failed));
    assert_eq!(waiting.recv(), Ok(Outcome::Failed));
}

/// Uses the network when it is dropped.
struct UsesNetwork(Network);

impl UsesNetwork {
    fn exists(&self) -> bool {
        self.0.totals().requests == 0
    }
}

impl Drop for UsesNetwork {
    fn drop(&mut self) {
        self.0.totals();
    }
}

#[test]
fn what_a_callback_owns_may_use_the_network_when_it_is_dropped() {
    in_time(|| {
        let network = Network::new(1);
        let owned = || UsesNetwork(network.clone());
        for _ in 0..2 {
            let (server, listener, hook) = (owned(), owned(), owned());
            network.add_remote_server("server", move |_, _| assert!(server.exists()));
            network.listen(move |_| assert!(listener.exists()));
            network.intercept(move |_| if hook.exists() { Decision::Pass } else { Decision::Drop });
        }
        network.stop_intercepting();
        network.delete_server("server");
        let server = owned();
        network.add_remote_server("server", move |_, _| assert!(server.exists()));
        network.shutdown();
    });
}
