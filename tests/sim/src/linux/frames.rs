//! What the calls on a thread's stack mean.

use crate::report::{Frame, ThreadReport};

/// The files with the functions that code outside of this crate calls unknowingly: libc's and the
/// allocator's.
const HIDDEN_ENTRIES: [&str; 2] = ["sim/src/linux/symbols.rs", "sim/src/linux/heap.rs"];

/// The file with the public functions of this crate.
const PUBLIC_ENTRIES: &str = "sim/src/api.rs";

/// Removes the innermost calls, which belong to the simulation, and keeps those of the program.
///
/// Everything inside of a function of libc or the allocator is the simulation, a failure report that it
/// has called included. Calls of public functions can also lie further out, such as that of
/// [`outside`](crate::outside); the innermost one is the entry.
pub(crate) fn without_simulation(mut frames: Vec<Frame>) -> Vec<Frame> {
    let is_hidden = |frame: &Frame| HIDDEN_ENTRIES.iter().any(|file| frame.file.ends_with(file));
    let is_public = |frame: &Frame| frame.file.ends_with(PUBLIC_ENTRIES);
    let count = if let Some(outermost) = frames.iter().rposition(is_hidden) {
        outermost + 1
    } else if let Some(first) = frames.iter().position(is_public) {
        // Inlined calls have several frames each.
        first + frames[first..].iter().take_while(|frame| is_public(frame)).count()
    } else {
        0
    };
    frames.drain(..count);
    frames
}

/// What a thread that sleeps in a futex waits for, judged by the library functions that it is in.
pub(crate) fn describe_futex(frames: &[Frame]) -> &'static str {
    // A barrier uses a condition, which uses a mutex, and a channel parks its thread: the first match
    // says the most.
    const SIGNS: [(&str, &str); 9] = [
        ("barrier", "waits at a barrier"),
        ("condvar", ThreadReport::CONDITION),
        ("crossbeam-channel", ThreadReport::CHANNEL),
        ("/mpmc/", ThreadReport::CHANNEL),
        ("mutex", ThreadReport::LOCK),
        ("rwlock", ThreadReport::LOCK),
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
    let mut functions = frames.iter().take_while(is_library).map(|frame| &frame.function);
    let sends = functions.any(|function| function.split("::").any(|part| part == "send"));
    let found = SIGNS.iter().find(|(sign, _)| files.iter().any(|file| file.contains(sign)));
    match found {
        Some((_, ThreadReport::CHANNEL)) if sends => "waits to send on a channel",
        Some((_, meaning)) => meaning,
        None => "waits for another thread",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(files: &[&str]) -> Vec<Frame> {
        let frame =
            |file: &&str| Frame { function: String::new(), file: file.to_string(), line: 1 };
        files.iter().map(frame).collect()
    }

    #[test]
    fn a_thread_interrupted_in_an_allocation_shows_its_own_calls() {
        let own = ["/library/alloc/src/vec.rs", "raft/src/raft.rs", "sim/src/api.rs", "suite.rs"];
        let inside =
            ["sim/src/linux/backtraces.rs", "sim/src/linux/token.rs", "sim/src/linux/heap.rs"];
        let frames = stack(&[&inside[..], &own[..]].concat());
        assert_eq!(without_simulation(frames), stack(&own));
    }

    #[test]
    fn the_report_of_a_stall_is_no_part_of_what_the_thread_does() {
        let frames = stack(&[
            "sim/src/api.rs",
            "runner/src/stalls.rs",
            "sim/src/linux/token.rs",
            "sim/src/linux/symbols.rs",
            "/library/std/src/sync/mutex.rs",
            "raft/src/raft.rs",
        ]);
        let own = stack(&["/library/std/src/sync/mutex.rs", "raft/src/raft.rs"]);
        assert_eq!(without_simulation(frames), own);
    }

    #[test]
    fn a_thread_that_cannot_send_waits_for_a_receiver() {
        let in_channel = |function: &str| {
            let mut frames = stack(&[
                "/library/std/src/thread/park.rs",
                "/crossbeam-channel-0.5/src/zero.rs",
                "raft.rs",
            ]);
            frames[1].function = function.to_owned();
            describe_futex(&frames)
        };
        assert_eq!(
            in_channel("crossbeam_channel::flavors::zero::Channel<T>::send"),
            "waits to send on a channel"
        );
        assert_eq!(
            in_channel("crossbeam_channel::flavors::zero::Channel<T>::recv"),
            ThreadReport::CHANNEL
        );
    }

    #[test]
    fn a_call_of_this_crate_hides_no_caller() {
        let frames =
            stack(&["sim/src/linux/token.rs", "sim/src/api.rs", "a.rs", "sim/src/api.rs", "b.rs"]);
        assert_eq!(without_simulation(frames), stack(&["a.rs", "sim/src/api.rs", "b.rs"]));
    }
}
