//! Checks of where a leader puts commands.

use protocol::{Index, Started};

use crate::harness::RaftCluster;
use crate::runner::{Class, Failure, fail};

/// Fails the test unless a command got the index that it must get.
pub(super) fn expect_index(cluster: &RaftCluster, seen: Index, expected: Index) {
    if seen != expected {
        let entry = cluster.describe_entry(expected);
        fail(Failure::new(
            Class::Assertion,
            format!("the next command gets index {expected}"),
            format!("it gets index {seen}{entry}"),
        ));
    }
}

/// Fails the test unless the leader has accepted a command, at the lowest or the highest index.
pub(super) fn expect_accepted(
    cluster: &RaftCluster,
    started: Option<Started>,
    leader: usize,
    (lowest, highest): (Index, Index),
) {
    let is_accepted = started.is_some_and(|started| (lowest..=highest).contains(&started.index));
    if is_accepted {
        return;
    }
    let mut expected =
        format!("server {leader}, the leader, accepts the command at index {lowest}");
    if highest > lowest {
        expected.push_str(&format!(" or {highest}"));
    }
    let seen = match started {
        None => format!("start() refuses the command: {}", cluster.describe_states()),
        Some(Started { index, term }) => {
            let entry = cluster.describe_entry(lowest);
            format!("start() accepts it at index {index} in term {term}{entry}")
        }
    };
    fail(Failure::new(Class::Assertion, expected, seen));
}

/// Fails a test that needs a leader which stays, and has got none in five attempts.
pub(super) fn fail_no_stable_leader() -> ! {
    fail(Failure::new(
        Class::NoProgress,
        "a leader stays leader for a second while nothing fails".to_owned(),
        "in five attempts, the leader or its term changed each time".to_owned(),
    ))
}
