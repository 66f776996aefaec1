//! Reading the students' files from whatever was handed in.

use super::error::ReadError;
use super::list::Submission;
use super::process;
use super::student_files::StudentFiles;
use crate::sandbox::Sandbox;

impl Submission {
    /// Reads the students' files from what was handed in, in a process of its own.
    ///
    /// # Errors
    ///
    /// Why there are no files.
    pub(crate) fn read_files(&self, sandbox: &Sandbox) -> Result<StudentFiles, ReadError> {
        match &self.problem {
            Some(problem) => Err(ReadError::Refused(problem.clone())),
            None => process::read(&self.path, sandbox),
        }
    }
}
