//! The code that students have written themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::class::Class;
use crate::files::read_text;
use crate::handout::Handout;
use crate::names::list;
use crate::results::StudentResult;
use crate::{stages, tree};

/// The most bytes of a file, which is more than a submission may have.
const SIZE: u64 = 16 << 20;

/// Files by their path in the workspace.
pub(super) type Code = BTreeMap<PathBuf, String>;

/// The files that were handed out, for students to complete.
///
/// # Errors
///
/// If they cannot be read, or if there are none in the folder.
pub(super) fn handed_out(handout: Option<&Path>, class: &Class) -> Result<Code, String> {
    let code = match handout {
        Some(folder) => read(folder)?,
        None => stubs(&class.results.grading.stages)?,
    };
    match handout {
        Some(folder) if code.is_empty() => Err(format!(
            "{} has no file that students complete, such as raft/src/raft.rs: name the handout with --base",
            folder.display()
        )),
        _ => Ok(code),
    }
}

/// The files of a handout without any solution. Of optional stages, it asks for those that were graded.
fn stubs(graded: &[String]) -> Result<Code, String> {
    let mut asked = stages::required();
    asked.extend(graded.iter().cloned());
    let cut = stages::to_cut(&Vec::from_iter(asked), &[])?;
    let files = Handout::cut(&tree::root(), &cut)?.files.into_iter();
    let files = files.filter(|(path, _)| tree::is_students(path));
    Ok(files.map(|(path, text)| (path, String::from_utf8_lossy(&text).into_owned())).collect())
}

/// The files of students in a workspace, and the modules beside them.
fn read(folder: &Path) -> Result<Code, String> {
    let mut code = Code::new();
    let files = tree::student_files().map(Path::new);
    let roots = files.flat_map(|file| [file.to_owned(), file.with_extension("")]);
    for root in roots.map(|root| folder.join(root)).filter(|root| root.exists()) {
        for file in WalkDir::new(&root).sort_by_file_name() {
            let file = file.map_err(|error| format!("cannot read {}: {error}", root.display()))?;
            let path = file.path();
            let is_code = path.extension().is_some_and(|extension| extension == "rs");
            if let (true, Ok(own)) =
                (file.file_type().is_file() && is_code, path.strip_prefix(folder))
            {
                code.insert(own.to_owned(), read_text(path, SIZE)?);
            }
        }
    }
    Ok(code)
}

/// The students with code of their own, and a sentence about those without.
pub(super) type Authors<'a> = (Vec<(&'a StudentResult, Code)>, Option<String>);

/// What each student has handed in, without files that are as they were handed out.
///
/// # Errors
///
/// If a file cannot be read.
pub(super) fn authors<'a>(
    class: &'a Class,
    results: &Path,
    handed_out: &Code,
) -> Result<Authors<'a>, String> {
    let mut authors = Vec::new();
    let mut without = Vec::new();
    for student in &class.results.students {
        let folder = results.join("submissions").join(student.student.raw());
        let mut code = if folder.is_dir() { read(&folder)? } else { Code::new() };
        code.retain(|path, text| handed_out.get(path) != Some(text));
        if code.is_empty() {
            without.push(student.student.line());
        } else {
            authors.push((student, code));
        }
    }
    let sentence =
        format!("without code of their own, so left out: {}", list(without.iter().cloned()));
    Ok((authors, (!without.is_empty()).then_some(sentence)))
}
