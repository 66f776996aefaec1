//! Why a submission has no program.

/// Why a submission has no program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildError {
    /// It does not compile, or compiling takes too much.
    Compiler(String),
    /// The grader or the machine is at fault: nothing is known of the submission.
    Fault(String),
}
