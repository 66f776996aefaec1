//! How the store behaves.

use super::operation::{Action, Operation};
use super::step::{Step, Suffix};
use super::{hints, show};
use crate::call::Call;
use crate::fingerprint::Fingerprint;
use crate::model::{Hints, Model};

/// Stands for every value with a part that no Get shows. No Get can come before the next Put then, so it
/// does not matter what the value is.
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
