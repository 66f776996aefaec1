//! What is wrong in a roster, all of it at once.

/// The most problems that are named.
const NAMED: usize = 20;

/// What is wrong in a roster, in the order in which it was found.
#[derive(Default)]
pub(super) struct Problems {
    named: Vec<String>,
    others: usize,
}

impl Problems {
    /// Adds a problem of a line.
    pub(super) fn add(&mut self, line: u64, sentence: &str) {
        if self.named.len() < NAMED {
            self.named.push(format!("line {line}: {sentence}"));
        } else {
            self.others += 1;
        }
    }

    /// All problems of this file in one text, a line for each.
    ///
    /// # Errors
    ///
    /// If there are any.
    pub(super) fn check(self, file: &str) -> Result<(), String> {
        if self.named.is_empty() {
            return Ok(());
        }
        let mut lines: Vec<String> =
            self.named.iter().map(|problem| format!("{file}, {problem}")).collect();
        if self.others > 0 {
            lines.push(format!("{file}: {} more problems like these", self.others));
        }
        Err(lines.join("\n"))
    }
}
