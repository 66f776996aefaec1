//! Which files of a submission were taken, in the words of the feedback.

use crate::foreign::Foreign;
use crate::submission::Origin;

/// Which files of a submission were taken, and which were not.
pub(super) struct Files<'a> {
    /// The path in the submission, and the one in the workspace.
    pub(super) taken: Vec<(Foreign, &'a str)>,
    pub(super) more_taken: u64,
    /// The path in the submission, and the reason.
    pub(super) left: Vec<(Foreign, &'a str)>,
    pub(super) more_left: u64,
}

impl<'a> Files<'a> {
    /// Those that the log lists.
    pub(super) fn of(origin: &'a Origin) -> Self {
        let foreign = |(path, text): &'a (String, String)| (Foreign::new(path.as_str()), &**text);
        Files {
            taken: origin.taken.iter().map(foreign).collect(),
            more_taken: origin.more_taken,
            left: origin.left.iter().map(foreign).collect(),
            more_left: origin.more_left,
        }
    }
}
