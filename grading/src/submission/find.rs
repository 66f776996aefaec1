//! Finding what a class has handed in.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::download::Download;
use super::handed_in::HandedIn;
use super::matched::match_all;
use super::path;
use super::self_named::name_all;
use crate::roster::Roster;

impl HandedIn {
    /// What is in a folder, as students or a course system have named it. With a roster, it also says whose it is.
    /// A submission that cannot be graded says so when it is read.
    ///
    /// # Errors
    ///
    /// If there are no submissions, or if the folder cannot be read. With a roster, also if a submission is
    /// nobody's, if it is not clear whose it is, or if somebody has two: a line for each problem.
    pub(crate) fn find(folder: &Path, roster: Option<&Roster>) -> Result<HandedIn, String> {
        let show = path::show(folder.as_os_str().as_bytes());
        if folder.is_file() {
            return Err(format!("{show} is a file: unpack it, and name the folder"));
        }
        let downloads = Download::list(folder)?;
        let found = match roster {
            Some(roster) => match_all(&downloads, roster)?,
            None => name_all(&downloads)?,
        };
        if found.submissions.is_empty() {
            return Err(format!(
                "{show} contains no submissions: it should contain a file or folder per student"
            ));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::HandedIn;
    use crate::roster::Roster;

    const ROSTER: &str = "student,name,id,email,group\n\
        jane,Jane Smith,17,jane@uni.edu,\n\
        jim,Jim O'Hara,18,jim@uni.edu,g\n\
        joe,Joe Doe,19,joe@uni.edu,g\n\
        lee1,Lee Wu,20,,\n\
        lee2,Lee Wu,21,,\n";

    fn find(names: &[&[u8]], metadata: &str, roster: &str) -> Result<HandedIn, String> {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let submissions = folder.path().join("submissions");
        std::fs::create_dir(&submissions).expect("the disk is writable");
        for name in names {
            std::fs::write(submissions.join(OsStr::from_bytes(name)), "").expect("it is writable");
        }
        if !metadata.is_empty() {
            let path = submissions.join("submission_metadata.yml");
            std::fs::write(path, metadata).expect("the disk is writable");
        }
        let path = folder.path().join("roster.csv");
        std::fs::write(&path, roster).expect("the disk is writable");
        let roster = (!roster.is_empty()).then(|| Roster::load(&path).expect("it is valid"));
        HandedIn::find(&submissions, roster.as_ref())
    }

    /// Each student with the problem of the submission.
    fn listed(names: &[&[u8]]) -> Vec<(String, String)> {
        let found = find(names, "", "").expect("there are submissions");
        let all = found.submissions.into_iter();
        all.map(|one| (one.student, one.problem.unwrap_or_default())).collect()
    }

    /// Each student with what was handed in.
    fn owned(found: &HandedIn) -> Vec<(&str, &str)> {
        found.submissions.iter().map(|one| (&*one.student, &*one.handed_in)).collect()
    }

    #[test]
    fn a_bad_name_is_the_problem_of_one_student() {
        let found = listed(&[b"alice.rs", b"b\xff.rs", b"c\nd.rs", b"\x1b[2J.rs", b"zoe.zip"]);
        assert_eq!(found.len(), 5, "{found:?}");
        for (student, problem) in found {
            let is_good = matches!(student.as_str(), "alice" | "zoe");
            assert_eq!(problem.is_empty(), is_good, "{student}: {problem}");
            assert!(!student.contains(char::is_control), "{student:?}");
        }
    }

    #[test]
    fn two_inputs_are_the_problem_of_one_student() {
        let found = listed(&[b"alice.rs", b"alice.tgz", b"alice.zip", b"bob.rs"]);
        let problem = "both alice.rs and alice.tgz were handed in: leave the one that counts";
        let expected = [("alice", problem), ("bob", "")];
        assert_eq!(found, expected.map(|(name, problem)| (name.to_owned(), problem.to_owned())));
    }

    #[test]
    fn without_a_roster_course_systems_name_the_students() {
        let metadata = "submission_1:\n  :submitters:\n  - :name: Jane\n    :email: jane@uni.edu\n  \
                        - :name: Joe\n    :email: joe@uni.edu\nsubmission_2:\n  :submitters:\n  \
                        - :email: ../x\n";
        let names: &[&[u8]] = &[
            b"smithjane_LATE_17_900_raft.rs",
            b"smithjane_LATE_17_901_log.rs",
            b"Smith Jane_3_assignsubmission_file_",
            b"submission_1",
            b"submission_2",
            b"index.html",
            b"notes.pdf",
        ];
        let found = find(names, metadata, "").expect("there are submissions");
        let expected = [
            ("Smith Jane", "Smith Jane_3_assignsubmission_file_"),
            ("jane@uni.edu", "submission_1"),
            ("joe@uni.edu", "submission_1"),
            ("smithjane_17", "smithjane_LATE_17_900_raft.rs"),
            ("submission_2", "submission_2"),
        ];
        assert_eq!(owned(&found), expected);
        assert_eq!(found.ignored, ["index.html", "notes.pdf"]);
    }

    #[test]
    fn two_people_of_one_name_need_a_roster() {
        let names: &[&[u8]] =
            &[b"Lee Wu_3_assignsubmission_file_", b"Lee Wu_4_assignsubmission_file_"];
        assert_eq!(
            find(names, "", "").err().unwrap_or_default(),
            "both Lee Wu_3_assignsubmission_file_ and Lee Wu_4_assignsubmission_file_ are those of \"Lee Wu\": use \
             --roster to say who is who"
        );
    }

    #[test]
    fn a_roster_says_whose_a_download_is_and_who_has_none() {
        let names: &[&[u8]] =
            &[b"smithjane_17_900_raft.rs", b"jim.rs", b"wulee_21_901_raft.pdf", b"notes.pdf"];
        let found = find(names, "", ROSTER).expect("all are known");
        let expected = [
            ("jane", "smithjane_17_900_raft.rs"),
            ("jim", "jim.rs"),
            ("joe", "jim.rs"),
            ("lee2", "wulee_21_901_raft.pdf"),
        ];
        assert_eq!(owned(&found), expected);
        assert_eq!((found.missing, found.ignored), (vec!["lee1".into()], vec!["notes.pdf".into()]));
    }

    #[test]
    fn all_that_does_not_match_is_named_at_once() {
        let metadata = "submission_1:\n  :submitters:\n  - :email: \"x\\e\"\n  - :sid: '\u{1b}9'\n";
        let names: &[&[u8]] = &[
            b"17.zip",
            b"jane.rs",
            b"jim.rs",
            b"joe.rs",
            b"Lee Wu_5_assignsubmission_file_",
            b"Eve_5_assignsubmission_file_",
            b"eve_5_6_raft.rs",
            b"eve",
            b"\x1b[2J.rs",
            b"submission_1",
        ];
        let problems = find(names, metadata, ROSTER).expect_err("they do not match");
        let mut problems: Vec<&str> = problems.lines().collect();
        problems.sort_unstable();
        let expected = [
            "Eve_5_assignsubmission_file_ is nobody's in the roster: add a line with the name Eve",
            "Lee Wu_5_assignsubmission_file_ may be that of lee1 or lee2: write the number or address in its name into \
             the roster, or rename it to one of these names",
            "\\u{1b}[2J.rs is nobody's in the roster: its name contains a character that is not shown: rename it and \
             hand it in again",
            "both 17.zip and jane.rs are jane's: leave the one that counts",
            "both jim.rs and joe.rs are jim's: leave the one that counts",
            "eve is nobody's in the roster: add the student, or remove the file",
            "eve_5_6_raft.rs is nobody's in the roster: add a line with the id 5 for eve",
            "submission_1 is nobody's in the roster: submission_metadata.yml says that it is by \\u{1b}9: add them",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn a_folder_without_submissions_is_an_error() {
        let problem = find(&[b".DS_Store", b"index.html"], "", "").expect_err("it is empty");
        assert!(
            problem.ends_with(
                "contains no submissions: it should contain a file or folder per student"
            )
        );
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("submissions.zip");
        std::fs::write(&path, "").expect("the disk is writable");
        let problem = HandedIn::find(&path, None).expect_err("it is a file");
        assert!(problem.ends_with("submissions.zip is a file: unpack it, and name the folder"));
    }
}
