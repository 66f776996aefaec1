//! The paths of files in a submission, which are bytes and may be anything.

use std::path::PathBuf;

use super::limits;
use crate::foreign::Foreign;

/// The longest name that is quoted, in characters.
const QUOTED: usize = 80;

/// The folders that builds, editors and version control make. Their files are never a student's.
const MADE_BY_TOOLS: &[&[u8]] =
    &[b"target", b".git", b"__MACOSX", b"node_modules", b".idea", b".vscode"];

/// The endings of archives that can be opened.
const ARCHIVES: &[&[u8]] = &[b".zip", b".tar", b".tar.gz", b".tgz"];

/// A name or path in a sentence.
pub(super) fn show(path: &[u8]) -> String {
    let line = Foreign::from_bytes(path).line();
    match line.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Whether a tool has made this file or folder, or a folder that it is in.
pub(super) fn is_made_by_tools(path: &[u8]) -> bool {
    parts(path).any(|part| MADE_BY_TOOLS.contains(&part) || part.starts_with(b"._"))
}

/// The path of a Rust source file within the submission; `None` for any other file.
///
/// # Errors
///
/// If it is a source file's but leads out of the submission, or is no name for a module.
pub(super) fn of_source(path: &[u8]) -> Result<Option<PathBuf>, String> {
    if !path.ends_with(b".rs") || is_made_by_tools(path) {
        return Ok(None);
    }
    let refuse = |problem: &str| Err(format!("the name {} {problem}: rename the file", show(path)));
    if path.starts_with(b"/") || parts(path).any(|part| part == b"..") {
        return Err(format!("the path {} leads out of the archive", show(path)));
    }
    if path.len() > limits::PATH_LENGTH {
        return refuse(&format!("is longer than {} bytes", limits::PATH_LENGTH));
    }
    let Ok(text) = std::str::from_utf8(path) else {
        return refuse("is not UTF-8");
    };
    if Foreign::new(text).line() != text {
        return refuse("contains a line break or another character that is not shown");
    }
    let inner: PathBuf = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    check_depth(inner.iter().count())?;
    Ok(Some(inner))
}

/// Whether this is the name of an archive that can be opened.
pub(super) fn is_archive(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    ARCHIVES.iter().any(|ending| lower.ends_with(ending))
}

/// The path of an archive within the submission that can be opened; `None` for any other file, and for a path that
/// cannot be used.
pub(super) fn of_archive(path: &[u8]) -> Option<PathBuf> {
    let is_plain = !path.starts_with(b"/") && parts(path).all(|part| part != b"..");
    if !is_archive(path) || !is_plain || is_made_by_tools(path) || path.len() > limits::PATH_LENGTH
    {
        return None;
    }
    let text = std::str::from_utf8(path).ok().filter(|text| Foreign::new(*text).line() == *text)?;
    Some(text.split('/').filter(|part| !part.is_empty() && *part != ".").collect())
}

/// Checks how deep a file or folder is.
///
/// # Errors
///
/// If it is too deep.
pub(super) fn check_depth(depth: usize) -> Result<(), String> {
    if depth > limits::DEPTH {
        return Err(format!("its folders are nested more than {} deep", limits::DEPTH));
    }
    Ok(())
}

fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::of_source;

    #[test]
    fn only_sources_have_paths() {
        assert_eq!(of_source(b"./a//b.rs"), Ok(Some(PathBuf::from("a/b.rs"))));
        for path in ["a/b.txt", "target/debug/a.rs", "__MACOSX/a.rs", "a/._b.rs", "../x.pdf"] {
            assert_eq!(of_source(path.as_bytes()), Ok(None), "{path}");
        }
    }

    #[test]
    fn a_path_that_cannot_be_used_is_refused_in_one_clean_line() {
        let long = format!("{}.rs", "x".repeat(300));
        let deep = format!("{}x.rs", "d/".repeat(40));
        let bad: &[&[u8]] = &[
            b"a/../../b.rs",
            b"/etc/passwd.rs",
            b"a\xff.rs",
            b"a\nb.rs",
            b"a\rb.rs",
            b"\x1b[2J.rs",
            b"a\0.rs",
            "a\u{202e}b.rs".as_bytes(),
            long.as_bytes(),
            deep.as_bytes(),
        ];
        for path in bad {
            let problem = of_source(path).expect_err("it is refused");
            assert!(problem.len() < 400 && !problem.contains(char::is_control), "{problem:?}");
        }
    }
}
