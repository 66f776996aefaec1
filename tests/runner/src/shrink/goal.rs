//! Whether a run fails in the same way as another.

use records::Class;

use crate::verdict::Verdict;

/// How a run must fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Goal {
    class: Class,
    /// What was expected, without what differs from run to run: numbers, and values that have some in them.
    expected: String,
}

impl Goal {
    /// To fail like this.
    pub(super) fn of(verdict: &Verdict) -> Self {
        Goal { class: verdict.class, expected: without_numbers(&verdict.expected) }
    }

    /// Whether a run has failed so.
    pub(super) fn is_met(&self, verdict: &Verdict) -> bool {
        *self == Goal::of(verdict)
    }
}

fn without_numbers(text: &str) -> String {
    let mask = |word: &str| match word.contains(|letter: char| letter.is_ascii_digit()) {
        true => "#".to_owned(),
        false => word.to_owned(),
    };
    text.split_whitespace().map(mask).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use records::Class;

    use super::Goal;
    use crate::failure::Failure;
    use crate::verdict::Verdict;

    fn goal(class: Class, expected: &str) -> Goal {
        Goal::of(&Verdict::fail(Failure::new(class, expected.to_owned(), String::new())))
    }

    #[test]
    fn servers_indexes_and_values_may_differ_but_not_the_rule() {
        let one = goal(Class::Invariant, "server 2 applies \"x 1 y\" at index 17");
        assert_eq!(one, goal(Class::Invariant, "server 0 applies \"x 3 y\" at index 1"));
        assert_ne!(one, goal(Class::Invariant, "server 0 saves \"x 3 y\" at index 1"));
        assert_ne!(one, goal(Class::Assertion, "server 0 applies \"x 3 y\" at index 1"));
    }
}
