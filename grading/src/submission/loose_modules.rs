//! Modules that lie beside the file that declares them. Course systems know no folders, so who hands in single files
//! hands in `log.rs` instead of `raft/log.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::copies::original_name;
use super::sources::Sources;
use crate::tree;

/// The modules of one of the students' files that are declared and lie beside it, and not where the compiler looks for
/// them: each with the path at which it counts. `taken` holds the files that are where they belong.
pub(super) fn loose_modules<'a>(
    sources: &'a Sources,
    file: &Path,
    wanted: &Path,
    taken: &BTreeMap<PathBuf, String>,
) -> Vec<(&'a Path, PathBuf)> {
    let folder = wanted.with_extension("");
    let mut unread: Vec<(PathBuf, String)> = taken
        .iter()
        .filter(|(path, _)| *path == wanted || path.starts_with(&folder))
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    let mut found: Vec<(&Path, PathBuf)> = Vec::new();
    while let Some((path, text)) = unread.pop() {
        let folder = folder_of_modules(&path);
        for module in declared(&text) {
            let target = folder.join(format!("{module}.rs"));
            let is_there = |path: &Path| {
                taken.contains_key(path) || found.iter().any(|(_, target)| target == path)
            };
            if is_there(&target) || is_there(&folder.join(module).join("mod.rs")) {
                continue;
            }
            let is_known = |source: &Path| found.iter().any(|(known, _)| *known == source);
            let source = beside(sources, file, &format!("{module}.rs"));
            if let Some(source) = source.filter(|source| !is_known(source)) {
                let text = String::from_utf8_lossy(sources.content(source)).into_owned();
                found.push((source, target.clone()));
                unread.push((target, text));
            }
        }
    }
    found
}

/// Where the compiler looks for the modules that a file declares.
fn folder_of_modules(path: &Path) -> PathBuf {
    if path.ends_with("mod.rs") {
        path.parent().unwrap_or(path).to_owned()
    } else {
        path.with_extension("")
    }
}

/// The names of the modules that a program declares and does not hold, one a line at most.
fn declared(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = match line.strip_prefix("pub") {
            Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1,
            Some(rest) => rest,
            None => line,
        };
        let (name, _) = line.trim_start().strip_prefix("mod ")?.split_once(';')?;
        let name = name.trim();
        let is_name = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
        (is_name && !name.is_empty()).then_some(name)
    })
}

/// The file of this name in the folder of another one, or else the only copy of it there. The students' files are no
/// modules.
fn beside<'a>(sources: &'a Sources, file: &Path, name: &str) -> Option<&'a Path> {
    if tree::student_files().any(|own| Path::new(own).ends_with(name)) {
        return None;
    }
    let siblings = || sources.paths().filter(|path| path.parent() == file.parent());
    siblings().find(|path| path.ends_with(name)).or_else(|| {
        let is_copy = |path: &&Path| original_name(path).is_some_and(|original| original == name);
        let mut copies = siblings().filter(is_copy);
        copies.next().filter(|_| copies.next().is_none())
    })
}

#[cfg(test)]
mod tests {
    use super::declared;

    #[test]
    fn declarations_of_modules_are_found() {
        let text = "//! mod a;\nmod b;\n  pub mod c;\npub(crate) mod d ;\nmod e { mod f; }\n// mod g;\npub fn mod_h() {}\n\
                    mod i;mod j;\npublic mod k;\nmod ../l;\nmod ;";
        assert_eq!(declared(text).collect::<Vec<_>>(), ["b", "c", "d", "i"]);
    }
}
