//! What the names of downloads say about who has handed them in.

use super::name;

/// What a download says about who has handed it in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    /// The name of the file or folder without its ending.
    Plain(String),
    /// Canvas: the sortable name in lower case without what is no letter, and the user's number.
    Canvas { name: String, id: String },
    /// Moodle: the full name and the number of a participant, or those of a group.
    Moodle { name: String, number: String },
    /// Gradescope: everybody who has handed it in together.
    Gradescope(Vec<Submitter>),
    /// The name cannot be used. The student gets a name by which it can be recognised, and the problem is told.
    Unusable { student: String, problem: String },
}

/// Somebody who has handed in a submission, as Gradescope knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Submitter {
    pub(super) name: Option<String>,
    pub(super) sid: Option<String>,
    pub(super) email: Option<String>,
}

/// What Moodle puts between the participant and the name of the file.
const MOODLE: &[&str] = &["_assignsubmission_file", "_assignsubmission_onlinetext"];

/// The label in a name, and the name that the file had before the course system renamed it, if it did.
pub(super) fn read(file_name: &[u8]) -> (Label, Option<String>) {
    let (student, problem) = name::of_student(file_name);
    if let Some(problem) = problem {
        return (Label::Unusable { student, problem }, None);
    }
    // What `of_student` accepts is UTF-8 up to its ending, which is ASCII.
    let text = String::from_utf8_lossy(file_name);
    moodle(&text).or_else(|| canvas(&text)).unwrap_or((Label::Plain(student), None))
}

/// `Jane Smith_1234567_assignsubmission_file`, with a trailing `_` in older versions, is a folder;
/// `Jane Smith_1234567_assignsubmission_file_raft.rs` is a file.
fn moodle(text: &str) -> Option<(Label, Option<String>)> {
    let (who, rest) = MOODLE.iter().find_map(|marker| text.split_once(marker))?;
    let (name, number) = who.rsplit_once('_')?;
    let original = rest.trim_start_matches('_');
    if name.is_empty() || !is_number(number) || !rest.is_empty() && !rest.starts_with('_') {
        return None;
    }
    let label = Label::Moodle { name: name.to_owned(), number: number.to_owned() };
    Some((label, (!original.is_empty()).then(|| original.to_owned())))
}

/// `smithjane_1234567_89012345_raft.rs`, with `_LATE` after the name if it came late. Canvas makes sure that no name
/// contains a number between underscores.
fn canvas(text: &str) -> Option<(Label, Option<String>)> {
    let parts: Vec<&str> = text.split('_').collect();
    let id = (1..parts.len()).find(|place| is_number(parts[*place]))?;
    if !is_number(parts.get(id + 1)?) || parts.len() < id + 3 {
        return None;
    }
    let is_late = says_late(&parts[..id]);
    let name = parts[..id - usize::from(is_late)].join("_");
    let original = parts[id + 2..].join("_");
    if name.is_empty() || original.is_empty() {
        return None;
    }
    Some((Label::Canvas { name, id: parts[id].to_owned() }, Some(original)))
}

/// Whether Canvas has written into a name that the submission was late.
pub(super) fn is_late(file_name: &str) -> bool {
    let parts: Vec<&str> = file_name.split('_').collect();
    let is_canvas = matches!(canvas(file_name), Some((Label::Canvas { .. }, _)));
    let id = parts.iter().skip(1).position(|part| is_number(part)).map(|place| place + 1);
    is_canvas && id.is_some_and(|id| says_late(&parts[..id]))
}

/// Whether this is what stands before the number of a late submission's student.
fn says_late(before: &[&str]) -> bool {
    before.len() > 1 && before.last() == Some(&"LATE")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Label, is_late, read};

    #[test]
    fn canvas_says_who_was_late() {
        assert!(is_late("smithjane_LATE_12_89_raft.zip"));
        for name in ["smithjane_12_89_LATE_raft.zip", "LATE_12_89_raft.rs", "jane_LATE.rs", "x"] {
            assert!(!is_late(name), "{name}");
        }
    }

    #[test]
    fn course_systems_are_recognised_by_their_names() {
        let canvas = |name: &str, id: &str| Label::Canvas { name: name.into(), id: id.into() };
        let moodle =
            |name: &str, number: &str| Label::Moodle { name: name.into(), number: number.into() };
        let plain = |name: &str| Label::Plain(name.into());
        for (file, label, original) in [
            ("smithjane_1234567_89012345_raft.rs", canvas("smithjane", "1234567"), "raft.rs"),
            ("smithjane_LATE_12_89_my_raft.zip", canvas("smithjane", "12"), "my_raft.zip"),
            ("van_smith_12_89_1_2.rs", canvas("van_smith", "12"), "1_2.rs"),
            ("Smith Jane_17_assignsubmission_file_", moodle("Smith Jane", "17"), ""),
            ("Jane Smith_17_assignsubmission_file", moodle("Jane Smith", "17"), ""),
            ("A_B_17_assignsubmission_file_a_b.rs", moodle("A_B", "17"), "a_b.rs"),
            ("Jo_17_assignsubmission_onlinetext", moodle("Jo", "17"), ""),
            ("jane.rs", plain("jane"), ""),
            ("jane@uni.edu.zip", plain("jane@uni.edu"), ""),
            ("1234567.tar.gz", plain("1234567"), ""),
            ("jane_17.rs", plain("jane_17"), ""),
            ("jane_17_18", plain("jane_17_18"), ""),
            ("_17_18_raft.rs", plain("_17_18_raft"), ""),
            ("submission_123456789", plain("submission_123456789"), ""),
            ("_17_assignsubmission_file_", plain("_17_assignsubmission_file_"), ""),
        ] {
            let original = (!original.is_empty()).then(|| original.to_owned());
            assert_eq!(read(file.as_bytes()), (label, original), "{file}");
        }
        assert!(matches!(read(b"a_1_2_\xff.rs").0, Label::Unusable { .. }));
    }
}
