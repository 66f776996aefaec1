//! What the rubric keeps from students is in none of their reports.

use std::path::Path;

use records::{Class, SEED_PLACE, Simulated};
use walkdir::WalkDir;

use super::tests::{RUBRIC, build, files_of, grading, run, scoring_of};
use super::{Seeds, write_all, write_results};
use crate::files::write_file;
use crate::foreign::Foreign;
use crate::picture_files::{file_name, folder};
use crate::runlog::{Entry, Outcome, Picture, Run};

/// What stands in every text of the failed run.
const MARKER: &str = "marker-of-the-message";

const SEED: &str = "0xab";

/// A student who passes the first test, and fails the second one twice.
fn log() -> Vec<Entry> {
    let failed = |index| match run("a", "2A::second", index, Class::Deadlock) {
        Entry::Run(mut run) => {
            let text = || MARKER.to_owned();
            (run.record.expected, run.record.seen) = (text(), text());
            (run.record.details, run.record.printed) = (text(), text());
            run.record.simulated =
                Some(Simulated { events: 1, hash: String::new(), virtual_seconds: 98.765 });
            Entry::Run(Box::new(Run { picture: Some(Picture::Made), ..*run }))
        }
        other => other,
    };
    vec![
        Entry::Grading(grading()),
        build("a", Outcome::Built, ""),
        run("a", "2A::first", 0, Class::Pass),
        run("a", "2A::first", 1, Class::Pass),
        failed(0),
        failed(1),
    ]
}

/// All that the student gets, with the names of the files.
fn student_reports(visibility: &str, detail: &str, seeds: Seeds) -> String {
    let results = tempfile::tempdir().expect("the disk is writable");
    let page = folder(results.path(), &files_of("a")).join(file_name("2A::second"));
    write_file(&page, format!("{MARKER} deadlock {SEED_PLACE}")).expect("the disk is writable");
    let rubric =
        RUBRIC.replace("\"after_published\"", &format!("\"{visibility}\", detail = \"{detail}\""));
    let scoring = scoring_of(&rubric);
    write_all(results.path(), &log(), &scoring, Seeds::Revealed).expect("they are written");
    // What an earlier report has shown must go.
    write_all(results.path(), &log(), &scoring, seeds).expect("they are written");
    all_text(&results.path().join("students/a"))
}

fn all_text(folder: &Path) -> String {
    let files = WalkDir::new(folder).into_iter().map(|file| file.expect("it can be read"));
    let files = files.filter(|file| file.file_type().is_file());
    let show = |file: walkdir::DirEntry| {
        let text = std::fs::read(file.path()).expect("it can be read");
        format!("{}\n{}", file.path().display(), String::from_utf8_lossy(&text))
    };
    files.map(show).collect()
}

/// Checks which parts of a failure are in a text.
fn check(text: &str, what: &str, [class, message, seed]: [bool; 3]) {
    assert_eq!(text.contains("deadlock"), class, "{what}: the class in {text}");
    assert_eq!(text.contains("never releases a lock"), class, "{what}: the hint in {text}");
    for part in [MARKER, "98.765", "expected"] {
        assert_eq!(text.contains(part), message, "{what}: {part} in {text}");
    }
    assert_eq!(text.contains(SEED), seed, "{what}: the seed in {text}");
}

#[test]
fn students_see_as_much_of_a_failure_as_the_rubric_says() {
    for (detail, class, message) in
        [("points", false, false), ("class", true, false), ("message", true, true)]
    {
        for seeds in [Seeds::Secret, Seeds::Revealed] {
            let text = student_reports("visible", detail, seeds);
            let seed = message && seeds == Seeds::Revealed;
            check(&text, detail, [class, message, seed]);
            assert_eq!(text.contains("picture-2A-second.html"), message, "{detail}");
            assert!(text.contains("2A::second") && text.contains("0/2 passed"), "{detail}: {text}");
        }
    }
}

#[test]
fn students_see_nothing_of_a_test_before_the_rubric_says_so() {
    for (visibility, after) in
        [("hidden", false), ("after_due_date", true), ("after_published", true), ("visible", true)]
    {
        for (seeds, shown) in [(Seeds::Secret, visibility == "visible"), (Seeds::Revealed, after)] {
            let text = student_reports(visibility, "message", seeds);
            check(&text, visibility, [shown, shown, shown && seeds == Seeds::Revealed]);
            assert_eq!(text.contains("second"), shown, "{visibility}: {text}");
            assert_eq!(text.contains("of 6"), shown, "{visibility}: the total in {text}");
            assert!(text.contains("2A::first"), "{visibility}: {text}");
        }
    }
}

#[test]
fn gradescope_is_told_as_much_of_a_failure_as_the_rubric_says() {
    for (detail, class, message) in
        [("points", false, false), ("class", true, false), ("message", true, true)]
    {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("results.json");
        let rubric = RUBRIC.replace("points = 4", &format!("points = 4, detail = \"{detail}\""));
        write_results(&path, &log(), &scoring_of(&rubric), None).expect("it is written");
        let text = all_text(folder.path());
        assert!(text.contains("2A::second") && text.contains("0/2 passed"), "{text}");
        for (part, told) in [("deadlock", class), (MARKER, message), (SEED, false)] {
            assert_eq!(text.contains(part), told, "{detail}: {part} in {text}");
        }
    }
}

/// The reports of two students who differ in what is hidden alone.
#[test]
fn what_is_hidden_changes_nothing_that_a_student_sees() {
    let of = |class| {
        let results = tempfile::tempdir().expect("the disk is writable");
        let mut log = log();
        log.truncate(4);
        log.extend([0, 1].map(|index| run("a", "2A::second", index, class)));
        let scoring = scoring_of(&RUBRIC.replace("after_published", "hidden"));
        write_all(results.path(), &log, &scoring, Seeds::Secret).expect("they are written");
        let text = all_text(&results.path().join("students/a"));
        Foreign::new(text.replace(&results.path().display().to_string(), "")).lines()
    };
    assert_eq!(of(Class::Pass), of(Class::Deadlock));
}
