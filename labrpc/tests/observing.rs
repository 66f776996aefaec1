//! How a test observes messages and decides what happens to them.

mod support;

use std::sync::Arc;

use labrpc::{Conditions, Decision, DropReason, EventKind, Leg};
use parking_lot::Mutex;
use support::{Setup, eventually, spawn_call};

/// Records each event as a line: the leg, `from>to`, the method, and what happened.
fn record(setup: &Setup) -> Arc<Mutex<Vec<String>>> {
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = log.clone();
    setup.network.listen(move |event| {
        let message = &event.message;
        let line = format!(
            "{:?} {}>{} {} {:?}",
            message.leg, message.from, message.to, message.method, event.kind
        );
        sink.lock().push(line);
    });
    log
}

#[test]
fn a_listener_sees_the_four_events_of_a_call() {
    let setup = Setup::new();
    let log = record(&setup);
    setup.end().call::<_, i64>("Junk.Double", &1);
    assert_eq!(
        *log.lock(),
        [
            "Request client>server Junk.Double Sent",
            "Request client>server Junk.Double Delivered",
            "Reply server>client Junk.Double Sent",
            "Reply server>client Junk.Double Delivered",
        ]
    );
}

#[test]
fn a_listener_learns_why_each_message_was_dropped_and_its_call_ended() {
    let setup = Setup::new();
    let reasons: Arc<Mutex<[Vec<DropReason>; 2]>> = Arc::default();
    let sink = reasons.clone();
    setup.network.listen(move |event| match event.kind {
        EventKind::Dropped(reason) => sink.lock()[0].push(reason),
        EventKind::Unanswered(reason) => sink.lock()[1].extend(reason),
        _ => {}
    });
    let end = setup.end();
    let call = |method| end.call::<_, i64>(method, &1);

    setup.network.enable(end.id(), false);
    call("Junk.Double");
    setup.network.enable(end.id(), true);
    setup.network.set_conditions(Conditions { request_loss: 1.0, ..Conditions::reliable() });
    call("Junk.Double");
    setup.network.set_conditions(Conditions { reply_loss: 1.0, ..Conditions::reliable() });
    call("Junk.Double");
    setup.network.set_conditions(Conditions::reliable());
    setup.network.intercept(|_| Decision::Drop);
    call("Junk.Double");
    setup.network.stop_intercepting();
    setup.network.set_link("client", "server", false);
    call("Junk.Double");
    setup.network.set_link("client", "server", true);
    end.call::<_, ()>("Junk.Panic", &());
    setup.network.delete_server("server");
    call("Junk.Double");

    use DropReason::{Decided, EndClosed, HandlerPanicked, LinkDown, Lost, ServerGone};
    let expected = [EndClosed, Lost, Lost, Decided, LinkDown, HandlerPanicked, ServerGone];
    let expected = expected.to_vec();
    assert_eq!(*reasons.lock(), [expected.clone(), expected]);
}

#[test]
fn a_hook_sees_sender_recipient_method_and_bytes() {
    let setup = Setup::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    setup.network.intercept(move |message| {
        let route = format!("{}>{} {}", message.from, message.to, message.method);
        sink.lock().push((message.leg, route, message.bytes.to_vec()));
        Decision::Pass
    });
    setup.end().call::<_, i64>("Junk.Double", &21);
    assert_eq!(
        *seen.lock(),
        [
            (Leg::Request, "client>server Junk.Double".to_owned(), labgob::encode(&21i64)),
            (Leg::Reply, "server>client Junk.Double".to_owned(), labgob::encode(&42i64)),
        ]
    );
}

#[test]
fn a_held_request_can_be_delivered_to_a_later_server() {
    let setup = Setup::new();
    setup.network.intercept(|message| match message.leg {
        Leg::Request => Decision::Hold,
        Leg::Reply => Decision::Pass,
    });
    let end = setup.end();
    let call = spawn_call::<_, i64>(&end, "Junk.Double", 8);
    eventually("the request is held", || setup.network.held().len() == 1);
    setup.network.enable(end.id(), false);
    setup.network.delete_server("server");
    assert!(setup.junk.doubled.lock().is_empty());

    setup.add_server("server");
    setup.network.enable(end.id(), true);
    let held = setup.network.held().remove(0);
    assert_eq!((held.from.as_str(), held.to.as_str()), ("client", "server"));
    assert!(setup.network.release(held.id));
    assert_eq!(call.recv(), Ok(Some(16)), "the call is still waiting");
    assert!(!setup.network.release(held.id), "a message can be released only once");
}

#[test]
fn a_held_reply_completes_its_call_when_released() {
    let setup = Setup::new();
    setup.network.intercept(|message| match message.leg {
        Leg::Request => Decision::Pass,
        Leg::Reply => Decision::Hold,
    });
    let call = spawn_call::<_, i64>(&setup.end(), "Junk.Double", 8);
    eventually("the reply is held", || setup.network.held().len() == 1);
    assert!(call.try_recv().is_err());
    assert!(setup.network.release(setup.network.held()[0].id));
    assert_eq!(call.recv(), Ok(Some(16)));
}

#[test]
fn a_held_request_can_be_delivered_twice() {
    let setup = Setup::new();
    setup.network.intercept(|message| match message.leg {
        Leg::Request => Decision::Hold,
        Leg::Reply => Decision::Pass,
    });
    let call = spawn_call::<_, i64>(&setup.end(), "Junk.Double", 8);
    eventually("the request is held", || setup.network.held().len() == 1);
    let held = setup.network.held()[0].id;
    assert!(setup.network.release_twice(held));
    assert_eq!(call.recv(), Ok(Some(16)));
    eventually("it is handled twice", || *setup.junk.doubled.lock() == [8, 8]);
    assert!(!setup.network.release_twice(held), "a message can be released only once");
}

#[test]
fn held_messages_that_have_been_looked_at_can_be_left_out() {
    let setup = Setup::new();
    setup.network.intercept(|_| Decision::Hold);
    let end = setup.end();
    let _first = spawn_call::<_, i64>(&end, "Junk.Double", 1);
    eventually("the first request is held", || setup.network.held().len() == 1);
    let last = setup.network.held()[0].id;
    assert_eq!(setup.network.held_after(last), []);
    let _second = spawn_call::<_, i64>(&end, "Junk.Double", 2);
    eventually("the second request is held", || setup.network.held_after(last).len() == 1);
    assert_eq!(setup.network.held().len(), 2);
}

#[test]
fn a_discarded_message_fails_its_call() {
    let setup = Setup::new();
    setup.network.intercept(|_| Decision::Hold);
    let call = spawn_call::<_, i64>(&setup.end(), "Junk.Double", 8);
    eventually("the request is held", || setup.network.held().len() == 1);
    assert!(setup.network.discard(setup.network.held()[0].id));
    assert_eq!(call.recv(), Ok(None));
    assert!(setup.junk.doubled.lock().is_empty());
}

#[test]
fn a_held_request_is_dropped_if_its_end_is_closed_when_released() {
    let setup = Setup::new();
    setup.network.intercept(|_| Decision::Hold);
    let end = setup.end();
    let call = spawn_call::<_, i64>(&end, "Junk.Double", 8);
    eventually("the request is held", || setup.network.held().len() == 1);
    setup.network.enable(end.id(), false);
    assert!(setup.network.release(setup.network.held()[0].id));
    assert_eq!(call.recv(), Ok(None));
    assert_eq!(setup.network.requests_to("server"), 0);
}

#[test]
fn decisions_override_the_conditions_of_a_link() {
    let setup = Setup::new();
    setup.network.set_conditions(Conditions {
        request_loss: 1.0,
        reply_loss: 1.0,
        ..Conditions::reliable()
    });
    setup.network.intercept(|message| match message.leg {
        Leg::Request => Decision::Duplicate,
        Leg::Reply => Decision::Deliver,
    });
    assert_eq!(setup.end().call("Junk.Double", &3), Some(6));
    eventually("the duplicate runs", || *setup.junk.doubled.lock() == [3, 3]);
}
