//! Checks of where a leader puts commands.

use protocol::{Index, Started};

use super::expect::expect;
use crate::runner::{Class, Failure, fail};

/// Fails the test unless a command got the index that it must get.
pub(super) fn expect_index(seen: Index, expected: Index) {
    expect(
        seen == expected,
        format_args!("the next command gets index {expected}"),
        format_args!("it gets index {seen}"),
    );
}

/// Fails the test unless the leader has accepted a command, at the lowest or the highest index.
pub(super) fn expect_accepted(
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
        None => "start() refuses the command".to_owned(),
        Some(Started { index, term }) => {
            format!("start() accepts it at index {index} in term {term}")
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
