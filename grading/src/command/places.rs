//! Where results are put.

use std::path::{Path, PathBuf};

use crate::files::{check_creatable, reason};
use crate::tree;

/// Checks that results can be put into a folder, and stay apart from the submissions.
///
/// # Errors
///
/// Everything that is wrong, a line for each.
pub(super) fn check(submissions: &Path, results: &Path) -> Result<(), String> {
    let problems = [check_results(results), check_apart(submissions, results)];
    let problems: Vec<String> = problems.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// Checks that results can be put into a folder, if it exists, or that it can be made.
fn check_results(results: &Path) -> Result<(), String> {
    let show = results.display();
    check_creatable(results)?;
    if !results.exists() {
        return Ok(());
    }
    let entries = std::fs::read_dir(results)
        .map_err(|error| format!("cannot use {show} for the results: {}", reason(&error)))?;
    let names: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
    let is_ours = |name: &str| names.iter().any(|found| found == name);
    // A secret may have been put there before.
    if names.is_empty() || ["secret", "runs.jsonl", "parts", "part.json"].into_iter().any(is_ours) {
        return Ok(());
    }
    Err(format!("{show} contains other files: choose a new folder for the results"))
}

/// Checks that neither folder is in the other one: results would be taken for submissions, or written over them.
fn check_apart(submissions: &Path, results: &Path) -> Result<(), String> {
    let show = results.display();
    let given = submissions.display();
    let [submissions, results] = [submissions, results].map(real);
    if is_results(&submissions) {
        return Err(format!("{given} is a folder of results: name that of the submissions"));
    }
    if let Some(outer) = results.ancestors().skip(1).find(|folder| is_results(folder)) {
        return Err(format!(
            "{show} is inside the results in {}: choose another --out",
            outer.display()
        ));
    }
    if submissions == results {
        return Err(format!("{show} is the folder of the submissions: choose another --out"));
    }
    if results.starts_with(&submissions) {
        return Err(format!(
            "{show} is inside the folder of the submissions, and would be taken for one: choose another --out"
        ));
    }
    if submissions.starts_with(&results) {
        return Err(format!(
            "the submissions are inside {show}, the folder for the results: choose another --out"
        ));
    }
    [submissions, results].iter().try_for_each(|path| check_outside(path))
}

/// Whether a grading has put its results into a folder.
fn is_results(folder: &Path) -> bool {
    folder.join("runs.jsonl").exists() && folder.join("secret").exists()
}

/// Checks that a folder is no part of the workspace. Git knows what is; without git, every file is.
fn check_outside(path: &Path) -> Result<(), String> {
    let root = real(&tree::root());
    if root.join(".git").exists()
        || !path.starts_with(&root)
        || path.starts_with(root.join("target"))
    {
        return Ok(());
    }
    Err(format!(
        "{} is inside this workspace, which is no git repository, so it would be handed out to students: choose a \
         folder outside",
        path.display()
    ))
}

/// A path without links, as far as it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let found = path.ancestors().find_map(|folder| {
        let inner = path.strip_prefix(folder).ok()?;
        Some((folder.canonicalize().ok()?, inner))
    });
    match found {
        // Joining nothing would add a slash.
        Some((folder, inner)) if inner.as_os_str().is_empty() => folder,
        Some((folder, inner)) => folder.join(inner),
        None => path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::check;

    #[test]
    fn results_are_neither_submissions_nor_a_place_for_other_results() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = |name: &str| folder.path().join(name);
        for name in ["submissions", "results"] {
            fs::create_dir(path(name)).expect("the disk is writable");
        }
        for file in ["runs.jsonl", "secret"] {
            fs::write(path("results").join(file), "x").expect("the disk is writable");
        }
        assert_eq!(check(&path("submissions"), &path("results")), Ok(()));
        let problem = |submissions: &str, results: &str| {
            check(&path(submissions), &path(results)).expect_err("it is no place for them")
        };
        assert!(problem("results", "new").contains("is a folder of results: name"));
        assert!(problem("submissions", "results/new").contains("is inside the results in"));
    }
}
