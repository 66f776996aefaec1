//! Channels of crossbeam.

use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{after, bounded, select, tick, unbounded};

use super::scenario::{ROUNDS, Scenario, in_threads, see, sleep_micros};

pub(crate) const SCENARIOS: &[Scenario] = &[
    ("crossbeam_channels", crossbeam_channels),
    ("crossbeam_select", crossbeam_select),
    ("crossbeam_timers", crossbeam_timers),
];

fn crossbeam_channels() {
    let (sender, receiver) = unbounded();
    let (zero_sender, zero_receiver) = bounded(0);
    let (one_sender, one_receiver) = bounded(1);
    let relay = thread::spawn(move || {
        for value in receiver {
            zero_sender.send(value).expect("the other end is there");
        }
    });
    let second = thread::spawn(move || {
        for value in zero_receiver {
            one_sender.send(value).expect("the other end is there");
        }
    });
    in_threads(move |number| {
        for round in 0..ROUNDS {
            sender.send(number * ROUNDS + round).expect("the other end is there");
        }
    });
    for value in one_receiver {
        see(value);
    }
    relay.join().expect("it does not panic");
    second.join().expect("it does not panic");
}

fn crossbeam_select() {
    let (left_sender, left) = bounded(0);
    let (right_sender, right) = bounded(1);
    let (stop_sender, stop) = bounded::<()>(0);
    let chooser = thread::spawn(move || {
        loop {
            select! {
                recv(left) -> value => see(value.expect("the other end is there")),
                recv(right) -> value => see(value.expect("the other end is there")),
                recv(stop) -> _ => return,
                default(Duration::from_micros(50)) => see(1_000_000),
            }
        }
    });
    // The channels stay open until the chooser has stopped.
    let open = (left_sender.clone(), right_sender.clone());
    in_threads(move |number| {
        for round in 0..ROUNDS {
            sleep_micros(number * 7);
            select! {
                send(left_sender, round) -> sent => sent.expect("the other end is there"),
                send(right_sender, number) -> sent => sent.expect("the other end is there"),
            }
        }
    });
    drop(stop_sender);
    chooser.join().expect("it does not panic");
    drop(open);
}

fn crossbeam_timers() {
    let ticks = tick(Duration::from_millis(10));
    let end = after(Duration::from_millis(205));
    let begun = Instant::now();
    let mut count = 0;
    loop {
        select! {
            recv(ticks) -> _ => count += 1,
            recv(end) -> _ => break,
        }
    }
    see(begun.elapsed().as_nanos() as u64);
    assert_eq!(count, 20);
}
