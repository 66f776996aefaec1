//! The reports of a small class, made from a log that is written by hand.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use quick_junit::Report;
use records::{Class, Clock, Record, SEED_PLACE, Seed, TestInfo};
use serde_json::Value;

use super::{Seeds, write_all};
use crate::results::{Finding, Results};
use crate::rubric::Rubric;
use crate::runlog::{Build, Entry, Grading, Harness, Outcome, Picture, Run};
use crate::scoring::Scoring;
use crate::tree::hash_files;

pub(crate) const RUBRIC: &str = "version = 1
bands = [{ at_least = 1.0, earns = 1.0 }, { at_least = 0.5, earns = 0.25 }]
[stage.2A]
points = 6
tests.first = { points = 2 }
tests.second = { points = 4, needs = [\"first\"], visibility = \"after_published\" }
";

fn tests() -> Vec<TestInfo> {
    let info = |test: &str| TestInfo {
        test: test.to_owned(),
        stage: "2A".to_owned(),
        title: "a claim with <tags> & \"quotes\"".to_owned(),
        limit_seconds: 120,
        optional: false,
    };
    ["2A::first", "2A::second"].map(info).to_vec()
}

pub(crate) fn scoring() -> Scoring {
    scoring_of(RUBRIC)
}

pub(crate) fn scoring_of(rubric: &str) -> Scoring {
    let folder = tempfile::tempdir().expect("the disk is writable");
    let path = folder.path().join("rubric.toml");
    std::fs::write(&path, rubric).expect("the disk is writable");
    let rubric = Rubric::read(&path, 2).expect("it is in order");
    let items = rubric.items(&[], &tests()).expect("all stages");
    Scoring { items, rubric: rubric.id(), late: rubric.late(), ..Scoring::default() }
}

/// What identifies the files of a student, which nobody else has.
pub(super) fn files_of(student: &str) -> String {
    hash_files([(Path::new(student), b"".as_slice())])
}

pub(crate) fn build(student: &str, outcome: Outcome, message: &str) -> Entry {
    Entry::Build(Build {
        student: student.to_owned(),
        submission: files_of(student),
        outcome,
        message: message.to_owned(),
        ..Build::default()
    })
}

pub(crate) fn run(student: &str, test: &str, index: u64, class: Class) -> Entry {
    let text = |text: &str| if class == Class::Pass { String::new() } else { text.to_owned() };
    let record = Record {
        test: test.to_owned(),
        stage: "2A".to_owned(),
        seed: Seed(0xab + u128::from(index)),
        clock: Clock::Sim,
        class,
        wall_seconds: 0.5,
        cpu_seconds: None,
        peak_memory: None,
        summary: None,
        unplayed: Vec::new(),
        simulated: None,
        expected: text("one leader"),
        seen: text("<script>alert(1)</script>"),
        details: text("```\n# not a heading"),
        printed: String::new(),
        page: None,
    };
    Entry::Run(Box::new(Run {
        student: student.to_owned(),
        submission: files_of(student),
        index,
        isolation: "none".to_owned(),
        came_again: false,
        picture: None,
        record,
    }))
}

pub(crate) fn grading() -> Grading {
    Grading {
        version: 1,
        stages: vec!["2A".to_owned()],
        tests: tests(),
        clock: Clock::Sim,
        runs: 2,
        seeds: "s".to_owned(),
        harness: Harness { processor: "x86-64".to_owned(), ..Harness::default() },
        rubric: "r".to_owned(),
    }
}

pub(crate) fn log() -> Vec<Entry> {
    use Class::{Assertion, Deadlock, Fault, Pass};
    vec![
        Entry::Grading(grading()),
        build("good", Outcome::Built, ""),
        run("good", "2A::first", 0, Pass),
        run("good", "2A::second", 0, Pass),
        run("good", "2A::second", 1, Pass),
        run("good", "2A::first", 1, Pass),
        build("flaky", Outcome::Built, ""),
        run("flaky", "2A::first", 0, Pass),
        run("flaky", "2A::first", 1, Assertion),
        run("flaky", "2A::second", 0, Fault),
        run("flaky", "2A::second", 0, Pass),
        run("flaky", "2A::second", 1, Fault),
        build("broken", Outcome::Built, ""),
        run("broken", "2A::first", 0, Deadlock),
        run("broken", "2A::first", 1, Deadlock),
        build("cheat", Outcome::BuildError, "raft.rs:3: usage of an `unsafe` block"),
    ]
}

fn results() -> Results {
    Results::of(&log(), &scoring()).expect("the log is in order")
}

#[test]
fn points_follow_bands_needs_and_outcomes() {
    let of = |name: &str| {
        let all = results();
        let found = all.students.into_iter().find(|student| student.student.raw() == name);
        found.expect("every student is there")
    };
    assert_eq!((of("good").points, of("good").possible, of("good").incomplete), (6.0, 6.0, false));
    // After a fault of the grader a run is missing. It has not passed, and the result is not final.
    let flaky = of("flaky");
    assert_eq!((flaky.points, flaky.incomplete, flaky.tests[1].runs), (1.5, true, 1));
    assert_eq!(flaky.tests[0].finding, Finding::Flaky);
    let broken = of("broken");
    assert_eq!((broken.points, broken.incomplete), (0.0, false));
    assert_eq!(broken.tests[1].finding, Finding::NeedsOther("2A::first".to_owned()));
    assert_eq!((of("cheat").points, of("cheat").outcome), (0.0, Outcome::BuildError));
}

/// All reports, in a folder that is deleted with the guard.
pub(super) fn written(seeds: Seeds) -> (tempfile::TempDir, PathBuf) {
    let guard = tempfile::tempdir().expect("the disk is writable");
    let folder = guard.path().to_owned();
    write_all(&folder, &log(), &scoring(), seeds).expect("the reports are written");
    (guard, folder)
}

#[test]
fn reports_are_the_same_when_they_are_made_again() {
    let (_one, first) = written(Seeds::Secret);
    let (_two, second) = written(Seeds::Secret);
    for report in [
        "summary.json",
        "gradebook.csv",
        "dashboard.html",
        "students/flaky/feedback.md",
        "students/flaky/feedback.html",
        "students/flaky/junit.xml",
        "students/flaky/results.json",
    ] {
        let read = |folder: &PathBuf| std::fs::read_to_string(folder.join(report)).expect(report);
        assert_eq!(read(&first), read(&second), "{report}");
    }
}

#[test]
fn results_name_the_rubric_that_made_their_points() {
    let folder = tempfile::tempdir().expect("the disk is writable");
    let other = scoring_of(&RUBRIC.replace("earns = 0.25", "earns = 0.5"));
    let hash = other.rubric.hash.clone();
    assert_ne!(hash, scoring().rubric.hash);
    for scoring in [&scoring(), &other] {
        write_all(folder.path(), &log(), scoring, Seeds::Secret).expect("they are written");
    }
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    let summary: Value = serde_json::from_str(&read("summary.json")).expect("it is JSON");
    assert_eq!(summary["grading"]["rubric"], hash.as_str());
    assert_eq!(summary["rubric"]["name"], "rubric.toml");
    let results: Value =
        serde_json::from_str(&read("students/good/results.json")).expect("it is JSON");
    assert_eq!(results["extra_data"]["rubric"], hash.as_str());
    assert!(read("dashboard.html").contains(&format!("rubric.toml ({hash})")));
    let old = scoring().rubric.hash;
    for report in ["gradebook.csv", "dashboard.html", "summary.json", "students/good/results.json"]
    {
        let text = read(report);
        assert!(text.contains(&hash) && !text.contains(&old), "{report}");
    }
}

#[test]
fn feedback_says_how_runs_become_points() {
    let bands = "if at least 100 % of the runs pass, 100 % of the points; at least 50 %, 25 %";
    let formula = "this share of the points: max(passes - 1, 0)";
    let of = |rubric: &str| {
        let folder = tempfile::tempdir().expect("the disk is writable");
        write_all(folder.path(), &log(), &scoring_of(rubric), Seeds::Revealed)
            .expect("they are written");
        ["md", "html"].map(|end| {
            let path = folder.path().join(format!("students/good/feedback.{end}"));
            std::fs::read_to_string(path).expect("it is there").replace('`', "")
        })
    };
    for text in of(RUBRIC) {
        assert!(text.contains(&format!("Points of each test: {bands}")), "{text}");
    }
    let own = "points = 2, formula = \"max(passes -\t1, 0)\"";
    for text in of(&RUBRIC.replace("points = 2", own)) {
        assert!(text.contains(&format!("Points of 2A::first: {formula}")), "{text}");
        assert!(text.contains(&format!("Points of all other tests: {bands}")), "{text}");
    }
}

#[test]
fn edited_reports_of_every_kind_are_kept() {
    let (_guard, folder) = written(Seeds::Secret);
    let own = folder.join("students/flaky");
    for (report, kept) in [
        ("summary.json", "summary-edited-1.json"),
        ("gradebook.csv", "gradebook-edited-1.csv"),
        ("dashboard.html", "dashboard-edited-1.html"),
        ("students/flaky/feedback.md", "students/flaky/feedback-edited-1.md"),
        ("students/flaky/feedback.html", "students/flaky/feedback-edited-1.html"),
        ("students/flaky/junit.xml", "students/flaky/junit-edited-1.xml"),
        ("students/flaky/results.json", "students/flaky/results-edited-1.json"),
    ] {
        std::fs::write(folder.join(report), "by hand").expect("the disk is writable");
        write_all(&folder, &log(), &scoring(), Seeds::Secret).expect("the reports are written");
        let text = std::fs::read_to_string(folder.join(kept)).unwrap_or_default();
        assert_eq!(text, "by hand", "{report}");
    }
    std::fs::write(own.join("picture-of-mine.html"), "mine").expect("the disk is writable");
    write_all(&folder, &log(), &scoring(), Seeds::Revealed).expect("the reports are written");
    assert!(own.join("picture-of-mine.html").exists());
    let files = own.read_dir().expect("it is there").count();
    assert_eq!(files, 4 + 4 + 1, "reports that nobody has edited are replaced");
}

#[test]
fn seeds_are_told_only_when_they_are_revealed() {
    for (seeds, told) in [(Seeds::Secret, false), (Seeds::Revealed, true)] {
        let (_guard, folder) = written(seeds);
        for report in ["feedback.md", "feedback.html", "results.json"] {
            let path = folder.join("students/flaky").join(report);
            let text = std::fs::read_to_string(path).expect(report);
            let command = "cargo lab run --exact 2A::first --sim --seed 0xac";
            assert_eq!(text.contains(command), told, "{report}");
            assert_eq!(text.contains("0xac"), told, "{report}");
            assert_eq!(text.contains("workspace, on an x86-64 processor:"), told, "{report}");
        }
    }
}

#[test]
fn pictures_are_beside_the_feedback_of_what_is_shown() {
    let with_picture = |test: &str, picture| match run("a", test, 0, Class::Assertion) {
        Entry::Run(run) => Entry::Run(Box::new(Run { picture: Some(picture), ..*run })),
        other => other,
    };
    let missing = Picture::Missing("it took too long".to_owned());
    let log = |first: &Picture| {
        vec![
            Entry::Grading(grading()),
            build("a", Outcome::Built, ""),
            with_picture("2A::first", first.clone()),
            run("a", "2A::first", 1, Class::Pass),
            with_picture("2A::second", Picture::Made),
        ]
    };
    let folder = tempfile::tempdir().expect("the disk is writable");
    let kept = folder.path().join("pictures").join(files_of("a"));
    std::fs::create_dir_all(&kept).expect("the disk is writable");
    for test in ["first", "second"] {
        let file = kept.join(format!("picture-2A-{test}.html"));
        std::fs::write(file, format!("<p>{SEED_PLACE}</p>")).expect("the disk is writable");
    }
    let read = |name: &str| std::fs::read_to_string(folder.path().join("students/a").join(name));
    let report = |first: &Picture, seeds| {
        write_all(folder.path(), &log(first), &scoring(), seeds).expect("they are written");
        let pages = ["first", "second"].map(|test| read(&format!("picture-2A-{test}.html")).ok());
        (pages, ["md", "html"].map(|end| read(&format!("feedback.{end}")).expect("it is there")))
    };

    let ([first, second], _) = report(&Picture::Made, Seeds::Revealed);
    assert_eq!(first.as_deref(), Some("<p>0xab</p>"));
    assert_eq!(second.as_deref(), Some("<p>0xab</p>"));
    let ([first, second], feedback) = report(&Picture::Made, Seeds::Secret);
    assert_eq!(first.as_deref(), Some("<p>secret</p>"));
    assert_eq!(second, None, "it is shown later");
    for text in feedback {
        assert!(text.contains("picture-2A-first.html") && !text.contains("second.html"), "{text}");
    }
    let ([first, _], feedback) = report(&missing, Seeds::Secret);
    assert_eq!(first, None);
    assert!(feedback.iter().all(|text| text.contains("no picture of this run: it took too long.")));
    std::fs::remove_dir_all(&kept).expect("the disk is writable");
    let ([first, _], feedback) = report(&Picture::Made, Seeds::Secret);
    assert_eq!(first, None);
    assert!(feedback.iter().all(|text| text.contains("its file is gone")), "{feedback:?}");
}

#[test]
fn text_from_a_submission_is_escaped() {
    let (_guard, folder) = written(Seeds::Secret);
    let page =
        std::fs::read_to_string(folder.join("students/flaky/feedback.html")).expect("a page");
    assert!(!page.contains("<script>") && page.contains("&#60;script&#62;"), "{page}");
}

#[test]
fn missing_runs_earn_nothing() {
    let mut log = log();
    log.push(run("flaky", "2A::second", 1, Class::Fault));
    let of = |log: &[Entry]| {
        let all = Results::of(log, &scoring()).expect("the log is in order").students;
        let flaky = all.into_iter().find(|student| student.student.raw() == "flaky");
        let flaky = flaky.expect("every student is there");
        (flaky.tests[1].points, flaky.tests[1].runs, flaky.incomplete)
    };
    assert_eq!(of(&log), (1.0, 1, true));
    log.push(run("flaky", "2A::second", 1, Class::Pass));
    assert_eq!(of(&log), (4.0, 2, false), "a run that was made at last counts");
}

#[test]
fn reports_are_their_owners_alone() {
    let (_guard, folder) = written(Seeds::Revealed);
    for report in ["results.db", "summary.json", "gradebook.csv", "students/flaky/feedback.md"] {
        let mode = std::fs::metadata(folder.join(report)).expect(report).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{report}");
    }
}

#[test]
fn what_the_rubric_hides_is_in_no_report_for_students() {
    for (visibility, secret, revealed) in
        [("hidden", false, false), ("after_published", false, true), ("visible", true, true)]
    {
        let rubric = RUBRIC.replace("after_published", visibility);
        for (seeds, shown) in [(Seeds::Secret, secret), (Seeds::Revealed, revealed)] {
            let guard = tempfile::tempdir().expect("the disk is writable");
            let scoring = scoring_of(&rubric);
            write_all(guard.path(), &log(), &scoring, seeds).expect("the reports are written");
            for report in ["feedback.md", "feedback.html", "junit.xml"] {
                let path = guard.path().join("students/flaky").join(report);
                let text = std::fs::read_to_string(path).expect(report);
                assert_eq!(text.contains("2A::second"), shown, "{visibility} {seeds:?} {report}");
                assert!(text.contains("2A::first"), "{report}");
            }
        }
    }
}

#[test]
fn the_gradebook_has_a_line_for_each_student() {
    let (_guard, folder) = written(Seeds::Secret);
    let mut table =
        csv::Reader::from_path(folder.join("gradebook.csv")).expect("the report exists");
    let rows: Vec<Vec<String>> = table
        .records()
        .map(|row| row.expect("all rows are as long").iter().map(str::to_owned).collect())
        .collect();
    let points: Vec<(&str, &str)> =
        rows.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(points, [("broken", "0"), ("cheat", "0"), ("flaky", "1.5"), ("good", "6")]);
    assert_eq!(rows[2][10], "none", "the lack of isolation is visible");
}

/// JUnit XML as Jenkins describes it: a flaky test passes with a `flakyFailure`.
#[test]
fn junit_reports_can_be_read_back() {
    let (_guard, folder) = written(Seeds::Revealed);
    let read = |name: &str| {
        let path = folder.join("students").join(name).join("junit.xml");
        std::fs::read_to_string(path).expect("the report exists")
    };
    let flaky = read("flaky");
    assert!(flaky.contains("<flakyFailure") && flaky.contains("not as expected"), "{flaky}");
    let broken = read("broken");
    assert!(broken.contains("<failure") && broken.contains("<skipped"), "{broken}");
    for (name, tests, failures) in
        [("good", 2, 0), ("flaky", 2, 0), ("broken", 2, 1), ("cheat", 2, 2)]
    {
        let report = Report::deserialize_from_str(&read(name)).expect("it is JUnit's XML");
        assert_eq!((report.tests, report.failures), (tests, failures), "{name}");
        let head = read(name).split("<testsuite ").next().unwrap_or_default().to_owned();
        assert!(!head.contains("skipped") && !read(name).contains("<properties"), "{name}");
    }
}
