//! What is checked: an object with a state, and operations on it.

use std::fmt::Debug;
use std::hash::Hash;

/// The sequential behaviour of an object, by one of its recorded operations.
pub trait Model: Sized + Sync {
    /// An operation, in the form that the search works on.
    type Step: Send + Sync;
    /// A state, in the form that the search compares.
    type State: Copy + Eq + Hash + Default + Send;
    /// A state, in the form that people read. Its default is the state before any operation.
    type Value: Clone + Default + Debug;

    /// Operations on different keys do not influence each other.
    fn key(&self) -> &str;

    /// Prepares the calls of one key for the search, in their order. `None` for one that never returned
    /// and needs not be placed.
    fn prepare(calls: &[&crate::Call<Self>], hints: Hints) -> Vec<Option<Self::Step>>;

    /// The state after a step in `state`; `None` if its answer is not the one that it has there.
    fn step(state: &Self::State, step: &Self::Step) -> Option<Self::State>;

    /// Whether a step never changes the state.
    fn is_read(step: &Self::Step) -> bool;

    /// Carries the operation out, whatever its recorded answer.
    fn apply(&self, value: &mut Self::Value);

    /// The operation with its answer, such as `Get -> "x"`; without the key.
    fn describe(&self) -> String;

    /// A state, such as `"x"`.
    fn describe_value(value: &Self::Value) -> String;
}

/// Whether a model may conclude from the whole history where single operations belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// It may: the search is faster.
    Used,
    /// It may not: where the search fails is where a reader would see it.
    Unused,
}
