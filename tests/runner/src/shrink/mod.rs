//! Looks for the smallest run that fails in the same way, by making choices plain that need not be left to chance.

mod cause;
mod command;
mod contrast;
mod goal;
mod likelihood;
mod parts;
mod reduce;
mod search;
mod shrunk;
mod size;
mod trials;

pub(crate) use command::{ShrinkArguments, main};
pub(crate) use shrunk::shrink;
