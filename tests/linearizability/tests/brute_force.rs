//! Small random histories, checked against all their orders.

#[path = "support/orders.rs"]
mod orders;

use std::thread;

use linearizability::kv::{Action, Operation};
use linearizability::{Call, Limits, Verdict, check};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// How many histories each thread checks.
const HISTORIES: u64 = 500_000;

/// Ties in time, calls that never return, values that repeat, answers that may be wrong.
fn history(rng: &mut SmallRng) -> Vec<Call<Operation>> {
    let clients = rng.random_range(1..=4);
    let calls = rng.random_range(0..=7);
    let unique = rng.random_bool(0.6);
    let span = rng.random_range(2..30);
    let mut free = vec![Some(0); clients];
    let mut history: Vec<Call<Operation>> = Vec::new();
    for number in 0..calls {
        let client = rng.random_range(0..clients);
        let Some(begin) = free[client] else {
            continue;
        };
        let called = begin + rng.random_range(0..=span / 4);
        let returned = (!rng.random_bool(0.08)).then(|| called + rng.random_range(0..=span / 2));
        free[client] = returned;
        let value =
            if unique { format!("{number}.") } else { "ab"[rng.random_range(0..2)..].to_owned() };
        let value = if rng.random_bool(0.05) { String::new() } else { value };
        let action = match rng.random_range(0..10) {
            0..4 => Action::Append { value },
            4..6 => Action::Put { value },
            _ => Action::Get { value: None },
        };
        let operation = Operation { key: String::new(), action };
        history.push(Call { client, called, returned, operation });
    }
    answer(&mut history, rng);
    history
}

/// Answers the Gets as one order of the calls would, but some of them a little differently.
fn answer(history: &mut [Call<Operation>], rng: &mut SmallRng) {
    let mut order: Vec<usize> = (0..history.len()).collect();
    let mut at: Vec<u64> = Vec::new();
    for call in history.iter() {
        at.push(rng.random_range(call.called..=call.returned.unwrap_or(call.called + 9)));
    }
    order.sort_by_key(|call| at[*call]);
    let mut value = String::new();
    for call in order {
        let returned = history[call].returned.is_some();
        match &mut history[call].operation.action {
            Action::Put { value: new } => value.clone_from(new),
            Action::Append { value: suffix } => value.push_str(suffix),
            Action::Get { value: answer } if returned => {
                let mut seen = value.clone();
                if rng.random_bool(0.5) {
                    seen.truncate(rng.random_range(0..=seen.len()));
                }
                *answer = Some(seen);
            }
            Action::Get { .. } => {}
        }
    }
}

#[test]
fn verdicts_are_those_of_all_orders() {
    let check_many = |seed: u64| {
        let mut rng = SmallRng::seed_from_u64(seed);
        let (mut legal, mut illegal) = (0, 0);
        for number in 0..HISTORIES {
            let history = history(&mut rng);
            let expected = orders::exists(&history);
            let verdict = check(&history, &Limits::default());
            let agrees = match verdict {
                Verdict::Linearizable => expected,
                Verdict::Illegal(_) => !expected,
                Verdict::Unknown => false,
            };
            assert!(agrees, "seed {seed}, history {number}: {expected} expected\n{history:#?}");
            *(if expected { &mut legal } else { &mut illegal }) += 1;
        }
        (legal, illegal)
    };
    let other = thread::spawn(move || check_many(1));
    let (legal, illegal) = check_many(2);
    let (more_legal, more_illegal) = other.join().expect("it agrees as well");
    let (legal, illegal) = (legal + more_legal, illegal + more_illegal);
    assert!(legal > HISTORIES / 4 && illegal > HISTORIES / 4, "{legal} legal, {illegal} illegal");
}
