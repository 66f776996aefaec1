//! Why a submission has no files to grade.

/// Why a submission has no files to grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// What is wrong with it, in a sentence for the student.
    Refused(String),
    /// It could not be read here, which says nothing about it.
    Fault(String),
    /// The user asked to stop.
    Interrupted,
}

impl ReadError {
    /// The reason in a sentence.
    pub(crate) fn into_message(self) -> String {
        match self {
            ReadError::Refused(sentence) | ReadError::Fault(sentence) => sentence,
            ReadError::Interrupted => "interrupted".to_owned(),
        }
    }
}

impl From<String> for ReadError {
    fn from(sentence: String) -> Self {
        ReadError::Refused(sentence)
    }
}
