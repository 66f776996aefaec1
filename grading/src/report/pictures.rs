//! The pictures of failed runs, beside the feedback that links to them.

use std::collections::BTreeSet;
use std::path::Path;

use records::SEED_PLACE;

use super::visibility::{Seeds, is_shown};
use crate::files::write_private_file;
use crate::picture_files::{file_name, folder};
use crate::results::StudentResult;
use crate::runlog::Picture;

/// What stands on a page in the place of a seed that is not told.
const SECRET: &str = "secret";

/// Writes the pictures that a student may see to `own`, the student's folder, and removes others from it. A picture
/// that cannot be read is noted in the results.
///
/// # Errors
///
/// If a picture cannot be written or removed.
pub(super) fn write(
    results: &Path,
    own: &Path,
    student: &mut StudentResult,
    seeds: Seeds,
) -> Result<(), String> {
    let kept = folder(results, &student.submission);
    let mut written = BTreeSet::new();
    for test in student.tests.iter_mut().filter(|test| is_shown(test, seeds)) {
        let Some(first) = test.first.as_mut().filter(|it| it.picture == Some(Picture::Made)) else {
            continue;
        };
        let seed = match seeds {
            Seeds::Secret => SECRET.to_owned(),
            Seeds::Revealed => first.seed.to_string(),
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
    remove_others(own, &written)
}

/// Removes pictures that are not among these.
fn remove_others(own: &Path, kept: &BTreeSet<String>) -> Result<(), String> {
    let Ok(files) = std::fs::read_dir(own) else {
        return Ok(());
    };
    for file in files.filter_map(Result::ok) {
        let name = file.file_name().to_string_lossy().into_owned();
        let is_picture = name.starts_with("picture-") && name.ends_with(".html");
        if is_picture && !kept.contains(&name) {
            std::fs::remove_file(file.path())
                .map_err(|error| format!("cannot remove {}: {error}", file.path().display()))?;
        }
    }
    Ok(())
}
