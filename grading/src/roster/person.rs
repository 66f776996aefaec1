//! One student.

/// One student. No text is empty, and none has a character that is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// What the results call this student; usable as the name of a folder, and nobody else's.
    pub(crate) student: String,
    /// The full name. Two people may have the same.
    pub(crate) name: Option<String>,
    /// The number in the course system; nobody else's.
    pub(crate) id: Option<String>,
    /// The e-mail address; nobody else's, in letters of any case.
    pub(crate) email: Option<String>,
    /// The group whose submission counts for this student.
    pub(crate) group: Option<String>,
}
