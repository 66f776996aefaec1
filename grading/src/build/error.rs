//! Why a submission has no program.

/// Why a submission has no program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildError {
    /// It uses something that is not allowed.
    Policy(String),
    /// It does not compile, or compiling takes too long.
    Compiler(String),
    /// The grader is at fault.
    Fault(String),
}
