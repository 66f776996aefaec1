//! Calls on a network that fails.

mod support;

use std::collections::BTreeSet;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use labrpc::{Conditions, Delay, Fate};
use support::{Setup, eventually, spawn_call};

#[test]
fn an_unreliable_network_loses_some_calls_and_corrupts_none() {
    let setup = Setup::new();
    setup.network.set_conditions(Conditions::unreliable());
    let outcomes: Vec<Option<i64>> = thread::scope(|scope| {
        let calls: Vec<_> = (0..300i64)
            .map(|value| {
                let end = setup.end_from(&format!("client-{value}"));
                scope.spawn(move || end.call("Junk.Double", &value))
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    for (value, outcome) in outcomes.iter().enumerate() {
        assert!(outcome.is_none_or(|reply| reply == 2 * value as i64));
    }
    // Four calls in five succeed on average. The chance of a number outside these bounds is below 10^-9.
    let successes = outcomes.iter().flatten().count();
    assert!((190..=285).contains(&successes), "{successes} of 300 calls succeeded");
    let executed = setup.junk.doubled.lock().len();
    assert!(executed > successes, "the requests of lost replies are executed");
    assert!(executed < 300, "lost requests are not executed");
}

#[test]
fn calls_on_a_closed_end_do_not_block_later_calls() {
    let setup = Setup::new();
    setup.network.set_conditions(Conditions::reliable().with_long_delays());
    let end = setup.network.make_end("client", "server");
    let dead: Vec<_> =
        (0..20i64).map(|value| spawn_call::<_, i64>(&end, "Junk.Double", value)).collect();
    eventually("all calls are sent", || setup.network.totals().requests == 20);

    setup.network.enable(end.id(), true);
    assert_eq!(end.call("Junk.Double", &99), Some(198));
    let waiting = dead.iter().filter(|call| call.try_recv().is_err()).count();
    assert!(waiting > 0, "the earlier calls have not failed yet");
    assert_eq!(*setup.junk.doubled.lock(), [99]);
    assert_eq!(setup.network.requests_to("server"), 1);
}

#[test]
fn a_call_waits_for_its_handler_and_fails_when_the_server_is_deleted() {
    let setup = Setup::new();
    let _blocker = setup.block_hang();
    let call = spawn_call::<_, bool>(&setup.end(), "Junk.Hang", ());
    assert_eq!(call.recv_timeout(Duration::from_millis(1_100)), Err(RecvTimeoutError::Timeout));

    setup.network.delete_server("server");
    let deleted = Instant::now();
    assert_eq!(call.recv(), Ok(None));
    assert!(deleted.elapsed() < Duration::from_secs(4), "the call must fail before its timeout");
}

#[test]
fn the_reply_of_a_replaced_server_is_dropped() {
    let setup = Setup::new();
    let blocker = setup.block_hang();
    let end = setup.end();
    let call = spawn_call::<_, bool>(&end, "Junk.Hang", ());
    eventually("the request arrives", || setup.network.requests_to("server") == 1);

    setup.add_server("server");
    drop(blocker);
    assert_eq!(call.recv(), Ok(None));
    assert_eq!(end.call("Junk.Double", &3), Some(6), "the new server answers on the same end");
}

#[test]
fn a_call_under_way_fails_when_its_end_is_closed_and_reopened() {
    let setup = Setup::new();
    let blocker = setup.block_hang();
    let end = setup.end();
    let call = spawn_call::<_, bool>(&end, "Junk.Hang", ());
    eventually("the request arrives", || setup.network.requests_to("server") == 1);

    setup.network.enable(end.id(), false);
    setup.network.enable(end.id(), true);
    drop(blocker);
    assert_eq!(call.recv(), Ok(None));
}

#[test]
fn a_request_under_way_is_lost_when_its_end_is_closed() {
    let setup = Setup::new();
    let slow = Conditions { request_delay: Delay::millis(200, 200), ..Conditions::reliable() };
    let end = setup.end();
    setup.network.set_end_conditions(end.id(), Some(slow));
    let call = spawn_call::<_, i64>(&end, "Junk.Double", 1);
    eventually("the request is sent", || setup.network.totals().requests == 1);

    setup.network.enable(end.id(), false);
    assert_eq!(call.recv(), Ok(None));
    setup.network.enable(end.id(), true);
    assert_eq!(end.call("Junk.Double", &2), Some(4));
    assert_eq!(*setup.junk.doubled.lock(), [2]);
}

#[test]
fn long_reordering_lets_later_replies_overtake_earlier_ones() {
    let setup = Setup::new();
    setup.network.set_conditions(Conditions::reliable().with_long_reordering());
    let end = setup.end();
    let started = Instant::now();
    let calls: Vec<_> =
        (0..30i64).map(|value| spawn_call::<_, i64>(&end, "Junk.Double", value)).collect();
    eventually("all requests run", || setup.junk.doubled.lock().len() == 30);
    for (value, call) in calls.iter().enumerate() {
        assert_eq!(call.recv(), Ok(Some(2 * value as i64)));
    }
    assert!(started.elapsed() >= Duration::from_millis(200), "some reply is delayed");
}

#[test]
fn a_link_that_is_down_in_one_direction_works_in_the_other() {
    let setup = Setup::new();
    let end = setup.end();
    setup.network.set_link("server", "client", false);
    assert_eq!(end.call::<_, i64>("Junk.Double", &1), None, "the reply is lost");
    assert_eq!(*setup.junk.doubled.lock(), [1], "the request arrived");

    setup.network.set_link("server", "client", true);
    setup.network.set_link("client", "server", false);
    assert_eq!(end.call::<_, i64>("Junk.Double", &2), None);
    assert_eq!(*setup.junk.doubled.lock(), [1]);

    setup.network.set_link("client", "server", true);
    assert_eq!(end.call("Junk.Double", &3), Some(6));
}

#[test]
fn conditions_can_be_set_for_a_single_end() {
    let setup = Setup::new();
    let (lossy, reliable) = (setup.end_from("lossy"), setup.end_from("reliable"));
    let conditions = Conditions { request_loss: 1.0, ..Conditions::reliable() };
    setup.network.set_end_conditions(lossy.id(), Some(conditions));
    assert_eq!(lossy.call::<_, i64>("Junk.Double", &1), None);
    assert_eq!(reliable.call("Junk.Double", &1), Some(2));

    setup.network.set_end_conditions(lossy.id(), None);
    assert_eq!(lossy.call("Junk.Double", &1), Some(2));
}

#[test]
fn a_duplicated_request_runs_twice_and_is_answered_once() {
    let setup = Setup::new();
    setup.network.set_conditions(Conditions { duplication: 1.0, ..Conditions::reliable() });
    assert_eq!(setup.end().call("Junk.Double", &5), Some(10));
    eventually("the duplicate runs", || *setup.junk.doubled.lock() == [5, 5]);
    assert_eq!(setup.network.totals().requests, 1, "duplicates are not counted");
}

#[test]
fn the_same_seed_loses_the_same_messages() {
    let lost = |seed: u64| -> BTreeSet<i64> {
        let setup = Setup::with_seed(seed);
        setup
            .network
            .set_conditions(Conditions { request_delay: Delay::NONE, ..Conditions::unreliable() });
        let end = setup.end();
        (0..200).filter(|value| end.call::<_, i64>("Junk.Double", value).is_none()).collect()
    };
    assert_eq!(lost(1), lost(1));
    assert_ne!(lost(1), lost(2));
}

#[test]
fn shutting_down_fails_every_call_at_once() {
    let setup = Setup::new();
    setup.network.set_conditions(Conditions::reliable().with_long_delays());
    let _blocker = setup.block_hang();
    let hanging = spawn_call::<_, bool>(&setup.end(), "Junk.Hang", ());
    let dead = setup.network.make_end("client", "nobody");
    let dead: Vec<_> =
        (0..20i64).map(|value| spawn_call::<_, i64>(&dead, "Junk.Double", value)).collect();
    eventually("all calls are sent", || setup.network.totals().requests == 21);

    let started = Instant::now();
    setup.network.shutdown();
    assert_eq!(hanging.recv(), Ok(None));
    for call in dead {
        assert_eq!(call.recv(), Ok(None));
    }
    assert_eq!(setup.end().call::<_, i64>("Junk.Double", &1), None);
    assert!(started.elapsed() < Duration::from_secs(4), "took {:?}", started.elapsed());
}

/// Which of 100 calls succeed under conditions that lose half of all messages. `fate` says what decides about a
/// message, by its number.
fn successes(fate: fn(u64) -> Fate) -> Vec<bool> {
    let setup = Setup::new();
    let conditions = Conditions { request_loss: 0.5, reply_loss: 0.5, ..Conditions::reliable() };
    setup.network.set_conditions(conditions);
    let mut messages = 0;
    setup.network.set_fates(move |_| {
        messages += 1;
        fate(messages)
    });
    let end = setup.end();
    (0..100i64).map(|value| end.call::<_, i64>("Junk.Double", &value).is_some()).collect()
}

#[test]
fn fates_decide_what_is_lost() {
    assert!(successes(|_| Fate::Plain).iter().all(|success| *success));
    let drawn = successes(Fate::Drawn);
    assert_eq!(drawn, successes(Fate::Drawn));
    assert_ne!(drawn, successes(|message| Fate::Drawn(message + 1_000)));
    // One call in four succeeds on average.
    let count = drawn.iter().filter(|success| **success).count();
    assert!((8..=45).contains(&count), "{count} of 100 calls succeeded");
}
