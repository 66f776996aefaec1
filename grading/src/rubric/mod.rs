//! The rubric: how many points each test is worth, how passes become points, and what students see.

mod expression;
mod file;
mod formula;
mod item;
mod late;
mod parser;
mod share;
mod shown;
mod stage;
#[cfg(test)]
mod tests;

pub(crate) use file::{Rubric, RubricId};
pub(crate) use item::Item;
pub(crate) use late::{Late, show_factor};
pub(crate) use shown::{Detail, Visibility};
