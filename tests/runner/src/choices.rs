//! What decides all choices of a run, as users write it.

use std::fmt::{self, Display};
use std::path::Path;
use std::str::FromStr;

use records::Seed;

use crate::plan::Plan;

/// A seed, and which choices it decides. As text it is the seed alone, or `SEED/PLAN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choices {
    pub(crate) seed: Seed,
    pub(crate) plan: Plan,
}

impl Choices {
    /// From an argument: a text, or the name of a file that holds it.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub(crate) fn from_argument(argument: &str) -> Result<Self, String> {
        if !Path::new(argument).is_file() {
            return argument.parse();
        }
        let text = std::fs::read_to_string(argument);
        let text = text.map_err(|error| format!("cannot read {argument}: {error}"))?;
        text.trim().parse().map_err(|error| format!("{argument}: {error}"))
    }
}

impl Display for Choices {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.seed)?;
        if self.plan.is_default() { Ok(()) } else { write!(formatter, "/{}", self.plan) }
    }
}

impl FromStr for Choices {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.split_once('/') {
            Some((seed, plan)) => Choices { seed: seed.parse()?, plan: plan.parse()? },
            None => Choices { seed: text.parse()?, plan: Plan::default() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Choices;

    #[test]
    fn choices_survive_being_written_and_read() {
        for text in ["0x11", "0x11/plain", "0x11/server-0:5-9,tester"] {
            let choices: Choices = text.parse().expect(text);
            assert_eq!(choices.to_string(), text);
        }
    }

    #[test]
    fn a_file_stands_for_what_it_holds() {
        let file = tempfile::NamedTempFile::new().expect("there is a place for files");
        std::fs::write(file.path(), "17/plain\n").expect("it can be written");
        let name = file.path().to_str().expect("it has a plain name");
        let choices = Choices::from_argument(name).expect("it holds one");
        assert_eq!(choices.to_string(), "0x11/plain");
        std::fs::write(file.path(), "17/server-0:9").expect("it can be written");
        let error = Choices::from_argument(name).expect_err("it is wrong");
        assert!(error.contains(name) && error.contains("\"9\""), "{error}");
    }
}
