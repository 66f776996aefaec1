//! Where the pictures of failed runs are.

use std::path::{Path, PathBuf};

/// The folder of a student's pictures among the results. On each of them
/// [`records::SEED_PLACE`] stands for the seed.
pub(crate) fn folder(results: &Path, student: &str) -> PathBuf {
    results.join("pictures").join(student)
}

/// The name of the file with the picture of this test.
pub(crate) fn file_name(test: &str) -> String {
    format!("picture-{}.html", test.replace("::", "-"))
}
