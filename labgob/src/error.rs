//! Errors of decoding.

use std::fmt;

use crate::limits::MAX_BYTES;

/// Which type could not be decoded, where, and why. The message reads after "failed to".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("decode {type_name}: {}at byte {position} of {length}: {problem}", Field(.path))]
pub struct DecodeError {
    type_name: String,
    /// The path to the field at fault, counted from 0: `2.0.1` is field 1 of element 0 of field 2. Empty
    /// for the whole value.
    path: String,
    position: usize,
    length: usize,
    problem: Problem,
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The value needs more bytes than there are.
    #[error("the bytes end too early")]
    EndsEarly,
    /// There are more bytes than the value needs.
    #[error("extra bytes after the value ({bytes})")]
    LeftOver {
        /// The number of bytes after the value.
        bytes: usize,
    },
    /// The input is longer than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error("the input is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The bytes are not an encoding of the field's type.
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

/// Strips the module paths from the name of a type and from those of its parameters.
fn short_name(full: &str) -> String {
    let mut short = String::new();
    for part in
        full.split_inclusive(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)))
    {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}
