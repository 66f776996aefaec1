//! Changes to a text, by byte ranges.

use std::cmp::Reverse;
use std::ops::Range;

/// The changes that are to be made to a text.
#[derive(Debug, Default)]
pub(super) struct Edits {
    edits: Vec<(Range<usize>, String)>,
}

impl Edits {
    /// Puts a text in the place of another.
    pub(super) fn replace(&mut self, range: Range<usize>, with: String) {
        self.edits.push((range, with));
    }

    /// Removes a text.
    pub(super) fn remove(&mut self, range: Range<usize>) {
        self.replace(range, String::new());
    }

    /// Inserts a text.
    pub(super) fn insert(&mut self, at: usize, text: String) {
        self.replace(at..at, text);
    }

    /// The changed text, and what was removed from the original. A change inside of another has no
    /// effect of its own.
    pub(super) fn apply(mut self, text: &str) -> (String, String) {
        self.edits.sort_by_key(|(range, _)| (range.start, !range.is_empty(), Reverse(range.end)));
        let (mut changed, mut removed, mut done) = (String::new(), String::new(), 0);
        for (range, with) in self.edits {
            if range.start < done {
                continue;
            }
            changed.push_str(&text[done..range.start]);
            changed.push_str(&with);
            removed.push_str(&text[range.clone()]);
            removed.push('\n');
            done = range.end;
        }
        changed.push_str(&text[done..]);
        (changed, removed)
    }
}

/// A text without the empty lines that are left over where something was removed: no two in a row, and
/// none at the ends of a block or of the text.
pub(super) fn without_gaps(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let last = lines.last().copied();
        let begins = last.is_none_or(|last| last.is_empty() || last.ends_with('{'));
        if line.is_empty() && begins {
            continue;
        }
        if line.trim_start().starts_with('}') && last == Some("") {
            lines.pop();
        }
        lines.push(line);
    }
    while lines.last() == Some(&"") {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::{Edits, without_gaps};

    #[test]
    fn the_outer_of_two_changes_counts() {
        let mut edits = Edits::default();
        edits.remove(2..3);
        edits.replace(1..4, "x".to_owned());
        edits.insert(0, "> ".to_owned());
        assert_eq!(edits.apply("abcdef"), ("> axef".to_owned(), "\nbcd\n".to_owned()));
    }

    #[test]
    fn gaps_are_closed() {
        assert_eq!(without_gaps("\na {\n\n    b\n\n}\n\n\nc\n\n"), "a {\n    b\n}\n\nc\n");
    }
}
