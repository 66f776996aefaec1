//! Reports of what every thread is doing.

use std::time::Duration;

use super::active_simulation::ThreadRecord;
use super::backtraces::Frames;
use super::frames::describe_futex;
use super::states::{Slot, Wait};
use super::world::World;
use super::{current, token};
use crate::report::ThreadReport;

/// What all threads are doing, the calling one included, in the order of their creation.
pub(crate) fn threads() -> Vec<ThreadReport> {
    current::slot().map(|own| token::without_interrupts(|| report_all(own))).unwrap_or_default()
}

/// The names of all threads that have not ended.
pub(crate) fn thread_names() -> Vec<String> {
    let names = || {
        token::with(|simulation| {
            let world = &simulation.world;
            let threads = world.threads().filter(|(slot, _)| !world.has_ended(*slot));
            threads.map(|(_, thread)| thread.record.name.to_string_lossy().into_owned()).collect()
        })
    };
    current::slot().map(|_| token::without_interrupts(names)).unwrap_or_default()
}

/// What the calling thread is doing, which waits in a loop.
pub(crate) fn spinner(own: Slot) -> ThreadReport {
    let report = token::without_interrupts(|| report(own, own));
    ThreadReport { waits: "spins without blocking".to_owned(), ..report }
}

fn report_all(own: Slot) -> Vec<ThreadReport> {
    let mut slots: Vec<Slot> = token::with(|simulation| {
        let world = &simulation.world;
        world.threads().filter(|(slot, _)| !world.has_ended(*slot)).map(|(slot, _)| slot).collect()
    });
    slots.sort_by_key(|slot| token::with(|simulation| simulation.world.thread(*slot).number));
    slots.iter().map(|slot| report(own, *slot)).collect()
}

fn report(own: Slot, slot: Slot) -> ThreadReport {
    let frames = if slot == own { Some(Frames::here()) } else { token::ask(own, slot) };
    // To find names takes more or less memory and time, depending on what the system lets it read.
    let frames = frames.map(|frames| current::outside(|| frames.resolve())).unwrap_or_default();
    token::with(|simulation| {
        let world = &simulation.world;
        let thread = world.thread(slot);
        let wait = world.wait_of(slot);
        let waits = match wait {
            None => ThreadReport::RUNS.to_owned(),
            Some((Wait::Sleep, _)) => ThreadReport::SLEEP.to_owned(),
            Some((Wait::Pause, _)) => ThreadReport::INTERRUPTED.to_owned(),
            Some((Wait::News, _)) => "waits for messages".to_owned(),
            Some((Wait::EndOfTurn, _)) => "waits until all others wait".to_owned(),
            Some((Wait::Join(target), _)) => {
                format!("waits for the end of {}", name(world, target))
            }
            Some((Wait::Futex(_), _)) => describe_futex(&frames).to_owned(),
        };
        let waited = wait.map_or(0, |(_, since)| world.now() - since);
        ThreadReport {
            number: thread.number,
            name: thread.record.name.to_string_lossy().into_owned(),
            waits,
            waited: Duration::from_nanos(waited),
            frames,
        }
    })
}

fn name(world: &World<ThreadRecord>, slot: Slot) -> String {
    format!("thread {}", world.thread(slot).number)
}
