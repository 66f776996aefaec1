//! What is checked: an object with a state, and its operations.

use std::fmt::Debug;
use std::hash::Hash;

/// A recorded operation, and how an object behaves when one operation follows the other.
pub trait Model: Sized + Sync {
    /// An operation in the form that the search uses.
    type Step: Send + Sync;
    /// A state in the form that the search compares.
    type State: Copy + Eq + Hash + Default + Send;
    /// A state in the form that people read. The default is the state before any operation.
    type Value: Clone + Default + Debug;

    /// The key. Operations on different keys do not influence each other.
    fn key(&self) -> &str;

    /// Prepares the calls of one key for the search, in their order. `None` for a call that never returned
    /// and can be left out.
    fn prepare(calls: &[&crate::Call<Self>], hints: Hints) -> Vec<Option<Self::Step>>;

    /// The state after a step in `state`; `None` if the recorded answer is wrong in `state`.
    fn step(state: &Self::State, step: &Self::Step) -> Option<Self::State>;

    /// Whether a step never changes the state.
    fn is_read(step: &Self::Step) -> bool;

    /// Carries out the operation, whatever answer was recorded.
    fn apply(&self, value: &mut Self::Value);

    /// The operation with its answer but without its key, such as `Get -> "x"`.
    fn describe(&self) -> String;

    /// A state in words, such as `"x"`.
    fn describe_value(value: &Self::Value) -> String;
}

/// Whether a model may use the whole history to find out where an operation belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// It may: the search is faster.
    Used,
    /// It may not: the search fails where a reader can see why.
    Unused,
}
