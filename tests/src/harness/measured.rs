//! What a test has measured so far. A test of several scenes has a cluster for each, one after the other.

use std::time::Duration;

use labrpc::Totals;
use parking_lot::Mutex;

use crate::case::{Summary, Work};

/// What the clusters that have ended add up to. Each test has a process of its own.
static MEASURED: Mutex<Measured> =
    Mutex::new(Measured { time: Duration::ZERO, rpcs: 0, bytes: 0, done: 0 });

struct Measured {
    time: Duration,
    rpcs: u64,
    bytes: u64,
    done: u64,
}

/// Adds a cluster that has ended, which had `peers` servers, and returns what the test has measured so far.
pub(crate) fn add(peers: usize, time: Duration, totals: Totals, work: Work) -> Summary {
    let mut measured = MEASURED.lock();
    measured.time += time;
    measured.rpcs += totals.requests;
    measured.bytes += totals.bytes;
    let (Work::Commits(done) | Work::Operations(done)) = work;
    measured.done += done;
    let work = match work {
        Work::Commits(_) => Work::Commits(measured.done),
        Work::Operations(_) => Work::Operations(measured.done),
    };
    Summary {
        seconds: measured.time.as_secs_f64(),
        peers,
        rpcs: measured.rpcs,
        bytes: measured.bytes,
        work,
    }
}
