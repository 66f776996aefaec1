//! How long operations of the key/value service take.

use std::time::{Duration, Instant};

use super::expect::expect;
use super::value_checks::expect_value;
use crate::case::{Run, Summary};
use crate::harness::KvCluster;

/// One client appends values, one after the other.
pub(super) fn append_one_by_one(run: &Run, max_raft_state: Option<usize>) -> Summary {
    const OPERATIONS: u32 = 300;
    /// Three operations between one heartbeat and the next.
    const LIMIT: Duration = Duration::from_nanos(100_000_000 / 3);
    let cluster = KvCluster::new(3, max_raft_state, run);
    let mut client = cluster.client();
    // The first answer has to wait for a leader.
    client.get("x");
    let begun = Instant::now();
    let mut expected = String::new();
    for number in 0..OPERATIONS {
        let value = format!("x 0 {number} y");
        client.append("x", &value);
        expected.push_str(&value);
    }
    let each = begun.elapsed() / OPERATIONS;
    expect(
        each <= LIMIT,
        format_args!(
            "an operation takes at most {:.1} ms on average, a third of a heartbeat interval",
            LIMIT.as_secs_f64() * 1e3
        ),
        format_args!("it takes {:.1} ms", each.as_secs_f64() * 1e3),
    );
    expect_value("x", &expected, &client.get("x"), &client);
    cluster.check_sizes();
    cluster.finish()
}
