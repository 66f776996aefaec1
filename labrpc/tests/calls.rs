//! Calls on a network that works.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use support::{Setup, Sum};

#[test]
fn a_call_reaches_its_handler_and_returns_the_reply() {
    let setup = Setup::new();
    let end = setup.end();
    assert_eq!(end.call("Junk.Describe", &111), Some("handler-111".to_owned()));
    assert_eq!(end.call("Junk.Parse", "9099"), Some(9099));
}

#[test]
fn arguments_may_be_structs_and_boxes() {
    let setup = Setup::new();
    let end = setup.end();
    let args = Sum { left: 7, right: Some(5) };
    assert_eq!(end.call("Junk.Sum", &args), Some(12));
    assert_eq!(end.call("Junk.Sum", &Box::new(Sum { left: 7, right: None })), Some(7));
}

#[test]
fn an_end_carries_no_calls_until_it_is_enabled() {
    let setup = Setup::new();
    let end = setup.network.make_end("client", "server");
    assert_eq!(end.call::<_, i64>("Junk.Double", &1), None);
    assert!(setup.junk.doubled.lock().is_empty());

    setup.network.enable(end.id(), true);
    assert_eq!(end.call("Junk.Double", &1), Some(2));
}

#[test]
fn delivered_requests_are_counted_for_each_server() {
    let setup = Setup::new();
    let end = setup.end();
    for value in 0..17 {
        assert_eq!(end.call("Junk.Double", &value), Some(value * 2));
    }
    assert_eq!(setup.network.requests_to("server"), 17);
    assert_eq!(setup.network.requests_to("nobody"), 0);
    assert_eq!(setup.network.totals().requests, 17);
}

#[test]
fn bytes_of_requests_and_of_delivered_replies_are_counted() {
    let setup = Setup::new();
    let end = setup.end();
    let text = "x".repeat(284);
    for _ in 0..17 {
        assert_eq!(end.call("Junk.Length", &text), Some(284u64));
    }
    // A string is encoded as its length and its text. A length up to 250 takes one byte, and a greater
    // one three.
    let requests = 17 * (284 + 3 + 3);
    assert_eq!(setup.network.totals().bytes, requests);

    for _ in 0..17 {
        assert_eq!(end.call("Junk.Repeat", &107u64), Some("x".repeat(107)));
    }
    assert_eq!(setup.network.totals().bytes, requests + 17 * (1 + 107 + 1));
}

#[test]
fn many_clients_call_at_the_same_time() {
    let setup = Setup::new();
    thread::scope(|scope| {
        for client in 0..20i64 {
            let end = setup.end_from(&format!("client-{client}"));
            scope.spawn(move || {
                for call in 0..10 {
                    let value = client * 100 + call;
                    assert_eq!(end.call("Junk.Double", &value), Some(value * 2));
                }
            });
        }
    });
    assert_eq!(setup.network.requests_to("server"), 200);
    assert_eq!(setup.network.totals().requests, 200);
}

#[test]
fn one_end_carries_many_calls_at_the_same_time() {
    let setup = Setup::new();
    let end = setup.end();
    thread::scope(|scope| {
        for value in 0..20i64 {
            let end = &end;
            scope.spawn(move || assert_eq!(end.call("Junk.Double", &value), Some(value * 2)));
        }
    });
    let mut doubled = setup.junk.doubled.lock().clone();
    doubled.sort_unstable();
    assert_eq!(doubled, (0..20).collect::<Vec<_>>());
    assert_eq!(setup.network.requests_to("server"), 20);
}

#[test]
fn an_unknown_method_is_refused_with_a_list_of_known_methods() {
    let setup = Setup::new();
    let message = panic_message(|| setup.end().call::<_, i64>("Junk.Triple", &1));
    assert_eq!(
        message,
        "server refused the call: no method Junk.Triple; this server has Junk.Describe, Junk.Double, \
         Junk.Hang, Junk.Length, Junk.Panic, Junk.Parse, Junk.Repeat, Junk.Sum"
    );
}

#[test]
fn arguments_of_the_wrong_type_are_refused() {
    let setup = Setup::new();
    let message = panic_message(|| setup.end().call::<_, i64>("Junk.Parse", &u64::MAX));
    assert!(
        message.starts_with("server refused the call: arguments of Junk.Parse: failed to "),
        "{message}"
    );
}

#[test]
fn a_reply_of_the_wrong_type_is_refused() {
    let setup = Setup::new();
    let message =
        panic_message(|| setup.end().call::<_, String>("Junk.Sum", &Sum { left: 70, right: None }));
    assert!(message.starts_with("reply of Junk.Sum from server: failed to "), "{message}");
}

#[test]
fn a_panicking_handler_fails_only_its_own_call() {
    let setup = Setup::new();
    let end = setup.end();
    assert_eq!(end.call::<_, ()>("Junk.Panic", &()), None);
    assert_eq!(end.call("Junk.Double", &4), Some(8));
}

fn panic_message<R>(call: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(call)).err().expect("the call panics");
    *payload.downcast::<String>().expect("the message is a string")
}
