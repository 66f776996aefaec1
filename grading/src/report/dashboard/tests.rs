//! The numbers of the page, from a log that is written by hand.

use records::Class::{self, Assertion, Deadlock, Fault, Panic, Pass};

use super::render;
use crate::report::tests::{build, files_of, grading, run, scoring};
use crate::results::Results;
use crate::runlog::{Build, Entry, Outcome};

/// A student, and both runs of the two tests. The second test needs the first one.
fn student(name: &str, [first, second]: [[Class; 2]; 2]) -> Vec<Entry> {
    let runs = |test, classes: [Class; 2]| {
        let of = move |(index, class)| run(name, test, index, class);
        (0..).zip(classes).map(of).collect::<Vec<_>>()
    };
    let mut log = vec![build(name, Outcome::Built, "")];
    log.extend(runs("2A::first", first));
    log.extend(runs("2A::second", second));
    log
}

/// So many students of each kind.
fn class(kinds: &[(&str, u64, [[Class; 2]; 2])]) -> Vec<Entry> {
    let mut log = vec![Entry::Grading(grading())];
    for (kind, count, results) in kinds {
        (0..*count).for_each(|number| log.extend(student(&format!("{kind}{number}"), *results)));
    }
    log
}

/// Twenty students who count: 9 pass both tests, 4 the first alone, 5 are flaky, and 2 pass none.
fn twenty() -> Vec<Entry> {
    class(&[
        ("good", 9, [[Pass, Pass], [Pass, Pass]]),
        ("half", 4, [[Pass, Pass], [Deadlock, Panic]]),
        ("mixed", 3, [[Pass, Assertion], [Pass, Pass]]),
        ("luck", 2, [[Pass, Assertion], [Panic, Pass]]),
        ("weak", 2, [[Deadlock, Deadlock], [Deadlock, Deadlock]]),
    ])
}

fn page_of(log: &[Entry]) -> String {
    let results = Results::of(log, &scoring()).expect("the log is in order");
    render(&results).expect("it can be made")
}

/// The rows of a table, without elements and in the order of the page.
fn table(page: &str, caption: &str) -> Vec<Vec<String>> {
    let table = page.split(&format!("id=\"{caption}-caption\"")).nth(1).unwrap_or_default();
    let body = table.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next());
    let rows = body.unwrap_or_default().split("<tr>").skip(1);
    let cells = |row: &str| {
        let (cells, _) = row.rsplit_once("</t").unwrap_or_default();
        let (cells, _) = cells.rsplit_once("</t").unwrap_or_default();
        cells.split("</t").map(text).collect()
    };
    rows.map(cells).collect()
}

/// The text of a cell, with blanks in the place of elements.
fn text(cell: &str) -> String {
    let parts = cell.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text));
    parts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

#[test]
fn tests_are_counted_by_students_with_intervals_over_students() {
    let page = page_of(&twenty());
    // 13 of 20 is 65 %: by Wilson's formula 43.29 to 81.88 %.
    let expected = [
        ["2A::first", "13 (65 %) 43-82 %", "5 (25 %) 11-47 %", "2 (10 %) 3-30 %", "20", "0.34"],
        ["2A::second", "12 (60 %) 39-78 %", "2 (10 %) 3-30 %", "6 (30 %) 15-52 %", "20", "0.21"],
    ];
    assert_eq!(table(&page, "tests"), expected);
    assert!(page.contains("values from -0.44 to 0.44 may be chance"), "{page}");
}

#[test]
fn failures_are_counted_by_students() {
    let page = page_of(&twenty());
    let flaky = [["2A::first", "5", "5 of 10"], ["2A::second", "2", "2 of 4"]];
    assert_eq!(table(&page, "flaky"), flaky);
    // The runs of a test that needs another one do not count for points, but they have failed.
    let failures = [
        ["panic", "6 (30 %) 15-52 %", "1", "6"],
        ["deadlock", "6 (30 %) 15-52 %", "2", "12"],
        ["not as expected", "5 (25 %) 11-47 %", "1", "5"],
    ];
    let found = table(&page, "failures");
    assert_eq!(found.len(), 3);
    for row in failures {
        assert!(found.iter().any(|found| found == &row), "{row:?} in {found:?}");
    }
}

#[test]
fn the_same_files_count_once() {
    let mut log = twenty();
    for number in 0..30 {
        log.push(Entry::Build(Build {
            student: format!("copy{number}"),
            submission: files_of("weak0"),
            ..Build::default()
        }));
    }
    let (one, all) = (page_of(&twenty()), page_of(&log));
    for caption in ["tests", "flaky", "failures"] {
        assert_eq!(table(&one, caption), table(&all, caption));
    }
    assert!(all.contains("of 50 students\nwho have handed something in, 20 differ"), "{all}");
    assert!(all.contains("<p>50 graded.</p>"), "{all}");
}

#[test]
fn what_is_not_known_does_not_count() {
    let mut log = twenty();
    log.extend(student("late", [[Pass, Pass], [Pass, Fault]]));
    log.push(build("cheat", Outcome::BuildError, "unsafe"));
    log.push(build("unlucky", Outcome::Fault, ""));
    log.push(build("absent", Outcome::NothingHandedIn, ""));
    log.push(Entry::Class { students: vec!["next".to_owned()] });
    let page = page_of(&log);
    let tests = table(&page, "tests");
    assert_eq!(tests[0][1], "14 (67 %) 45-83 %", "all its runs are there");
    assert_eq!(tests[1], table(&page_of(&twenty()), "tests")[1]);
    assert!(page.contains("23 students\nwho have handed something in, 23 differ"), "{page}");
    assert!(page.contains("and the files of 21 compile"), "{page}");
    assert!(page.contains("made from 20 students of whom no run is missing"), "{page}");
    let statuses = "<p>1 nothing handed in, 1 does not compile, 20 graded, 1 incomplete, \
                    1 could not be graded: the grader was at fault, 1 not graded yet. These results are not final: run the same command again.</p>";
    assert!(page.contains(statuses), "{page}");
    // 9 x 6, 4 x 2, 3 x 4.5, 2 x 1.5, 3 x 0
    assert!(page.contains("<b>3.7</b>mean of 6</div>"), "{page}");
    assert!(page.contains("points of the 21 students"), "{page}");
    let rows = table(&page, "students");
    let of = |name: &str| rows.iter().find(|row| row[0] == name).cloned().unwrap_or_default();
    assert_eq!(of("mixed0"), ["mixed0", "4.5", "4.5", "graded", "2A::first 1/2"]);
    assert_eq!(of("cheat"), ["cheat", "0", "0", "does not compile", ""]);
    assert_eq!(of("next"), ["next", "", "", "not graded yet", ""]);
    assert!(!page.contains("students/next/"), "there is no feedback yet");
}

#[test]
fn few_students_tell_nothing_of_discrimination() {
    let nineteen = class(&[
        ("good", 9, [[Pass, Pass], [Pass, Pass]]),
        ("half", 10, [[Pass, Assertion], [Deadlock, Panic]]),
    ]);
    let page = page_of(&nineteen);
    assert_eq!(table(&page, "tests")[0].len(), 5);
    assert!(page.contains("shown if at least 20 students count"), "{page}");
    let alike = page_of(&class(&[("good", 20, [[Pass, Pass], [Pass, Pass]])]));
    assert_eq!(table(&alike, "tests")[0][5], "", "all do equally well");
}

#[test]
fn a_page_can_be_made_before_anybody_is_graded() {
    let page = page_of(&[Entry::Grading(grading())]);
    assert!(page.contains("<h1>0 students"), "{page}");
    assert!(!page.contains("NaN") && !page.contains("class=\"card\""), "{page}");
}
