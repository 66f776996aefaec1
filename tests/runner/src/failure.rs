//! Why a test has not passed.

use records::Class;

/// The longest text in a failure, in bytes.
const LONGEST: usize = 64 << 10;

/// Why a test has not passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind of failure.
    pub class: Class,
    /// What the test expected.
    pub expected: String,
    /// What it saw, with the server, term and index.
    pub seen: String,
}

impl Failure {
    /// A failure with both its halves, which are cut after 64 KiB.
    pub fn new(class: Class, expected: String, seen: String) -> Self {
        Failure { class, expected: shortened(expected), seen: shortened(seen) }
    }
}

/// Cuts off the end of a text that is longer than a report can be.
pub(crate) fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str(" [and more]");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, shortened};

    #[test]
    fn a_long_text_is_cut_between_two_letters() {
        let text = shortened("ä".repeat(LONGEST));
        assert!(text.len() < LONGEST + 20, "{}", text.len());
        assert!(text.ends_with("ä [and more]"));
        assert_eq!(shortened("a".repeat(LONGEST)).len(), LONGEST);
    }
}
