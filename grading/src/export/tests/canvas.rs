//! What Canvas reads, from its `lib/gradebook_importer.rb` and `lib/gradebook_exporter.rb`.

use super::{ARABIC, HOSTILE, Place, check_cells, hostile_cell, rows};
use crate::export::Canvas;

/// A gradebook as Canvas exports it. Cells of Lab 2 are marked.
fn gradebook() -> String {
    let hostile = hostile_cell();
    let long = "x".repeat(300);
    [
        "\u{feff}Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (11),\"Lab, 2 (12)\",Final Score",
        ",,,,,,Manual Posting,",
        "    Points Possible,,,,,10,6,(read only)",
        &format!("\"Müller, Anna\",901,0017,anna@uni.edu,\"A, B\",1,,{long}"),
        "\"=\"\"=Bob\"\"\",902,0018,bob@uni.edu,A,2,<bob>,\"two\nlines\u{202e}\"",
        &format!("{hostile},903,0019,x@uni.edu,A,3,<hostile>,"),
        &format!("{ARABIC},904,0020,zoe@uni.edu,A,4,EX,"),
        "\"Carlson, Carl\",905,,,A,5,\"<carl>\",",
        "\"Dropped, Dan\",906,0022,dan@uni.edu,A,6,7,",
        "\"Student, Test\",907,,f00,A,,,",
        "",
    ]
    .join("\r\n")
}

const ROSTER: &str = "anna,,0017,,\nbob,,,BOB@uni.edu,\ncarl,Carl Carlson,,,\ndora,,0030,,\nzoe,,904,,\nemil,,99,,\n";

fn lab_2<'a>(gradebook: &'a std::path::Path) -> Canvas<'a> {
    Canvas { assignment: "Lab, 2", gradebook: Some(gradebook) }
}

#[test]
fn one_column_is_filled_in_and_all_else_stays() {
    let place = Place::new();
    let hostile = hostile_cell();
    let class = place.class(Some(&format!("{ROSTER}{hostile},,0019,,\n")));
    let gradebook_file = place.with("grades.csv", &gradebook());
    let exported = lab_2(&gradebook_file).export(&class, &place.path("out.csv")).expect("it fits");
    let expected = gradebook()
        .replace("\"A, B\",1,,", "\"A, B\",1,6,")
        .replace("<bob>", "1.5")
        .replace("<hostile>", "6")
        .replace("\"<carl>\"", "0");
    assert_eq!(place.read("out.csv"), expected);
    assert_eq!(place.read("grades.csv"), gradebook());
    let expected = [
        "not in these results, so left out: emil",
        "without final points, so left out: dora; resume the grading, and export again",
        "left as they were: zoe (EX)",
    ];
    assert_eq!(place.left_out(&exported), expected);
    assert!(exported.lines[0].ends_with("points of 4 students"), "{exported:?}");
    assert!(!exported.lines.iter().any(|line| line.starts_with("note")), "{exported:?}");
}

#[test]
fn who_is_missing_is_named_all_at_once() {
    let place = Place::new();
    let class = place.class(Some("anna,,0017,,\nbob,,77,,\ncarl,,78,,\n"));
    let file = place.with("grades.csv", &gradebook());
    let exported = lab_2(&file).export(&class, &place.path("out.csv")).expect("anna is there");
    let expected = [
        format!("not in the roster, so left out: {HOSTILE}; dora; zoe"),
        "not in grades.csv, so without points there: bob, carl".to_owned(),
    ];
    assert_eq!(place.left_out(&exported), expected);
}

#[test]
fn a_name_counts_only_if_nobody_else_has_it() {
    let place = Place::new();
    let roster =
        format!("carl,Carl Carlson,,,\n{},\"Carlson,  Carl\",,,\nanna,,0017,,\n", hostile_cell());
    let file = place.with("grades.csv", &gradebook());
    let exported = lab_2(&file).export(&place.class(Some(&roster)), &place.path("out.csv"));
    let left_out = place.left_out(&exported.expect("anna is there"));
    let expected = format!("not in grades.csv, so without points there: carl; {HOSTILE}");
    assert_eq!(left_out[1], expected);
}

#[test]
fn semicolons_and_a_number_for_the_assignment_will_do() {
    let place = Place::new();
    let text = "Student;ID;SIS Login ID;Section;Lab (1);Lab (2)\n    Points Possible;;;;6,0;5,0\nA;9;anna;x;;\nB;8;bob@x.org;x;\"1,0\";\n";
    let file = place.with("grades.csv", text);
    let export = |assignment, out: &str| {
        let canvas = Canvas { assignment, gradebook: Some(&file) };
        canvas.export(&place.class(None), &place.path(out))
    };
    let exported = export("1", "one.csv").expect("it fits");
    assert_eq!(place.read("one.csv"), text.replace("x;;", "x;6;").replace("\"1,0\"", "1.5"));
    assert_eq!(exported.lines.len(), 2, "{exported:?}");
    let exported = export("Lab (2)", "two.csv").expect("it fits");
    let note = "note: it is worth 5,0 points there, and 6 in the rubric: make them the same";
    assert_eq!(exported.lines[1], note);
    let problem = export("Lab", "three.csv").expect_err("there are two");
    assert!(problem.contains("has several assignments \"Lab\": give the number"), "{problem}");
}

#[test]
fn what_cannot_be_filled_in_is_said_before_anything_is_written() {
    let place = Place::new();
    let twice = gradebook().replace("906,0022,dan@uni.edu", "906,0017,dan@uni.edu");
    let other = "Student,ID,Section,Lab (12)\nA,1,x,\n";
    for (text, roster, assignment, expected) in [
        (
            gradebook(),
            ROSTER,
            "Lab 3",
            "grades.csv has no assignment \"Lab 3\", but Lab 1 (11); Lab, 2 (12): name one of these, or export again",
        ),
        (
            gradebook(),
            ROSTER,
            "Final Score",
            "Canvas takes no points for \"Final Score\": it is read only",
        ),
        (
            gradebook(),
            "anna,,1,,\n",
            "12",
            "nobody in grades.csv was graded: name the class with --roster; its ids must be those in grades.csv",
        ),
        (
            twice,
            "anna,,0017,,\n",
            "12",
            "grades.csv: anna fits the lines 4 and 10: give the roster an id that only one has",
        ),
        (
            gradebook(),
            "anna,,0018,,\nbob,,,bob@uni.edu,\n",
            "12",
            "grades.csv, line 5: it fits both anna and bob: correct their ids in the roster",
        ),
        (
            other.replace("Section", "Class"),
            ROSTER,
            "12",
            "grades.csv is not from Canvas: its first line has no ID and Section; export the gradebook again",
        ),
    ] {
        let file = place.with("grades.csv", &text);
        let canvas = Canvas { assignment, gradebook: Some(&file) };
        let problem = canvas.export(&place.class(Some(roster)), &place.path("out.csv"));
        assert_eq!(place.short(&problem.expect_err("it does not fit")), expected);
        assert!(!place.path("out.csv").exists());
    }
    let file = place.with("grades.csv", &gradebook());
    let problem = lab_2(&file).export(&place.class(Some(ROSTER)), &file).expect_err("it exists");
    assert_eq!(place.short(&problem), "grades.csv exists: remove it, or choose another --out");
    assert_eq!(place.read("grades.csv"), gradebook());
}

#[test]
fn a_new_table_has_the_columns_that_canvas_looks_for() {
    let place = Place::new();
    let canvas = Canvas { assignment: "=Lab, 2 (12)", gradebook: None };
    assert!(canvas.export(&place.class(None), &place.path("out.csv")).is_err());
    let (hostile, long) = (hostile_cell(), "ü".repeat(100));
    let roster = format!(
        "anna,\"Müller, Anna\",0017,anna@uni.edu,\nbob,{hostile},18,,\ncarl,{long},19,,\nzoe,{ARABIC},,,\n"
    );
    let exported = canvas.export(&place.class(Some(&roster)), &place.path("out.csv"));
    let left_out = place.left_out(&exported.expect("the roster has ids"));
    assert_eq!(left_out[1], "without id and email in the roster, so left out: zoe");
    let table = rows(&place.read("out.csv"));
    let head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "'=Lab, 2 (12)"];
    assert_eq!(table[0], head);
    assert_eq!(table[1], ["    Points Possible", "", "", "", "", "6"]);
    assert_eq!(table[2], ["Müller, Anna", "0017", "", "anna@uni.edu", "", "6"]);
    assert_eq!(table[3][1..], ["18", "", "", "", "1.5"]);
    assert_eq!(table[4][..3], [long.as_str(), "19", ""]);
    assert_eq!(table.len(), 5);
    check_cells(&table);
}
