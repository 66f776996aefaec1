//! What Autolab reads, from its `app/controllers/assessment/autograde.rb` and `docs/features/formatted-feedback.md`:
//! the last line is JSON, and its names are those of problems.

use serde_json::{Value, json};

use super::{HOSTILE, Place, results_by};
use crate::export::Autolab;
use crate::report::Seeds;
use crate::report::tests::{RUBRIC, scoring_of};

/// The scores as Autolab takes them: from the last line alone.
fn scores(text: &str) -> Value {
    let last = text.lines().last().expect("there are lines");
    let json: Value = serde_json::from_str(last).expect("the last line is JSON");
    assert!(text.ends_with(&format!("{last}\n")), "{text}");
    assert!(text.lines().rev().nth(1).is_some_and(str::is_empty), "{text}");
    json["scores"].clone()
}

#[test]
fn the_last_line_has_the_points_of_each_stage() {
    let place = Place::new();
    let exported = Autolab { seeds: Seeds::Secret }.export(&place.class(None), &place.path("out"));
    let exported = exported.expect("the disk is writable");
    assert_eq!(place.left_out(&exported).len(), 1, "dora");
    assert!(exported.lines[1].ends_with("must be 2A"), "{exported:?}");
    for (student, points) in [("anna", 6.0), ("bob", 1.5), (HOSTILE, 6.0), ("carl", 0.0)] {
        let text = place.read(&format!("out/{student}/autolab.txt"));
        assert_eq!(scores(&text), json!({ "2A": points }), "{text}");
    }
    let bob = place.read("out/bob/autolab.txt");
    assert!(bob.contains("2A::first") && !bob.contains("2A::second"), "{bob}");
    assert!(!bob.contains("0xac"), "the seed is a secret");
}

#[test]
fn what_no_test_has_earned_is_a_problem_of_its_own() {
    let place = Place::new();
    let mut class = place.class(Some("anna,,1,,\nbob,,2,,\n"));
    class.results.students[1].points -= 0.6;
    let anna = class.results.students[1].student.raw().to_owned();
    assert_eq!(anna, "anna");
    let exported = Autolab { seeds: Seeds::Revealed }.export(&class, &place.path("out"));
    let exported = exported.expect("the disk is writable");
    assert!(exported.lines[1].ends_with("must be 2A, adjustment"), "{exported:?}");
    let anna = scores(&place.read("out/anna/autolab.txt"));
    assert_eq!(anna, json!({ "2A": 6.0, "adjustment": -0.6 }));
    let bob = scores(&place.read("out/bob/autolab.txt"));
    assert_eq!(bob, json!({ "2A": 1.5, "adjustment": 0.0 }));
}

#[test]
fn students_are_told_as_much_as_the_rubric_says() {
    for (detail, told) in [("points", false), ("message", true)] {
        let place = Place::new();
        let rubric = RUBRIC.replace("points = 2", &format!("points = 2, detail = \"{detail}\""));
        let mut class = place.class(None);
        class.results = results_by(&scoring_of(&rubric));
        let autolab = Autolab { seeds: Seeds::Secret };
        autolab.export(&class, &place.path("out")).expect("the disk is writable");
        assert_eq!(place.read("out/bob/autolab.txt").contains("one leader"), told, "{detail}");
    }
}
