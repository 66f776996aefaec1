//! Which tests of a submission are still to be run.

use super::previous::{FailedTests, TestRuns};
use crate::rubric::Item;

/// The tests of one submission, each by its place among the items. Several workers take them.
pub(super) struct TestsLeft {
    states: Vec<State>,
    failed: FailedTests,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Left,
    Taken,
    Done,
}

/// What a worker can do for a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Make the runs of this test.
    Test(usize),
    /// Skip this test, because one that it needs never passes. It is done.
    Skip(usize),
    /// Wait until another worker is done with a test: those that are left need it, or nothing is left.
    Wait,
    /// Nothing: all tests are done.
    Nothing,
}

impl TestsLeft {
    /// All of so many tests.
    pub(super) fn all(count: usize) -> Self {
        TestsLeft { states: vec![State::Left; count], failed: FailedTests::default() }
    }

    /// Takes the first test whose needs are known to pass, or not to.
    pub(super) fn take(&mut self, items: &[Item]) -> Next {
        if self.is_done() {
            return Next::Nothing;
        }
        for (place, item) in items.iter().enumerate() {
            if self.states[place] != State::Left {
                continue;
            }
            if self.failed.block(item) {
                self.states[place] = State::Done;
                self.failed.note(item, &TestRuns::default(), u64::MAX);
                return Next::Skip(place);
            }
            // A test needs only those before it.
            let mut before = items.iter().zip(&self.states).take(place);
            let is_open = |(needed, state): (&Item, &State)| {
                *state != State::Done && item.needs.contains(&needed.test)
            };
            if !before.any(is_open) {
                self.states[place] = State::Taken;
                return Next::Test(place);
            }
        }
        Next::Wait
    }

    /// Notes that a test that was taken is done, and what its runs are; `planned` is how many there should be.
    pub(super) fn done(&mut self, place: usize, item: &Item, runs: &TestRuns, planned: u64) {
        self.states[place] = State::Done;
        self.failed.note(item, runs, planned);
    }

    /// Leaves out all tests that no worker has taken. Returns how many these are.
    pub(super) fn leave_out(&mut self) -> u64 {
        let left = self.states.iter_mut().filter(|state| **state == State::Left);
        left.map(|state| *state = State::Done).count() as u64
    }

    /// Whether no test is left, and no worker has one.
    pub(super) fn is_done(&self) -> bool {
        self.states.iter().all(|state| *state == State::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::{Next, TestsLeft};
    use crate::grade::previous::TestRuns;
    use crate::report::tests::scoring;
    use crate::rubric::Item;

    /// Four tests, of which the second needs the first, and the third the second.
    fn items() -> Vec<Item> {
        let [first, second, third] = ["2A::a", "2A::b", "2A::c"];
        let item = |test: &str, needs: &[&str]| Item {
            test: test.to_owned(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            ..scoring().items[0].clone()
        };
        vec![item(first, &[]), item(second, &[first]), item(third, &[second]), item("2A::d", &[])]
    }

    fn runs(passed: &[bool]) -> TestRuns {
        (0..).zip(passed).fold(TestRuns::default(), |mut runs, (index, passed)| {
            runs.insert(index, *passed);
            runs
        })
    }

    #[test]
    fn a_test_waits_for_those_that_it_needs() {
        let items = items();
        let mut left = TestsLeft::all(items.len());
        assert_eq!(left.take(&items), Next::Test(0));
        assert_eq!(left.take(&items), Next::Test(3));
        assert_eq!(left.take(&items), Next::Wait);
        left.done(3, &items[3], &runs(&[true, true]), 2);
        assert_eq!(left.take(&items), Next::Wait);
        left.done(0, &items[0], &runs(&[false, true]), 2);
        assert_eq!(left.take(&items), Next::Test(1));
        assert_eq!(left.take(&items), Next::Wait);
        assert!(!left.is_done());
        left.done(1, &items[1], &runs(&[true, true]), 2);
        assert_eq!(left.take(&items), Next::Test(2));
        left.done(2, &items[2], &runs(&[true, true]), 2);
        assert_eq!(left.take(&items), Next::Nothing);
    }

    #[test]
    fn what_needs_a_test_that_never_passes_is_skipped() {
        let items = items();
        let mut left = TestsLeft::all(items.len());
        assert_eq!(left.take(&items), Next::Test(0));
        left.done(0, &items[0], &runs(&[false, false]), 2);
        assert_eq!(left.take(&items), Next::Skip(1));
        assert_eq!(left.take(&items), Next::Skip(2));
        assert_eq!(left.take(&items), Next::Test(3));
        assert_eq!(left.take(&items), Next::Wait);
    }

    #[test]
    fn what_is_left_out_is_not_taken() {
        let items = items();
        let mut left = TestsLeft::all(items.len());
        assert_eq!(left.take(&items), Next::Test(0));
        assert_eq!(left.leave_out(), 3);
        assert_eq!(left.take(&items), Next::Wait);
        left.done(0, &items[0], &runs(&[]), 2);
        assert_eq!(left.take(&items), Next::Nothing);
    }
}
