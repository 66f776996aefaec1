//! Reports of a student whose name and program say whatever they can to leave their place in a report.

use std::path::Path;

use percent_encoding::percent_decode_str;
use pulldown_cmark::{Event, Options, Parser, Tag};
use quick_junit::Report;
use records::{Class, Seed};

use super::tests::{build, grading, run, scoring};
use super::{Seeds, summary, write_all};
use crate::results::Results;
use crate::runlog::{Entry, Outcome};
use crate::submission::Origin;

/// What is shown as it is must not mean anything to a browser, a spreadsheet or a Markdown reader.
pub(super) const NAME: &str =
    "=HYPERLINK(1);+x <img src=x onerror=alert(1)> [a](http:b) ``` | www.evil.org a@b.org &amp;";

/// What is not shown must not reach anybody.
const INVISIBLE: &[char] = &[
    '\u{1b}',
    '\u{9b}',
    '\u{7}',
    '\u{8}',
    '\r',
    '\0',
    '\u{7f}',
    '\u{202e}',
    '\u{2066}',
    '\u{200b}',
    '\u{feff}',
    '\u{ffff}',
    '\u{2028}',
    '\u{e0041}',
];

pub(super) fn hostile() -> String {
    let invisible: String = INVISIBLE.iter().collect();
    format!(
        "{NAME}\n````\n# heading\n\n</pre></code><script>alert(1)</script>]]>{invisible}[2J\n| x |"
    )
}

/// A log of three students with this name and these texts.
pub(super) fn log(name: &str, text: &str) -> Vec<Entry> {
    let failed = |student: &str, test| match run(student, test, 0, Class::Panic) {
        Entry::Run(mut run) => {
            run.isolation = text.to_owned();
            run.record.expected = text.to_owned();
            run.record.seen = text.to_owned();
            run.record.details = text.to_owned();
            run.record.printed = text.to_owned();
            run.record.seed = Seed(0x5eed);
            Entry::Run(run)
        }
        other => other,
    };
    let [built, refused, ungraded] = ["1", "2", "3"].map(|number| format!("{name} {number}"));
    let pair = || vec![(text.to_owned(), "raft/src/raft.rs".to_owned())];
    let with_files = |entry| match entry {
        Entry::Build(mut build) => {
            build.handed_in = text.to_owned();
            build.origin = Origin { taken: pair(), left: pair(), ..Origin::default() };
            Entry::Build(build)
        }
        other => other,
    };
    let all = [
        Entry::Grading(grading()),
        build(&built, Outcome::Built, ""),
        failed(&built, "2A::first"),
        run(&built, "2A::first", 1, Class::Pass),
        failed(&built, "2A::second"),
        build(&refused, Outcome::BuildError, text),
        build(&ungraded, Outcome::Fault, text),
    ];
    all.map(with_files).to_vec()
}

/// The reports, by their paths, with the names of students replaced by numbers.
fn reports(name: &str, text: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().expect("the disk is writable");
    write_all(folder.path(), &log(name, text), &scoring(), Seeds::Revealed)
        .expect("they are written");
    let read =
        |path: &Path| std::fs::read_to_string(folder.path().join(path)).expect("it is there");
    let mut all = Vec::new();
    for report in ["summary.json", "gradebook.csv", "dashboard.html"] {
        all.push((report.to_owned(), read(report.as_ref())));
    }
    for number in ["1", "2", "3"] {
        let own = Path::new("students").join(format!("{name} {number}"));
        for report in ["feedback.md", "feedback.html", "junit.xml", "results.json"] {
            all.push((format!("{number}/{report}"), read(&own.join(report))));
        }
    }
    all
}

/// Pairs of reports: of a student with harmless texts, and of a hostile one.
fn pairs(ending: &str) -> Vec<(String, String, String)> {
    let pairs = reports("alice", "a text").into_iter().zip(reports(NAME, &hostile()));
    let pairs = pairs.map(|((report, harmless), (_, hostile))| (report, harmless, hostile));
    pairs.filter(|(report, ..)| report.ends_with(ending)).collect()
}

#[test]
fn no_report_contains_what_is_not_shown() {
    let all = reports(NAME, &hostile());
    assert_eq!(all.len(), 15);
    for (report, text) in all {
        // A spreadsheet needs the mark to know the encoding.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        assert!(!text.contains(INVISIBLE), "{report}: {text:?}");
        assert!(text.is_ascii() || !report.ends_with(".xml"), "{report}");
    }
}

#[test]
fn pages_have_the_elements_of_an_honest_students_pages() {
    // Links to the feedback differ in the name.
    let element = |part: &str| {
        let element = part.split('>').next().unwrap_or_default();
        match element.strip_prefix("a href=\"students/").and_then(|rest| rest.split_once('/')) {
            Some((name, rest))
                if name.chars().all(|it| it == '%' || it.is_ascii_alphanumeric()) =>
            {
                format!("a href=\"students/NAME/{rest}")
            }
            _ => element.to_owned(),
        }
    };
    let elements = |page: &str| -> Vec<String> { page.split('<').skip(1).map(element).collect() };
    let found = pairs(".html");
    assert_eq!(found.len(), 4);
    for (report, harmless, hostile) in found {
        assert_eq!(elements(&hostile), elements(&harmless), "{report}");
        assert!(hostile.contains("&#60;img src=x onerror"), "{report}");
    }
}

/// A browser must find the feedback under the address that the dashboard links to.
#[test]
fn links_lead_to_the_feedback_of_their_student() {
    for name in [NAME, "Müller, Anna", "50% ?#", "%2e%2e", "..x", "a\\b", "javascript:alert(1)"] {
        let folder = tempfile::tempdir().expect("the disk is writable");
        write_all(folder.path(), &log(name, "a text"), &scoring(), Seeds::Secret)
            .expect("they are written");
        let page =
            std::fs::read_to_string(folder.path().join("dashboard.html")).expect("it is there");
        let links =
            page.split("<a href=\"students").skip(1).filter_map(|rest| rest.split('"').next());
        let found = links.filter(|link| {
            let path = percent_decode_str(link).decode_utf8().expect("it is text");
            assert!(!link.contains(['?', '#', '\\', ':', '&', ';']), "{link}");
            folder.path().join(format!("students{path}")).is_file()
        });
        assert_eq!(found.count(), 3, "{name}");
    }
}

#[test]
fn markdown_has_the_structure_of_an_honest_students() {
    // Texts and the languages of code blocks may differ.
    let structure = |text: &str| -> Vec<String> {
        let events = Parser::new_ext(text, Options::all());
        let shape = |event| match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
            | Event::Html(_)
            | Event::InlineHtml(_) => panic!("{event:?} in {text}"),
            Event::Start(tag) => Some(format!("{tag:?}")),
            Event::End(tag) => Some(format!("{tag:?}")),
            _ => None,
        };
        events.filter_map(shape).collect()
    };
    for (report, harmless, hostile) in pairs(".md") {
        assert_eq!(structure(&hostile), structure(&harmless), "{report}");
        assert!(hostile.contains("<img src=x"), "{report}");
    }
    for (report, harmless, hostile) in pairs("results.json") {
        let outputs = |text: &str| -> Vec<String> {
            let json: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
            let tests = json["tests"].as_array().expect("there are tests").iter();
            let rendered = tests.filter(|test| test["output_format"] == "md");
            rendered.map(|test| test["output"].as_str().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(outputs(&harmless).len(), 2, "{report}");
        for (hostile, harmless) in outputs(&hostile).iter().zip(outputs(&harmless)) {
            assert_eq!(structure(hostile), structure(&harmless), "{report}");
        }
    }
}

#[test]
fn tables_have_no_formulas() {
    for (_, harmless, hostile) in pairs(".csv") {
        let [harmless, hostile] = [harmless, hostile].map(|text| {
            let mut table = csv::Reader::from_reader(text.as_bytes());
            let rows = table.records().map(|row| row.expect("all rows are as long"));
            rows.collect::<Vec<_>>()
        });
        assert_eq!(hostile.len(), harmless.len());
        for cell in hostile.iter().flatten() {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
            assert!(!cell.contains(";+"), "{cell}");
        }
    }
}

#[test]
fn junit_reports_are_still_xml() {
    for (report, _, hostile) in pairs(".xml") {
        let read = Report::deserialize_from_str(&hostile).expect("it is JUnit's XML");
        let name = read.name.expect("a report has a name");
        assert!(name.as_str().starts_with(NAME), "{report}: {name:?}");
    }
}

#[test]
fn the_terminal_gets_a_line_for_each_student() {
    let lines = |name, text: &str| {
        let results = Results::of(&log(name, text), &scoring()).expect("the log is in order");
        summary(&results)
    };
    let (harmless, hostile) = (lines("alice", "a text"), lines(NAME, &hostile()));
    assert_eq!(hostile.lines().count(), harmless.lines().count());
    assert!(hostile.lines().all(|line| !line.contains(char::is_control)), "{hostile}");
}

#[test]
fn the_database_has_no_invisible_text() {
    let folder = tempfile::tempdir().expect("the disk is writable");
    write_all(folder.path(), &log(NAME, &hostile()), &scoring(), Seeds::Secret)
        .expect("it is written");
    let database =
        rusqlite::Connection::open(folder.path().join("results.db")).expect("it is there");
    let mut query = database
        .prepare("SELECT student || message || isolation FROM student UNION SELECT expected || seen || isolation FROM run")
        .expect("the tables are there");
    let texts = query.query_map([], |row| row.get::<_, Option<String>>(0)).expect("it is valid");
    let texts: Vec<String> = texts.filter_map(|text| text.expect("it is a text")).collect();
    assert!(texts.len() > 3, "{texts:?}");
    assert!(texts.iter().all(|text| !text.contains(INVISIBLE)), "{texts:?}");
}
