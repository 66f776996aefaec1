//! The known wrong solutions, and which of them to measure.

use std::path::Path;

use super::bug::Bug;
use crate::files::read_text;
use crate::problems::Problems;

/// The largest patch, in bytes.
const LIMIT: u64 = 1 << 20;

/// Which bugs to measure.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    /// Their names; all if empty.
    pub(crate) names: Vec<String>,
    /// Their stages; all if empty.
    pub(crate) stages: Vec<String>,
}

impl Chosen {
    /// Reads the patches of a folder, and keeps those that are chosen, sorted by stage and name.
    ///
    /// # Errors
    ///
    /// If a patch cannot be read, or none is chosen.
    pub(super) fn read(&self, folder: &Path) -> Result<Vec<Bug>, String> {
        self.select(read(folder)?)
    }

    fn select(&self, mut bugs: Vec<Bug>) -> Result<Vec<Bug>, String> {
        let mut problems = Problems::default();
        for name in &self.names {
            if !bugs.iter().any(|bug| bug.name == *name) {
                problems.add(format!("there is no bug {name} in grading/bugs"));
            }
        }
        problems.check()?;
        bugs.retain(|bug| self.names.is_empty() || self.names.contains(&bug.name));
        bugs.retain(|bug| self.stages.is_empty() || self.stages.contains(&bug.stage));
        if bugs.is_empty() {
            return Err("none of these bugs is of these stages: leave out --stages, or the names"
                .to_owned());
        }
        bugs.sort_by(|left, right| (&left.stage, &left.name).cmp(&(&right.stage, &right.name)));
        Ok(bugs)
    }
}

fn read(folder: &Path) -> Result<Vec<Bug>, String> {
    let fail = |error| format!("cannot read {}: {error}", folder.display());
    let mut bugs = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if let (Some(name), Some("patch")) = (
            path.file_stem().and_then(|name| name.to_str()),
            path.extension().and_then(|ending| ending.to_str()),
        ) {
            bugs.push(Bug::parse(name, &read_text(&path, LIMIT)?)?);
        }
    }
    Ok(bugs)
}

#[cfg(test)]
mod tests {
    use super::{Bug, Chosen, read};
    use crate::bugs::mark;
    use crate::bugs::patch::patched;
    use crate::submission::StudentFiles;
    use crate::tree;

    fn bug(name: &str, stage: &str) -> Bug {
        let text = format!("Stage: {stage}\nRule: r\nSource: own\n\n--- a/x\n");
        Bug::parse(name, &text).expect("the header is whole")
    }

    fn select(names: &[&str], stages: &[&str]) -> Result<String, String> {
        let list = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let chosen = Chosen { names: list(names), stages: list(stages) };
        let bugs = vec![bug("b", "2B"), bug("c", "2A"), bug("a", "2B")];
        let selected = chosen.select(bugs)?;
        Ok(selected.into_iter().map(|bug| bug.name).collect())
    }

    #[test]
    fn bugs_are_chosen_by_name_and_by_stage() {
        assert_eq!(select(&[], &[]).as_deref(), Ok("cab"));
        assert_eq!(select(&["b", "c"], &[]).as_deref(), Ok("cb"));
        assert_eq!(select(&[], &["2B"]).as_deref(), Ok("ab"));
        assert_eq!(select(&["d"], &[]), Err("there is no bug d in grading/bugs".to_owned()));
        assert_eq!(
            select(&["c"], &["2B"]),
            Err("none of these bugs is of these stages: leave out --stages, or the names"
                .to_owned())
        );
    }

    #[test]
    fn every_bug_of_the_corpus_has_a_header_and_a_mark() {
        let bugs = read(&tree::root().join("grading/bugs")).expect("all headers are valid");
        for bug in bugs {
            assert!(bug.patch.contains(mark::MARK), "{} has no mark", bug.name);
        }
    }

    #[test]
    fn every_bug_of_the_corpus_applies_to_the_solution() {
        let bugs = read(&tree::root().join("grading/bugs")).expect("all headers are valid");
        let solution = tree::solution(&tree::root()).expect("it can be read");
        let solution = StudentFiles::new(solution);
        for bug in bugs {
            let files = patched(&bug, &solution).unwrap_or_else(|problem| panic!("{problem}"));
            let changed = solution.iter().filter(|(path, text)| files[*path] != *text);
            for (path, _) in changed {
                if let Err(error) = syn::parse_file(&files[path]) {
                    panic!("{} makes {} invalid: {error}", bug.name, path.display());
                }
            }
        }
    }
}
