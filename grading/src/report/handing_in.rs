//! Reports of who has handed in what.

use records::Class;

use super::tests::{build, grading, run, scoring};
use super::{Seeds, summary, write_all};
use crate::results::Results;
use crate::runlog::{Build, Entry, Outcome};
use crate::submission::Origin;

/// A build of these files, which were handed in under this name.
fn of_files(student: &str, files: &str, handed_in: &str) -> Entry {
    Entry::Build(Build {
        student: student.to_owned(),
        submission: files.to_owned(),
        handed_in: handed_in.to_owned(),
        ..Build::default()
    })
}

/// A run of these files that was made for this student.
fn run_of(student: &str, files: &str, test: &str, index: u64, class: Class) -> Entry {
    match run(student, test, index, class) {
        Entry::Run(mut run) => {
            run.submission = files.to_owned();
            Entry::Run(run)
        }
        other => other,
    }
}

/// Ann and Ben have the same files, of which all runs were made for Ann. Cy and Di are a group.
fn log() -> Vec<Entry> {
    vec![
        Entry::Grading(grading()),
        of_files("ann", "f1", "ann.rs"),
        run_of("ann", "f1", "2A::first", 0, Class::Pass),
        run_of("ann", "f1", "2A::first", 1, Class::Assertion),
        run_of("ann", "f1", "2A::second", 0, Class::Pass),
        run_of("ann", "f1", "2A::second", 1, Class::Panic),
        of_files("ben", "f1", "ben.zip"),
        of_files("cy", "f2", "cy_and_di.zip"),
        of_files("di", "f2", "cy_and_di.zip"),
        build("eve", Outcome::NothingHandedIn, ""),
        build("<i>fay", Outcome::NothingHandedIn, ""),
    ]
}

/// The text of a report.
fn report(path: &str) -> String {
    let folder = tempfile::tempdir().expect("the disk is writable");
    write_all(folder.path(), &log(), &scoring(), Seeds::Revealed).expect("they are written");
    std::fs::read_to_string(folder.path().join(path)).expect("it is there")
}

#[test]
fn students_with_the_same_files_get_the_same_reports() {
    for file in ["feedback.md", "feedback.html", "junit.xml", "results.json"] {
        let [ann, ben] = ["ann", "ben"].map(|name| report(&format!("students/{name}/{file}")));
        assert_eq!(ann.replace("ann", "ben"), ben, "{file}");
        assert!(!ben.contains("ann"), "{file} names the other student");
        assert!(file == "junit.xml" || ben.contains("one leader"), "{file} has no failure");
    }
    let results = Results::of(&log(), &scoring()).expect("the log is in order");
    let points: Vec<f64> = results.students.iter().map(|student| student.points).collect();
    assert_eq!(points, [0.0, 1.5, 1.5, 0.0, 0.0, 0.0]);
}

#[test]
fn the_database_has_the_runs_of_everybody() {
    let folder = tempfile::tempdir().expect("the disk is writable");
    write_all(folder.path(), &log(), &scoring(), Seeds::Secret).expect("they are written");
    let database = rusqlite::Connection::open(folder.path().join("results.db")).expect("it is one");
    for student in ["ann", "ben"] {
        let count: u64 = database
            .query_row("SELECT COUNT(*) FROM run WHERE student = ?", [student], |row| row.get(0))
            .expect("there is a table");
        assert_eq!(count, 4, "{student}");
    }
}

#[test]
fn an_older_submission_that_comes_again_counts_again() {
    let mut log = log();
    log.push(of_files("ann", "f2", "ann.rs"));
    let points = |log: &[Entry]| {
        let results = Results::of(log, &scoring()).expect("the log is in order");
        let ann = results.students.into_iter().find(|student| student.student.raw() == "ann");
        ann.expect("she is there").points
    };
    assert_eq!(points(&log), 0.0);
    log.push(of_files("ann", "f1", "ann.rs"));
    assert_eq!(points(&log), 1.5);
}

#[test]
fn a_late_submission_counts() {
    let mut log = log();
    log.push(of_files("eve", "f1", "eve.rs"));
    let results = Results::of(&log, &scoring()).expect("the log is in order");
    assert_eq!((results.handed_in().count(), results.missing().count()), (5, 1));
    let eve = results.handed_in().find(|student| student.student.raw() == "eve");
    assert_eq!(eve.expect("she is there").points, 1.5);
}

#[test]
fn who_has_handed_in_nothing_is_listed_and_does_not_count_in_averages() {
    let results = Results::of(&log(), &scoring()).expect("the log is in order");
    let text = summary(&results);
    assert!(text.contains("4 submissions, average 1.5 of 6 points over 2 of them"), "{text}");
    assert!(text.ends_with("2 handed in nothing: <i>fay, eve"), "{text}");
    assert!(!text.contains("\neve"), "{text}");
    let gradebook = report("gradebook.csv");
    assert!(gradebook.contains("\neve,0,6,0,,,0,nothing handed in,"), "{gradebook}");
    assert!(report("students/eve/feedback.md").contains("You have handed in nothing.\n"));
    let feedback = report("students/ann/feedback.md");
    assert!(feedback.contains("Each test ran 2 times"), "{feedback}");
    assert!(!feedback.contains("first five"), "no test was to run so often: {feedback}");
    assert!(report("students/eve/feedback.html").contains("You have handed in nothing.<"));
}

#[test]
fn the_dashboard_tells_who_is_missing_and_who_has_the_same_files() {
    let page = report("dashboard.html");
    assert!(page.contains("<p>2: &#60;i&#62;fay; eve</p>"), "{page}");
    assert!(page.contains("<li id=\"same-1\">Set 1: ann; ben</li>"), "{page}");
    assert!(!page.contains("cy, di"), "a group has handed in once");
    assert_eq!(page.matches("<a href=\"#same-1\">set 1</a>").count(), 2, "{page}");
    assert!(page.contains("of 4 students\nwho have handed something in, 2 differ"), "{page}");
}

#[test]
fn feedback_says_which_files_were_taken() {
    let pair = |(one, other): (&str, &str)| (one.to_owned(), other.to_owned());
    let origin = Origin {
        taken: [
            ("hw/<b>/raft.rs", "raft/src/raft.rs"),
            ("raft/src/raft/a.rs", "raft/src/raft/a.rs"),
        ]
        .map(pair)
        .to_vec(),
        more_taken: 7,
        left: [("`x`/labrpc/src/lib.rs", "in a crate that is given")].map(pair).to_vec(),
        more_left: 9_000,
    };
    let folder = tempfile::tempdir().expect("the disk is writable");
    let build = Build { student: "ann".to_owned(), origin, ..Build::default() };
    let log = [Entry::Grading(grading()), Entry::Build(build)];
    write_all(folder.path(), &log, &scoring(), Seeds::Secret).expect("they are written");
    let read = |name: &str| {
        let path = folder.path().join("students/ann").join(name);
        std::fs::read_to_string(path).expect("it is there")
    };
    let text = read("feedback.md");
    let expected = "## Your files\n\nThese files of your submission were graded:\n\n\
        - ` hw/<b>/raft.rs ` as `raft/src/raft.rs`\n- ` raft/src/raft/a.rs `\n- and 7 more\n\n\
        These were not:\n\n- `` `x`/labrpc/src/lib.rs ``: in a crate that is given\n- and 9000 more\n";
    assert!(text.contains(expected), "{text}");
    let page = read("feedback.html");
    assert!(
        page.contains("<code>hw/&#60;b&#62;/raft.rs</code> as <code>raft/src/raft.rs</code>"),
        "{page}"
    );
    assert!(page.contains("<li>and 9000 more</li>"), "{page}");
}
