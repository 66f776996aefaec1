//! What is wrong with what an instructor has given, all of it at once.

/// The most problems that are named.
const NAMED: usize = 20;

/// Sentences that each name one problem and how to mend it, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Problems {
    named: Vec<String>,
    others: usize,
}

impl Problems {
    /// Adds a problem.
    pub(crate) fn add(&mut self, sentence: String) {
        if self.named.len() < NAMED {
            self.named.push(sentence);
        } else {
            self.others += 1;
        }
    }

    /// All problems in one text, a line for each. The first 20 are named, and the others are counted.
    ///
    /// # Errors
    ///
    /// If there are any.
    pub(crate) fn check(mut self) -> Result<(), String> {
        if self.others > 0 {
            self.named.push(format!("and {} more problems like these", self.others));
        }
        if self.named.is_empty() { Ok(()) } else { Err(self.named.join("\n")) }
    }
}
