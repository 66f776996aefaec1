//! The pictures of failed runs, beside the feedback that links to them.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use records::{SEED_PLACE, TestInfo};

use super::visibility::{Seeds, is_told};
use crate::files::write_private_file;
use crate::picture_files::{file_name, folder};
use crate::results::StudentResult;
use crate::runlog::Picture;

/// What stands on a page in the place of a seed that is not told.
const SECRET: &str = "secret";

/// Writes the pictures that a student may see to `own`, the student's folder, and removes those of other tests from it.
/// A picture that cannot be read is noted in the results.
///
/// # Errors
///
/// If a picture cannot be written or removed.
pub(super) fn write(
    results: &Path,
    own: &Path,
    student: &mut StudentResult,
    tests: &[TestInfo],
    seeds: Seeds,
) -> Result<(), String> {
    let kept = folder(results, student.student.raw(), &student.submission);
    let mut written = BTreeSet::new();
    for test in student.tests.iter_mut().filter(|test| is_told(test, seeds)) {
        let Some(first) = test.first.as_mut().filter(|it| it.picture == Some(Picture::Made)) else {
            continue;
        };
        let seed = match seeds {
            Seeds::Secret => SECRET.to_owned(),
            Seeds::Revealed => {
                first.seed.map_or_else(|| SECRET.to_owned(), |seed| seed.to_string())
            }
        };
        let name = file_name(&test.test);
        match std::fs::read_to_string(kept.join(&name)) {
            Ok(page) => {
                write_private_file(&own.join(&name), page.replace(SEED_PLACE, &seed))?;
                written.insert(name);
            }
            Err(_) => first.picture = Some(Picture::Missing("its file is gone".to_owned())),
        }
    }
    remove_others(own, tests, &written)
}

/// Removes the pictures of tests that are not among these. What somebody else has put there stays.
fn remove_others(own: &Path, tests: &[TestInfo], kept: &BTreeSet<String>) -> Result<(), String> {
    for name in tests.iter().map(|test| file_name(&test.test)).filter(|name| !kept.contains(name)) {
        let path = own.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(format!("cannot remove {}: {error}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}
