//! Servers that are somewhere else, and calls that nobody waits for.

mod support;

use std::sync::Arc;
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Conditions, Decision, Delay, DropReason, EndId, EventKind, Leg, Outcome, Refusal};
use parking_lot::Mutex;
use support::{RemoteSetup, eventually};

/// Collects why messages are dropped.
fn record_drops(setup: &RemoteSetup) -> Arc<Mutex<Vec<(Leg, DropReason)>>> {
    let log: Arc<Mutex<Vec<(Leg, DropReason)>>> = Arc::default();
    let sink = log.clone();
    setup.network.listen(move |event| {
        if let EventKind::Dropped(reason) = event.kind {
            sink.lock().push((event.message.leg, reason));
        }
    });
    log
}

#[test]
fn a_remote_server_gets_method_and_arguments_and_its_answer_ends_the_call() {
    let setup = RemoteSetup::new();
    let call = setup.begin(setup.end().id(), b"arguments");
    assert_eq!(call.try_recv(), Err(TryRecvError::Empty), "there is no answer yet");
    let (request, responder) = setup.take();
    assert_eq!((&*request.method, &*request.args), ("Any.Method", &b"arguments"[..]));

    responder.reply(Ok(b"reply".to_vec()));
    assert_eq!(call.try_recv(), Ok(Outcome::Reply(b"reply".to_vec())));
    assert_eq!(setup.network.requests_to("server"), 1);
    assert_eq!(setup.network.totals().bytes, 9 + 5);
}

#[test]
fn an_answer_may_come_from_any_thread() {
    let setup = RemoteSetup::new();
    let call = setup.begin(setup.end().id(), b"");
    let (_, responder) = setup.take();
    thread::spawn(move || responder.reply(Ok(vec![3])));
    assert_eq!(call.recv(), Ok(Outcome::Reply(vec![3])));
}

#[test]
fn threads_can_wait_for_remote_servers() {
    let setup = RemoteSetup::new();
    setup.echo();
    assert_eq!(setup.end().call("Any.Method", "hello"), Some("hello".to_owned()));
}

#[test]
fn a_message_without_delay_passes_through_no_other_thread() {
    let setup = RemoteSetup::new();
    let threads = Arc::new(Mutex::new(Vec::new()));
    let seen = threads.clone();
    setup.network.add_remote_server("server", move |request, responder| {
        seen.lock().push(thread::current().id());
        responder.reply(Ok(request.args));
    });
    let seen = threads.clone();
    setup.network.call(setup.end().id(), "Any.Method", Vec::new(), move |_| {
        seen.lock().push(thread::current().id());
    });
    let here = thread::current().id();
    assert_eq!(*threads.lock(), [here, here], "both ran before `call` returned");
}

#[test]
fn messages_of_a_thread_arrive_in_order() {
    let setup = RemoteSetup::new();
    let end = setup.end();
    for value in 0..200 {
        drop(setup.begin(end.id(), &[value]));
    }
    let arrived: Vec<u8> =
        setup.arrived.lock().iter().map(|(request, _)| request.args[0]).collect();
    assert_eq!(arrived, (0..200).collect::<Vec<u8>>());
}

#[test]
fn a_refusal_reaches_the_caller() {
    let setup = RemoteSetup::new();
    let drops = record_drops(&setup);
    let call = setup.begin(setup.end().id(), b"");
    setup.take().1.reply(Err(Refusal::new("no method Any.Method")));
    let outcome = call.try_recv().unwrap();
    assert_eq!(outcome, Outcome::Refused(Refusal::new("no method Any.Method")));
    assert_eq!(*drops.lock(), [(Leg::Request, DropReason::Refused)]);
}

#[test]
fn a_call_on_an_end_of_another_network_is_refused() {
    let setup = RemoteSetup::new();
    let call = setup.begin(EndId(u64::MAX), b"");
    assert_eq!(
        call.try_recv(),
        Ok(Outcome::Refused(Refusal::new(format!("no client end {}", u64::MAX))))
    );
    assert_eq!(setup.network.totals().requests, 0);
}

#[test]
fn a_dropped_responder_leaves_its_call_waiting_until_the_server_is_deleted() {
    let setup = RemoteSetup::new();
    let call = setup.begin(setup.end().id(), b"");
    drop(setup.take());
    assert_eq!(call.try_recv(), Err(TryRecvError::Empty));
    setup.network.delete_server("server");
    assert_eq!(call.recv(), Ok(Outcome::Failed));
}

#[test]
fn a_call_fails_long_before_its_timeout_when_its_end_is_closed() {
    let setup = RemoteSetup::new();
    let (closed, open) = (setup.end().id(), setup.end().id());
    let calls = [setup.begin(open, b""), setup.begin(closed, b"")];
    setup.network.enable(closed, false);
    assert_eq!(calls[1].recv(), Ok(Outcome::Failed));
    assert_eq!(calls[0].try_recv(), Err(TryRecvError::Empty), "the older call still waits");
}

#[test]
fn what_a_replaced_server_says_is_dropped() {
    let setup = RemoteSetup::new();
    let drops = record_drops(&setup);
    let end = setup.end();
    let calls = [setup.begin(end.id(), b"1"), setup.begin(end.id(), b"2")];
    let (replies, refuses) = (setup.take().1, setup.take().1);

    setup.add_server();
    replies.reply(Ok(vec![1]));
    refuses.reply(Err(Refusal::new("too late")));
    use DropReason::ServerGone;
    assert_eq!(*drops.lock(), [(Leg::Reply, ServerGone), (Leg::Request, ServerGone)]);
    for call in calls {
        assert_eq!(call.recv(), Ok(Outcome::Failed));
    }

    let call = setup.begin(end.id(), b"");
    setup.take().1.reply(Ok(vec![2]));
    assert_eq!(call.recv(), Ok(Outcome::Reply(vec![2])), "the new server answers");
}

#[test]
fn answers_count_towards_a_cut() {
    let setup = RemoteSetup::new();
    let drops = record_drops(&setup);
    let end = setup.end();
    let calls: Vec<_> = (0..3).map(|value| setup.begin(end.id(), &[value])).collect();
    setup.network.cut_after("server", 1);
    setup.take().1.reply(Ok(vec![1]));
    assert!(setup.network.is_cut("server"));
    setup.take().1.reply(Ok(vec![2]));
    setup.take().1.reply(Err(Refusal::new("cut off")));

    assert_eq!(calls[0].recv(), Ok(Outcome::Reply(vec![1])));
    assert_eq!(calls[1].recv(), Ok(Outcome::Failed));
    assert_eq!(calls[2].recv(), Ok(Outcome::Failed));
    use DropReason::LinkDown;
    assert_eq!(*drops.lock(), [(Leg::Reply, LinkDown), (Leg::Request, LinkDown)]);

    let call = setup.begin(end.id(), b"");
    assert_eq!(call.recv(), Ok(Outcome::Failed));
    assert!(setup.arrived.lock().is_empty(), "nothing reaches it any more");
}

#[test]
fn a_link_that_is_down_towards_the_caller_lets_requests_arrive() {
    let setup = RemoteSetup::new();
    setup.network.set_link("server", "client", false);
    let call = setup.begin(setup.end().id(), b"");
    setup.take().1.reply(Ok(vec![1]));
    assert_eq!(call.recv(), Ok(Outcome::Failed));
}

#[test]
fn each_copy_of_a_duplicated_request_is_answered_and_the_first_answer_counts() {
    let setup = RemoteSetup::new();
    let drops = record_drops(&setup);
    setup.network.set_conditions(Conditions { duplication: 1.0, ..Conditions::reliable() });
    let call = setup.begin(setup.end().id(), b"twice");
    let (first, second) = (setup.take(), setup.take());
    assert_eq!((&*first.0.args, &*second.0.args), (&b"twice"[..], &b"twice"[..]));

    second.1.reply(Ok(vec![2]));
    first.1.reply(Ok(vec![1]));
    assert_eq!(call.recv(), Ok(Outcome::Reply(vec![2])));
    assert_eq!(*drops.lock(), [(Leg::Reply, DropReason::CallerGone)]);
}

#[test]
fn delayed_messages_come_from_the_timer() {
    let setup = RemoteSetup::new();
    setup.echo();
    let (request_delay, reply_delay) = (Delay::millis(1, 2), Delay::millis(1, 2));
    setup.network.set_conditions(Conditions {
        request_delay,
        reply_delay,
        ..Conditions::reliable()
    });
    let end = setup.end();
    let calls: Vec<_> = (0..100).map(|value| setup.begin(end.id(), &[value])).collect();
    for (value, call) in calls.iter().enumerate() {
        assert_eq!(call.recv(), Ok(Outcome::Reply(vec![value as u8])));
    }
}

#[test]
fn held_messages_end_their_calls_when_they_are_released_or_discarded() {
    let setup = RemoteSetup::new();
    setup.network.intercept(|_| Decision::Hold);
    let end = setup.end();
    let calls = [setup.begin(end.id(), b"1"), setup.begin(end.id(), b"2")];
    let held = setup.network.held();
    assert!(setup.arrived.lock().is_empty());
    setup.network.stop_intercepting();

    assert!(setup.network.release(held[0].id));
    setup.take().1.reply(Ok(vec![1]));
    assert_eq!(calls[0].try_recv(), Ok(Outcome::Reply(vec![1])));
    assert!(setup.network.discard(held[1].id));
    assert_eq!(calls[1].try_recv(), Ok(Outcome::Failed));
    assert!(!setup.network.release(held[1].id));
}

#[test]
fn a_call_with_a_held_message_outlives_its_end_and_its_server() {
    let setup = RemoteSetup::new();
    setup.network.intercept(|_| Decision::Hold);
    let end = setup.end().id();
    let call = setup.begin(end, b"held");
    setup.network.stop_intercepting();
    setup.network.enable(end, false);
    setup.add_server();
    // Calls that do fail for these reasons have failed after this time.
    thread::sleep(Duration::from_millis(100));
    assert_eq!(call.try_recv(), Err(TryRecvError::Empty));

    setup.network.enable(end, true);
    assert!(setup.network.release(setup.network.held()[0].id));
    setup.take().1.reply(Ok(vec![1]));
    assert_eq!(call.try_recv(), Ok(Outcome::Reply(vec![1])));
}

#[test]
fn a_deleted_server_is_dropped_and_so_is_every_server_of_a_network_that_shuts_down() {
    let setup = RemoteSetup::new();
    let (deleted, shut_down) = (Arc::new(()), Arc::new(()));
    for (name, token) in [("deleted", &deleted), ("shut down", &shut_down)] {
        // The handle makes a cycle, which must not keep the server.
        let (token, network) = (token.clone(), setup.network.clone());
        let keep = move |_, _| drop((token.clone(), network.clone()));
        setup.network.add_remote_server(name, keep);
    }
    setup.network.delete_server("deleted");
    assert_eq!((Arc::strong_count(&deleted), Arc::strong_count(&shut_down)), (1, 2));
    setup.network.shutdown();
    assert_eq!(Arc::strong_count(&shut_down), 1);
    let (too_late, token) = (shut_down.clone(), shut_down);
    setup.network.add_remote_server("too late", move |_, _| drop(too_late.clone()));
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn after_a_shutdown_calls_fail_and_answers_are_ignored() {
    let setup = RemoteSetup::new();
    let end = setup.end();
    let under_way = setup.begin(end.id(), b"");
    setup.network.shutdown();
    assert_eq!(under_way.try_recv(), Ok(Outcome::Failed));
    let drops = record_drops(&setup);
    setup.take().1.reply(Ok(vec![1]));
    assert_eq!(setup.begin(end.id(), b"").try_recv(), Ok(Outcome::Failed));
    setup.add_server();
    assert_eq!(setup.begin(end.id(), b"").try_recv(), Ok(Outcome::Failed));
    assert!(drops.lock().is_empty());
}

#[test]
fn a_network_whose_last_handle_is_dropped_fails_its_calls() {
    let network = labrpc::Network::new(1);
    network.add_remote_server("server", |_, responder| std::mem::forget(responder));
    let end = network.make_end("client", "server");
    network.enable(end.id(), true);
    let call = support::begin(&network, end.id(), b"");
    drop(network);
    assert_eq!(call.try_recv(), Err(TryRecvError::Empty), "the end keeps the network");
    drop(end);
    assert_eq!(call.recv_timeout(Duration::from_secs(60)), Ok(Outcome::Failed));
}

/// Every way in which a call can end, with answers that come too late: each call ends once.
#[test]
fn every_call_ends_exactly_once() {
    let setup = RemoteSetup::new();
    let conditions = Conditions::reliable();
    let call_under = |conditions, args: &[u8]| {
        let end = setup.end();
        setup.network.set_end_conditions(end.id(), Some(conditions));
        (setup.begin(end.id(), args), end)
    };
    let never_answered = call_under(conditions, b"never answered");
    let disconnected = call_under(conditions, b"disconnected");
    setup.network.enable(disconnected.1.id(), false);
    setup.network.enable(disconnected.1.id(), true);
    let closed = setup.network.make_end("client", "server");
    let closed = (setup.begin(closed.id(), b"closed"), closed);
    let lost = call_under(Conditions { request_loss: 1.0, ..conditions }, b"lost");
    let unanswered = call_under(Conditions { reply_loss: 1.0, ..conditions }, b"reply lost");
    let twice = call_under(Conditions { duplication: 1.0, ..conditions }, b"duplicated");
    let slow = Conditions {
        request_delay: Delay::millis(1, 9),
        reply_delay: Delay::millis(1, 9),
        ..conditions
    };
    let slow = call_under(Conditions { duplication: 1.0, ..slow }, b"slow");
    setup.network.intercept(|_| Decision::Hold);
    let held = call_under(conditions, b"held");
    let released = call_under(conditions, b"released");
    let discarded = call_under(conditions, b"discarded");
    let messages = setup.network.held();
    setup.network.stop_intercepting();
    setup.network.release(messages[1].id);
    setup.network.discard(messages[2].id);

    eventually("all requests have arrived", || setup.arrived.lock().len() == 8);
    let (late, now) = std::mem::take(&mut *setup.arrived.lock())
        .into_iter()
        .partition::<Vec<_>, _>(|(request, _)| request.args == b"never answered");
    for (request, responder) in now {
        responder.reply(Ok(request.args));
    }
    let reply = |text: &[u8]| Ok(Outcome::Reply(text.to_vec()));
    for ((call, _end), expected) in [
        (disconnected, Ok(Outcome::Failed)),
        (closed, Ok(Outcome::Failed)),
        (lost, Ok(Outcome::Failed)),
        (unanswered, Ok(Outcome::Failed)),
        (twice, reply(b"duplicated")),
        (slow, reply(b"slow")),
        (released, reply(b"released")),
        (discarded, Ok(Outcome::Failed)),
        // These two end by the timeout.
        (never_answered, Ok(Outcome::Failed)),
        (held, Ok(Outcome::Failed)),
    ] {
        assert_eq!(call.recv_timeout(Duration::from_secs(60)), expected);
        assert!(call.recv().is_err(), "the callback has been dropped");
    }
    late.into_iter().for_each(|(request, responder)| responder.reply(Ok(request.args)));
    assert!(setup.network.release(messages[0].id), "its caller has gone, but it can still arrive");
    assert_eq!(setup.take().0.args, b"held");
}

#[test]
fn calls_time_out_in_their_order_and_not_early() {
    let setup = RemoteSetup::new();
    let end = setup.end();
    let (sender, timed_out) = channel();
    for number in 0..3 {
        let (sender, begun) = (sender.clone(), Instant::now());
        setup.network.call(end.id(), "Any.Method", Vec::new(), move |outcome| {
            let _ = sender.send((number, outcome, begun.elapsed()));
        });
        // So that the first timeout comes too early for the later calls.
        thread::sleep(Duration::from_millis(20));
    }
    for expected in 0..3 {
        let (number, outcome, took) = timed_out.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!((number, outcome), (expected, Outcome::Failed));
        assert!(took >= Duration::from_secs(7), "took {took:?}");
    }
}
