//! What the calls on a thread's stack say.

use crate::report::Frame;

/// Takes off the calls that belong to the simulation, from the innermost to the one by which the thread
/// has come here: a symbol of libc that is defined here, or this crate's front door.
pub(crate) fn without_simulation(mut frames: Vec<Frame>) -> Vec<Frame> {
    let doors = ["sim/src/linux/symbols.rs", "sim/src/api.rs"];
    for door in doors {
        let is_door = |frame: &Frame| frame.file.ends_with(door);
        if let Some(first) = frames.iter().position(is_door) {
            let last = first + frames[first..].iter().take_while(|frame| is_door(frame)).count();
            frames.drain(..last);
            break;
        }
    }
    frames
}

/// What a thread that sleeps in a futex waits for, by the code that has brought it there.
pub(crate) fn describe_futex(frames: &[Frame]) -> &'static str {
    // A barrier is made from a condition, that from a mutex, and a channel parks: what comes first
    // says more.
    const SIGNS: [(&str, &str); 9] = [
        ("barrier", "waits at a barrier"),
        ("condvar", "waits for a condition"),
        ("crossbeam-channel", "waits on a channel"),
        ("/mpmc/", "waits on a channel"),
        ("mutex", "waits for a lock"),
        ("rwlock", "waits for a lock"),
        ("/once", "waits for an initialisation"),
        ("scoped.rs", "waits for the end of scoped threads"),
        ("park", "is parked"),
    ];
    let is_library = |frame: &&Frame| {
        ["/library/std/", "/library/core/", "/parking_lot", "/lock_api-", "/crossbeam-"]
            .iter()
            .any(|folder| frame.file.contains(folder))
    };
    let files: Vec<&str> =
        frames.iter().take_while(is_library).map(|frame| frame.file.as_str()).collect();
    let found = SIGNS.iter().find(|(sign, _)| files.iter().any(|file| file.contains(sign)));
    found.map_or("waits for another thread", |(_, meaning)| meaning)
}
