//! Why bytes could not be decoded.

use std::fmt;

use crate::decode::MAX_BYTES;

/// What was being decoded, where it broke, and why. Reads after "failed to".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("decode {type_name}: {}at byte {position} of {length}: {problem}", Field(.path))]
pub struct DecodeError {
    type_name: String,
    /// The way to the field that broke, counted from 0, such as `2.0.1` for the field 1 of the element 0
    /// of the field 2; empty for the whole value.
    path: String,
    position: usize,
    length: usize,
    problem: Problem,
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// More bytes are needed than there are.
    #[error("the bytes end too early")]
    EndsEarly,
    /// The value is complete before the bytes are.
    #[error("{bytes} bytes are left over")]
    LeftOver {
        /// How many.
        bytes: usize,
    },
    /// The input is longer than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error("more than {MAX_BYTES} bytes are never decoded")]
    TooLong,
    /// The bytes stand for no value of the field's type.
    #[error("{0}")]
    Invalid(String),
}

impl DecodeError {
    pub(crate) fn new<T>(length: usize, position: usize, path: String, problem: Problem) -> Self {
        DecodeError {
            type_name: short_name(std::any::type_name::<T>()),
            path,
            position,
            length,
            problem,
        }
    }

    /// What is wrong with the bytes.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

struct Field<'a>(&'a str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(formatter, "field {}, ", self.0) }
    }
}

/// The name of a type without the modules that it and its parameters are in.
fn short_name(full: &str) -> String {
    let mut short = String::new();
    for part in
        full.split_inclusive(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)))
    {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}
