//! A key/value store: Get, Put and Append on texts.

mod dump;
mod hints;
mod show;

use crate::call::Call;
use crate::fingerprint::{Fingerprint, Power};
use crate::model::{Hints, Model};

pub use dump::{LoadError, dump, load};

/// An operation on one key. Keys that nobody has written hold the empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The key.
    pub key: String,
    /// What was done with it.
    pub action: Action,
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Reads the value.
    Get {
        /// What was answered; `None` if the call has not returned.
        value: Option<String>,
    },
    /// Replaces the value.
    Put {
        /// The new value.
        value: String,
    },
    /// Adds to the end of the value.
    Append {
        /// What is added.
        value: String,
    },
}

impl Action {
    /// What it writes, if it writes.
    fn written(&self) -> Option<&str> {
        match self {
            Action::Get { .. } => None,
            Action::Put { value } | Action::Append { value } => Some(value),
        }
    }
}

/// An operation as the search sees it.
#[derive(Debug)]
pub enum Step {
    /// A Get with its answer.
    Get(Fingerprint),
    /// A Put.
    Put(Fingerprint),
    /// An Append.
    Append(Suffix),
    /// A write of what no Get shows.
    Unseen,
}

/// What an Append adds.
#[derive(Debug)]
pub struct Suffix {
    value: Fingerprint,
    power: Power,
    /// What the value must have been before, if some Get has shown that.
    before: Option<Fingerprint>,
}

/// Stands for every value with something in it that no Get shows: no Get can come before the next Put
/// then, so that it makes no difference what the value is.
const UNSEEN: Fingerprint = Fingerprint::NO_TEXT;

impl Model for Operation {
    type Step = Step;
    type State = Fingerprint;
    type Value = String;

    fn key(&self) -> &str {
        &self.key
    }

    fn prepare(calls: &[&Call<Self>], hints: Hints) -> Vec<Option<Step>> {
        hints::prepare(calls, hints)
    }

    fn step(state: &Fingerprint, step: &Step) -> Option<Fingerprint> {
        match step {
            Step::Get(value) => (value == state).then_some(*state),
            Step::Put(value) => Some(*value),
            Step::Unseen => Some(UNSEEN),
            Step::Append(Suffix { before: None, .. }) if *state == UNSEEN => Some(UNSEEN),
            Step::Append(Suffix { value, power, before }) => {
                before.is_none_or(|before| before == *state).then(|| state.then(*value, *power))
            }
        }
    }

    fn is_read(step: &Step) -> bool {
        matches!(step, Step::Get(_))
    }

    fn apply(&self, value: &mut String) {
        match &self.action {
            Action::Get { .. } => {}
            Action::Put { value: new } => value.clone_from(new),
            Action::Append { value: suffix } => value.push_str(suffix),
        }
    }

    fn describe(&self) -> String {
        match &self.action {
            Action::Get { value: None } => "Get".to_owned(),
            Action::Get { value: Some(value) } => format!("Get -> {}", show::text(value)),
            Action::Put { value } => format!("Put {}", show::text(value)),
            Action::Append { value } => format!("Append {}", show::text(value)),
        }
    }

    fn describe_value(value: &String) -> String {
        show::text(value)
    }
}
