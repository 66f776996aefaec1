//! Where the pictures of failed runs are.

use std::path::{Path, PathBuf};

/// The folder with the pictures of a submission's runs among the results, whoever has handed it in. On each of them
/// [`records::SEED_PLACE`] stands for the seed.
pub(crate) fn folder(results: &Path, submission: &str) -> PathBuf {
    results.join("pictures").join(submission)
}

/// The name of the file with the picture of this test.
pub(crate) fn file_name(test: &str) -> String {
    format!("picture-{}.html", test.replace("::", "-"))
}
