//! JUnit reports keep the rules of Jenkins' schema, `junit-10.xsd` of its xunit plugin.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use records::Class;

use super::hostile::{NAME, hostile};
use super::tests::{RUBRIC, build, grading, log, run, scoring, scoring_of};
use super::visibility::StudentView;
use super::{Seeds, hostile as hostile_reports, junit};
use crate::results::{Results, StudentResult};
use crate::runlog::{Entry, Outcome};
use crate::scoring::Scoring;

/// What the schema says of an element that our reports may have.
struct Rule {
    element: &'static str,
    parents: &'static [&'static str],
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

/// The schema's rules for the elements of our reports.
const RULES: &[Rule] = &[
    Rule {
        element: "testsuites",
        parents: &[""],
        required: &[],
        optional: &["name", "time", "tests", "failures", "errors"],
    },
    Rule {
        element: "testsuite",
        parents: &["testsuites", "testsuite"],
        required: &["name", "tests", "failures", "errors"],
        optional: &["group", "time", "skipped", "timestamp", "hostname", "id", "package"],
    },
    Rule {
        element: "testcase",
        parents: &["testsuite"],
        required: &["name"],
        optional: &["time", "classname", "group"],
    },
    Rule {
        element: "skipped",
        parents: &["testcase"],
        required: &[],
        optional: &["type", "message"],
    },
    Rule {
        element: "failure",
        parents: &["testcase"],
        required: &[],
        optional: &["type", "message"],
    },
    Rule {
        element: "error",
        parents: &["testcase"],
        required: &[],
        optional: &["type", "message"],
    },
    Rule {
        element: "flakyFailure",
        parents: &["testcase"],
        required: &["type"],
        optional: &["message"],
    },
    Rule {
        element: "system-out",
        parents: &["testcase", "testsuite", "flakyFailure"],
        required: &[],
        optional: &[],
    },
];

/// The first rule of the schema that a report breaks.
fn check(report: &str) -> Result<(), String> {
    let mut reader = Reader::from_str(report);
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                check_element(&start, open.last())?;
                open.push(name(&start));
            }
            Event::Empty(start) => check_element(&start, open.last())?,
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => {
                check_characters(&text.decode().map_err(|error| error.to_string())?)?
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn name(start: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(start.name().as_ref()).into_owned()
}

fn check_element(start: &BytesStart<'_>, parent: Option<&String>) -> Result<(), String> {
    let name = name(start);
    let rule = RULES.iter().find(|rule| rule.element == name);
    let rule = rule.ok_or_else(|| format!("unknown element {name}"))?;
    let parent = parent.map_or("", String::as_str);
    if !rule.parents.contains(&parent) {
        return Err(format!("{name} in {parent}"));
    }
    let mut missing = rule.required.to_vec();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        if !rule.required.contains(&key.as_str()) && !rule.optional.contains(&key.as_str()) {
            return Err(format!("{name} has an attribute {key}"));
        }
        missing.retain(|required| *required != key);
        let value = attribute.normalized_value(XmlVersion::Explicit1_0);
        check_characters(&value.map_err(|error| error.to_string())?)?;
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("{name} has no {missing:?}")) }
}

/// XML has no place for control characters, not even as references.
fn check_characters(text: &str) -> Result<(), String> {
    let is_bad = |letter: &char| letter.is_control() && !"\n\t".contains(*letter);
    match text.chars().find(is_bad) {
        Some(letter) => Err(format!("the character {letter:?}")),
        None => Ok(()),
    }
}

fn students(entries: &[Entry], scoring: &Scoring) -> Vec<StudentResult> {
    Results::of(entries, scoring).expect("the log is in order").students
}

#[test]
fn reports_keep_the_rules_of_the_schema() {
    let honest = students(&log(), &scoring());
    let hostile = students(&hostile_reports::log(NAME, &hostile()), &scoring());
    assert_eq!(honest.len() + hostile.len(), 7);
    for student in honest.iter().chain(&hostile) {
        for seeds in [Seeds::Secret, Seeds::Revealed] {
            let report = junit::render(&StudentView::of(student, seeds)).expect("it is written");
            assert_eq!(check(&report), Ok(()), "{report}");
        }
    }
}

#[test]
fn the_rules_can_be_broken() {
    let report = "<testsuites><testsuite name='a' tests='1' failures='0' errors='0'>\
                  <testcase name='b'><failure message='c'/></testcase></testsuite></testsuites>";
    assert_eq!(check(report), Ok(()));
    for (good, bad) in [
        ("<testsuites>", "<testsuites skipped='1'>"),
        ("tests='1' ", ""),
        ("<testcase name='b'>", "<testcase name='b'><properties/>"),
        ("message='c'", "message='&#27;[2J'"),
        ("<failure message='c'/>", "<flakyFailure message='c'/>"),
    ] {
        assert!(check(&report.replace(good, bad)).is_err(), "{bad}");
    }
}

/// The report of a student with one run of ten that passed, in a test that is worth this much.
fn one_of_ten(points: &str) -> String {
    let rubric =
        RUBRIC.replace("first = { points = 2 }", &format!("first = {{ points = {points} }}"));
    let rubric = rubric
        .replace("points = 4,", &format!("points = {},", 6 - points.parse::<i32>().unwrap_or(0)));
    let mut entries = vec![Entry::Grading(grading()), build("a", Outcome::Built, "")];
    entries.push(run("a", "2A::first", 0, Class::Pass));
    entries.extend((1..10).map(|index| run("a", "2A::first", index, Class::Assertion)));
    let students = students(&entries, &scoring_of(&rubric));
    junit::render(&StudentView::of(&students[0], Seeds::Secret)).expect("it is written")
}

#[test]
fn a_test_that_earns_nothing_has_failed() {
    for points in ["2", "0"] {
        let report = one_of_ten(points);
        assert!(report.contains("<failure") && !report.contains("<flakyFailure"), "{report}");
        assert!(report.contains("seen      &lt;script&gt;"), "{report}");
    }
}
