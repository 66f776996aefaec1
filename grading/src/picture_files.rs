//! Where the pictures of failed runs are.

use std::path::{Path, PathBuf};

/// How many characters of what identifies a submission name its folder.
const SHORT: usize = 16;

/// The folder with the pictures of a student's submission among the results. On each of them
/// [`records::SEED_PLACE`] stands for the seed.
pub(crate) fn folder(results: &Path, student: &str, submission: &str) -> PathBuf {
    let short: String = submission.chars().take(SHORT).collect();
    results.join("pictures").join(student).join(short)
}

/// The name of the file with the picture of this test.
pub(crate) fn file_name(test: &str) -> String {
    format!("picture-{}.html", test.replace("::", "-"))
}
