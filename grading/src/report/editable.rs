//! Files that people edit after they were written.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::files::write_private_file;
use crate::tree::hex;

/// Writes a file. If somebody has changed it since it was last written, the changed file is kept under
/// another name, which is returned.
///
/// # Errors
///
/// If a file cannot be written; the message names it.
pub(super) fn write(path: &Path, text: &str) -> Result<Option<PathBuf>, String> {
    let name = path.file_name().unwrap_or_default().display().to_string();
    // The hash of what this program has written there last.
    let mark = path.with_file_name(format!(".{name}.sha256"));
    let written = std::fs::read_to_string(&mark).unwrap_or_default();
    let is_edited = std::fs::read(path)
        .is_ok_and(|found| found != text.as_bytes() && hex(&Sha256::digest(&found)) != written);
    let kept = if is_edited { Some(keep(path)?) } else { None };
    write_private_file(path, text)?;
    write_private_file(&mark, hex(&Sha256::digest(text)))?;
    Ok(kept)
}

/// Renames a file to a name that is free.
fn keep(path: &Path) -> Result<PathBuf, String> {
    let (stem, extension) = (path.file_stem(), path.extension());
    let [stem, extension] = [stem, extension].map(|part| part.unwrap_or_default().display());
    let names =
        (1..).map(|number| path.with_file_name(format!("{stem}-edited-{number}.{extension}")));
    let free = names.into_iter().find(|name| !name.exists()).unwrap_or_default();
    std::fs::rename(path, &free)
        .map_err(|error| format!("cannot keep the edited {}: {error}", path.display()))?;
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn an_edited_file_is_kept() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("table.csv");
        let read = |name| std::fs::read_to_string(folder.path().join(name)).expect("it is there");
        assert_eq!(write(&path, "one"), Ok(None));
        assert_eq!(write(&path, "two"), Ok(None));
        std::fs::write(&path, "two, and more").expect("the disk is writable");
        let kept = write(&path, "three").expect("the disk is writable");
        assert_eq!(kept, Some(folder.path().join("table-edited-1.csv")));
        assert_eq!(read("table-edited-1.csv"), "two, and more");
        assert_eq!(read("table.csv"), "three");
        std::fs::write(&path, "three, and more").expect("the disk is writable");
        write(&path, "four").expect("the disk is writable");
        assert_eq!(read("table-edited-1.csv"), "two, and more");
        assert_eq!(read("table-edited-2.csv"), "three, and more");
    }
}
