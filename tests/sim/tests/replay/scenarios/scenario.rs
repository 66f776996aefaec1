//! What a scenario is, and what scenarios are made from.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::thread;
use std::time::Duration;

/// A name and a program.
pub(crate) type Scenario = (&'static str, fn());

/// How many threads [`in_threads`] starts.
pub(crate) const THREADS: u64 = 8;

/// How often most threads repeat what they do.
pub(crate) const ROUNDS: u64 = 50;

/// Notes what the program has seen, so that it counts for the trace.
pub(crate) fn see(what: u64) {
    sim::note(what, format_args!("sees {what}"));
}

/// Runs `work` in several threads, each with its number, and waits for them.
pub(crate) fn in_threads(work: impl Fn(u64) + Send + Sync + 'static) {
    let work = Arc::new(work);
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let work = work.clone();
            thread::spawn(move || work(number))
        })
        .collect();
    for thread in threads {
        thread.join().expect("none of these threads panics");
    }
}

pub(crate) fn sleep_micros(micros: u64) {
    thread::sleep(Duration::from_micros(micros));
}

/// How many edges [`edge`] knows.
pub(crate) const EDGES: usize = 64;

/// Passes an edge between two basic blocks, as code does that is compiled for it. `number` says which one.
pub(crate) fn edge(number: usize) {
    static WORDS: [AtomicU32; EDGES] = [const { AtomicU32::new(0) }; EDGES];
    unsafe extern "C" {
        fn __sanitizer_cov_trace_pc_guard(word: *mut u32);
    }
    // SAFETY: the word is used for nothing else.
    unsafe { __sanitizer_cov_trace_pc_guard(WORDS[number % EDGES].as_ptr()) };
}
