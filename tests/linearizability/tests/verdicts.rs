//! Histories with a known verdict.

#[path = "support/mod.rs"]
mod support;

use std::num::NonZero;
use std::time::{Duration, Instant};

use linearizability::kv::{Action, Operation};
use linearizability::{Call, Limits, Verdict, check, kv, register};
use support::{HOT, HOTTER, LAB, PARTITIONED, history, spoil};

fn call(
    client: usize,
    called: u64,
    returned: impl Into<Option<u64>>,
    action: Action,
) -> Call<Operation> {
    let operation = Operation { key: "k".to_owned(), action };
    Call { client, called, returned: returned.into(), operation }
}

fn put(value: &str) -> Action {
    Action::Put { value: value.to_owned() }
}

fn append(value: &str) -> Action {
    Action::Append { value: value.to_owned() }
}

fn get(value: &str) -> Action {
    Action::Get { value: Some(value.to_owned()) }
}

fn is_legal(history: &[Call<Operation>]) -> bool {
    match check(history, &Limits::default()) {
        Verdict::Linearizable => true,
        Verdict::Illegal(_) => false,
        Verdict::Unknown => panic!("the limits are wide enough"),
    }
}

#[test]
fn an_empty_history_is_linearizable() {
    assert!(is_legal(&[]));
}

#[test]
fn a_key_that_nobody_has_written_is_empty() {
    assert!(is_legal(&[call(0, 0, 1, get(""))]));
    assert!(!is_legal(&[call(0, 0, 1, get("x"))]));
}

#[test]
fn calls_that_touch_in_time_may_come_in_any_order() {
    assert!(is_legal(&[call(0, 0, 5, put("new")), call(1, 5, 9, get(""))]));
    assert!(!is_legal(&[call(0, 0, 5, put("new")), call(1, 6, 9, get(""))]));
}

#[test]
fn calls_may_take_no_time() {
    assert!(is_legal(&[
        call(0, 5, 5, put("new")),
        call(1, 5, 5, get("")),
        call(2, 5, 5, get("new"))
    ]));
    assert!(!is_legal(&[call(0, 5, 5, put("new")), call(1, 6, 6, get(""))]));
}

#[test]
fn what_never_returned_may_have_happened_or_not() {
    let lost = call(0, 0, None, put("lost"));
    assert!(is_legal(&[lost.clone(), call(1, 5, 6, get(""))]));
    assert!(is_legal(&[lost.clone(), call(1, 5, 6, get("")), call(1, 7, 8, get("lost"))]));
    assert!(!is_legal(&[lost, call(1, 5, 6, get("lost")), call(1, 7, 8, get(""))]));
}

#[test]
fn an_append_is_seen_once() {
    assert!(!is_legal(&[call(0, 0, 5, append("x.")), call(1, 6, 7, get("x.x."))]));
    let twice =
        [call(0, 0, 5, append("x.")), call(2, 0, 5, append("x.")), call(1, 6, 7, get("x.x."))];
    assert!(is_legal(&twice));
}

#[test]
fn more_calls_than_a_word_has_bits_can_be_in_flight() {
    for clients in [64, 65, 130] {
        let mut history: Vec<_> = (0..clients)
            .map(|client| call(client, 0, 100, append(&format!("{client}."))))
            .collect();
        let all: String = (0..clients).rev().map(|client| format!("{client}.")).collect();
        history.push(call(clients, 200, 300, get(&all)));
        assert!(is_legal(&history), "{clients} at once");
        history.push(call(clients, 400, 500, get("")));
        assert!(!is_legal(&history), "{clients} at once, then all is lost");
    }
}

#[test]
fn one_key_does_not_excuse_another() {
    let mut other = call(1, 6, 9, get("new"));
    other.operation.key = "other".to_owned();
    assert!(!is_legal(&[call(0, 0, 5, put("new")), other]));
}

#[test]
fn long_histories_get_the_verdict_they_were_made_for() {
    for shape in [LAB, PARTITIONED, HOT, HOTTER] {
        for seed in 0..3 {
            let history = history(shape, seed);
            assert!(is_legal(&history), "seed {seed}");
            assert!(!is_legal(&spoil(history)), "seed {seed}, with a stale answer");
        }
    }
}

/// One key would take years to search, another is plainly wrong.
#[test]
fn a_hopeless_key_does_not_hide_a_wrong_one() {
    let mut history = puzzle(40);
    let mut wrong = call(99, 0, 5, get("never written"));
    wrong.operation.key = "zzz".to_owned();
    history.push(wrong);
    assert!(!is_legal(&history));
}

#[test]
fn an_endless_search_keeps_its_limits_and_is_not_a_pass() {
    let history = puzzle(40);
    let limits = Limits { time: Duration::from_millis(300), ..Limits::default() };
    let begun = Instant::now();
    assert!(matches!(check(&history, &limits), Verdict::Unknown));
    assert!(begun.elapsed() >= limits.time);

    let limits = Limits { configurations: 10_000, ..Limits::default() };
    assert!(matches!(check(&history, &limits), Verdict::Unknown));
}

/// Concurrent Appends of values without an end mark, so that nothing hints at their order, and an answer
/// that no order can give.
fn puzzle(clients: usize) -> Vec<Call<Operation>> {
    let mut history: Vec<_> =
        (0..clients).map(|client| call(client, 0, 100, append(&"ab".repeat(client + 1)))).collect();
    history.push(call(clients, 200, 300, get("b")));
    history
}

#[test]
fn verdict_and_evidence_do_not_depend_on_threads_or_luck() {
    let history = spoil(history(LAB, 7));
    let explain = |threads: usize| {
        let threads = NonZero::new(threads);
        match check(&history, &Limits { threads, ..Limits::default() }) {
            Verdict::Illegal(violation) => linearizability::explain(&violation.evidence()),
            _ => panic!("the history is spoiled"),
        }
    };
    let first = explain(1);
    for threads in [1, 2, 3, 8] {
        assert_eq!(explain(threads), first);
    }
}

#[test]
fn a_history_that_was_written_down_keeps_its_verdict() {
    for history in [history(HOT, 1), spoil(history(HOT, 1))] {
        let loaded = kv::load(&kv::dump(&history)).expect("it was dumped");
        assert_eq!(is_legal(&loaded), is_legal(&history));
    }
}

#[test]
fn registers_compare_and_set() {
    use register::Operation::{CompareAndSet, Read, Write};
    let call = |client, called, returned: Option<u64>, operation| Call {
        client,
        called,
        returned,
        operation,
    };
    let read = |value| Read { answer: Some(Some(value)) };
    let mut history = vec![
        call(0, 0, Some(1), Write(1)),
        call(1, 2, Some(3), CompareAndSet { old: 1, new: 2, done: Some(true) }),
        call(0, 4, Some(5), CompareAndSet { old: 1, new: 3, done: Some(false) }),
        call(2, 4, None, CompareAndSet { old: 2, new: 4, done: None }),
        call(0, 6, Some(7), read(4)),
    ];
    assert!(matches!(check(&history, &Limits::default()), Verdict::Linearizable));
    history.push(call(0, 8, Some(9), read(2)));
    assert!(matches!(check(&history, &Limits::default()), Verdict::Illegal(_)));
}
