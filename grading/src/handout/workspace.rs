//! The files of a handout.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::lock;
use super::regions::without_instructors;
use super::solution::{Role, SourceFile, cut_crate, has_tag};
use crate::files::reason;
use crate::scratch;
use crate::stages::Cut;
use crate::tree::{self, LABS, Lab};

/// A workspace without solutions: contents by path.
pub(crate) struct Handout {
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
    /// By package: the lines of code that were cut, without indentation.
    pub(super) solutions: BTreeMap<&'static str, Vec<String>>,
}

impl Handout {
    /// Cuts solutions, and what is the instructor's.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or cut; the message names file and line.
    pub(crate) fn cut(root: &Path, cut: &Cut) -> Result<Self, String> {
        let mut handout = Handout::read(root, tree::files_for_students(root)?)?;
        for (path, content) in &mut handout.files {
            let Ok(text) = str::from_utf8(content) else {
                continue;
            };
            let text = without_instructors(text)
                .map_err(|problem| format!("{}:{problem}", path.display()))?;
            *content = text.into_bytes();
        }
        handout.cut_labs(cut)?;
        let folder = scratch::folder()?;
        handout.write(folder.path())?;
        handout.files.insert(PathBuf::from("Cargo.lock"), lock::prune(folder.path())?);
        Ok(handout)
    }

    /// Cuts all solutions out of everything that grades: a tree for machines that are not the
    /// instructor's.
    ///
    /// # Errors
    ///
    /// The same.
    pub(crate) fn for_graders(root: &Path) -> Result<Self, String> {
        let mut handout = Handout::read(root, tree::files_for_graders(root)?)?;
        handout.cut_labs(&Cut::all())?;
        Ok(handout)
    }

    /// The files of a solution, without what belongs to optional stages.
    ///
    /// # Errors
    ///
    /// The same.
    pub(crate) fn without_optional(
        root: &Path,
        solution: BTreeMap<PathBuf, String>,
    ) -> Result<BTreeMap<PathBuf, String>, String> {
        let cut = Cut::optional();
        let has_any = |text: &String| cut.stages.iter().any(|stage| has_tag(text, stage));
        let concerns = |lab: &&Lab| {
            solution.iter().any(|(path, text)| path.starts_with(lab.package) && has_any(text))
        };
        let labs: Vec<&Lab> = LABS.iter().filter(concerns).collect();
        let is_given = |path: &PathBuf| {
            labs.iter().any(|lab| path.starts_with(Path::new(lab.package).join("src")))
                && !tree::is_students(path)
        };
        let given = tree::files_for_students(root)?.into_iter().filter(is_given).collect();
        let mut handout = Handout::read(root, given)?;
        handout.files.extend(solution.into_iter().map(|(path, text)| (path, text.into_bytes())));
        labs.iter().try_for_each(|lab| handout.cut_lab(lab, &cut))?;
        let own = handout.files.into_iter().filter(|(path, _)| tree::is_students(path));
        Ok(own.map(|(path, text)| (path, String::from_utf8_lossy(&text).into_owned())).collect())
    }

    fn read(root: &Path, paths: Vec<PathBuf>) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for path in paths {
            let content = std::fs::read(root.join(&path))
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            files.insert(path, content);
        }
        Ok(Handout { files, solutions: BTreeMap::new() })
    }

    fn cut_labs(&mut self, cut: &Cut) -> Result<(), String> {
        LABS.iter().try_for_each(|lab| self.cut_lab(lab, cut))
    }

    fn cut_lab(&mut self, lab: &Lab, cut: &Cut) -> Result<(), String> {
        let sources = Path::new(lab.package).join("src");
        let own = self.files.iter().filter(|(path, _)| path.starts_with(&sources));
        let files = own.map(|(path, content)| {
            let role = match () {
                () if lab.files.iter().any(|file| Path::new(file) == path) => Role::Students,
                () if tree::is_students(path) => Role::Solution,
                () => Role::Given,
            };
            let text = String::from_utf8_lossy(content).into_owned();
            SourceFile::parse(path, &sources, text, role, cut)
        });
        let files = files.collect::<Result<Vec<_>, _>>()?;
        let solution = self.solutions.entry(lab.package).or_default();
        for (file, cut) in files.iter().zip(cut_crate(&files)?) {
            solution.extend(cut.solution.lines().map(|line| line.trim().to_owned()));
            match cut.text {
                Some(text) => self.files.insert(file.path.clone(), text.into_bytes()),
                None => self.files.remove(&file.path),
            };
        }
        Ok(())
    }

    /// Writes the workspace into a folder. Scripts can be executed.
    ///
    /// # Errors
    ///
    /// If something cannot be written; the message names it.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), String> {
        for (path, content) in &self.files {
            let path = folder.join(path);
            let written = std::fs::create_dir_all(path.parent().unwrap_or(folder))
                .and_then(|()| std::fs::write(&path, content))
                .and_then(
                    |()| if content.starts_with(b"#!") { allow_execution(&path) } else { Ok(()) },
                );
            written
                .map_err(|error| format!("cannot write {}: {}", path.display(), reason(&error)))?;
        }
        Ok(())
    }

    /// What identifies this workspace.
    pub(crate) fn hash(&self) -> String {
        tree::hash_files(
            self.files.iter().map(|(path, content)| (path.as_path(), content.as_slice())),
        )
    }
}

fn allow_execution(path: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Handout;
    use crate::stages::{self, Cut};
    use crate::tree;

    fn cut(assigned: &str, solved: &str) -> Handout {
        let list =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        let cut = stages::to_cut(&list(assigned), &list(solved)).expect("no stage is in both");
        Handout::cut(&tree::root(), &cut).expect("the workspace can be cut")
    }

    fn text(handout: &Handout, path: &str) -> String {
        let content = handout.files.get(Path::new(path)).expect("the handout has it");
        String::from_utf8(content.clone()).expect("it is a text")
    }

    #[test]
    fn files_of_the_solution_go_whole_and_those_of_students_stay() {
        let handout = cut("", "");
        let own: Vec<_> = handout.files.keys().filter(|path| tree::is_students(path)).collect();
        let mut expected: Vec<&Path> = tree::student_files().map(Path::new).collect();
        expected.sort();
        assert_eq!(own, expected);
    }

    #[test]
    fn a_solution_leaves_only_stubs() {
        let handout = cut("", "");
        for file in tree::student_files() {
            let text = text(&handout, file);
            for private in ["pub(crate)", "pub(super)", "Mutex", "thread::spawn", "// 2B\n"] {
                assert!(!text.contains(private), "{file} has {private}:\n{text}");
            }
        }
        let raft = text(&handout, "raft/src/raft.rs");
        assert!(raft.contains("unimplemented!(\"2B: append the command to"), "{raft}");
    }

    #[test]
    fn stages_that_stay_solved_lose_only_what_they_do_not_need() {
        let handout = cut("2D", "");
        let raft = text(&handout, "raft/src/raft.rs");
        let log = text(&handout, "raft/src/raft/log.rs");
        for (text, stays, goes) in [
            (&raft, "state.log.append(Entry { term, command })", "persist_with"),
            (&raft, "self.persister.save_state(state.encode())", "state.log.rebase"),
            (&log, "fn merge", "fn compact"),
        ] {
            assert!(text.contains(stays) && !text.contains(goes), "{text}");
        }
        assert!(!text(&handout, "kvraft/src/server.rs").contains("struct Store"));
    }

    #[test]
    fn solutions_of_other_labs_stay_if_they_are_asked_for() {
        let handout = cut("3B", "2A 2B 2C 2D 3A");
        let root = tree::root();
        let whole = tree::solution(&root).expect("the tree has a solution");
        let without = Handout::without_optional(&root, whole).expect("it can be cut");
        for path in ["raft/src/raft.rs", "raft/src/raft/log.rs", "kvraft/src/client.rs"] {
            let own = &without[Path::new(path)];
            assert!(text(&handout, path) == *own, "{path} is not as it was");
        }
        assert!(!text(&handout, "kvraft/src/server.rs").contains("fn install"));
        assert!(!text(&handout, "shardkv/src/server.rs").contains("Replica"));
    }

    #[test]
    fn of_a_stage_that_nobody_is_asked_for_nothing_is_left() {
        let root = tree::root();
        let whole = tree::solution(&root).expect("the tree has a solution");
        let without = Handout::without_optional(&root, whole.clone()).expect("it can be cut");
        let optional = Cut::optional().stages;
        let has_any = |text: &String| optional.iter().any(|stage| text.contains(stage));
        assert!(whole.values().any(has_any) && !without.values().any(has_any));
        let handout = cut("2D 2E", "");
        assert!(text(&handout, "raft/src/raft.rs").contains("\"2E: take no commands"));
        assert!(!text(&cut("2D", ""), "raft/src/raft.rs").contains("2E"));
    }

    #[test]
    fn what_was_cut_can_be_cut_again() {
        let handout = cut("", "");
        let folder = tempfile::tempdir().expect("there is room");
        handout.write(folder.path()).expect("there is room");
        let again = Handout::cut(folder.path(), &Cut::all()).expect("it can be cut");
        assert_eq!(again.files, handout.files);
    }
}
