//! What Moodle reads, from its `mod/assign/feedback/offline/importgradeslib.php` and
//! `grade/import/csv/classes/load_data.php`.

use super::{HOSTILE, Place, check_cells, hostile_cell, rows};
use crate::export::{Class, Moodle};
use crate::report::Seeds;

/// A grading worksheet.
const WORKSHEET: &str = "Identifier,\"Full name\",\"Email address\",Status,Grade,\"Maximum grade\",\"Grade can be changed\",\"Last modified (grade)\",\"Feedback comments\"\n\
    \"Participant 4711\",\"Anna Müller\",anna@uni.edu,\"Submitted, for grading - \",<1>,100.00,Yes,-,\"<old\n1>\"\n\
    \"Participant 4712\",\"Bob \u{200f}B\",bob@uni.edu,\"No submission - \",,100.00,Yes,\"Friday, 27 November 2026, 9:12 PM\",\n\
    \"Participant 4713\",\"Carl C\",carl@uni.edu,,<3>,100.00,Yes,-,<old3>\n\
    \"Participant 4714\",\"Dan D\",dan@uni.edu,,,100.00,Yes,-,<old4>\n";

fn moodle<'a>(gradebook: Option<&'a std::path::Path>) -> Moodle<'a> {
    Moodle { column: None, gradebook, seeds: Seeds::Revealed }
}

#[test]
fn a_worksheet_gets_points_and_comments() {
    let place = Place::new();
    let class =
        place.class(Some("anna,,4711,,\nbob,,,bob@uni.edu,\ncarl,\"C, Carl\",,,\nzoe,,9,,\n"));
    let file = place.with("sheet.csv", WORKSHEET);
    let exported = moodle(Some(&file)).export(&class, &place.path("out.csv")).expect("it fits");
    let expected = WORKSHEET
        .replace("<1>", "6")
        .replace("<old\n1>", "2A: 6 of 6; all tests pass")
        .replace("- \",,100.00", "- \",1.5,100.00")
        .replace("9:12 PM\",", "9:12 PM\",\"2A: 1.5 of 6; 2A::first passed 1 of 2 runs, 2A::second passed 1 of 2 runs\"")
        .replace("<3>", "0")
        .replace("<old3>", "The submission does not compile.");
    assert_eq!(place.read("out.csv"), expected);
    let note = "note: it is worth 100.00 points there, and 6 in the rubric: make them the same";
    assert_eq!(exported.lines[2], note);
    let left_out = place.left_out(&exported);
    assert_eq!(left_out[1], "not in sheet.csv, so without points there: zoe");
}

#[test]
fn a_gradebook_gets_points_in_the_column_that_is_named() {
    let place = Place::new();
    let text =
        "First name,Last name,ID number,Assignment: Lab 2 (Real)\nAnna,M,anna,-\nBob,B,8,<2>\n";
    let file = place.with("grades.csv", text);
    let problem = moodle(Some(&file)).export(&place.class(None), &place.path("out.csv"));
    let expected = "grades.csv has no column \"Grade\", but First name, Last name, ID number, Assignment: Lab 2 (Real): name the one for points with --assignment";
    assert_eq!(place.short(&problem.expect_err("the column is unknown")), expected);
    let moodle = Moodle { column: Some("Assignment: Lab 2 (Real)"), ..moodle(Some(&file)) };
    moodle.export(&place.class(None), &place.path("out.csv")).expect("anna is there");
    assert_eq!(place.read("out.csv"), text.replace("anna,-", "anna,6"));
}

#[test]
fn a_new_table_has_addresses_points_and_comments() {
    let place = Place::new();
    let hostile = hostile_cell();
    let roster = format!("anna,,17,anna@uni.edu,\n{hostile},{hostile},18,,\ncarl,,19,,\n");
    let exported = moodle(None).export(&place.class(Some(&roster)), &place.path("out.csv"));
    let left_out = place.left_out(&exported.expect("the roster has ids"));
    assert_eq!(left_out, ["not in the roster, so left out: bob, dora, zoe"]);
    let table = rows(&place.read("out.csv"));
    assert_eq!(table[0], ["Email address", "ID number", "Grade", "Feedback comments"]);
    assert_eq!(table[1], ["anna@uni.edu", "17", "6", "2A: 6 of 6; all tests pass"]);
    assert_eq!(table[3], ["", "19", "0", "The submission does not compile."]);
    check_cells(&table);
}

#[test]
fn points_that_moodle_refuses_are_noted() {
    let place = Place::new();
    let mut class = place.class(Some("anna,,17,,\n"));
    let export = |class: &Class, out: &str| {
        let exported = moodle(None).export(class, &place.path(out)).expect("anna has an id");
        exported.lines.iter().any(|line| line.contains("more than 100 points"))
    };
    assert!(!export(&class, "one.csv"));
    class.results.students[1].points = 100.5;
    assert!(export(&class, "two.csv"));
}

#[test]
fn comments_say_nothing_that_students_wrote_or_may_not_see() {
    let place = Place::new();
    let roster = format!("{},,18,,\nzoe,,19,,\ncarl,,20,,\n", hostile_cell());
    let export = |seeds, out: &str| {
        let moodle = Moodle { column: None, gradebook: None, seeds };
        moodle.export(&place.class(Some(&roster)), &place.path(out)).expect("the roster has ids");
        place.read(out)
    };
    let (secret, revealed) = (export(Seeds::Secret, "one.csv"), export(Seeds::Revealed, "two.csv"));
    assert!(!secret.contains("2A::second") && secret.contains("2A: 0 of 2"), "{secret}");
    assert!(
        revealed.contains("2A::first passed 0 of 2 runs, tests that were not run: 1"),
        "{revealed}"
    );
    for text in [secret, revealed] {
        assert!(!text.contains('<') && !text.contains(HOSTILE), "{text}");
    }
}
