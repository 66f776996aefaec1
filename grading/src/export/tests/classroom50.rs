//! What Classroom 50 accepts, from `validate_result` in its `runner.py`.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{HOSTILE, Place};
use crate::export::{Class, Classroom50};
use crate::report::Seeds;

/// Checks a result as the collector of scores does.
fn check(result: &Value, owner: &str) -> Result<(), String> {
    for (field, expected) in [
        ("schema", "classroom50/result/v1"),
        ("classroom", "cs"),
        ("assignment", "raft"),
        ("owner", owner),
        ("assignment_type", "individual"),
    ] {
        if result[field] != expected {
            return Err(format!("{field} is {}", result[field]));
        }
    }
    for field in ["submission", "commit", "release", "review", "datetime"] {
        let text = result[field].as_str().unwrap_or_default();
        if text.is_empty() || field == "submission" && !text.starts_with("submit/") {
            return Err(format!("{field} is {text}"));
        }
    }
    check_scores(result)?;
    for test in result["tests"].as_array().ok_or("tests are no list")? {
        check_scores(test)?;
        if test["test-name"].as_str().is_none_or(str::is_empty) || !test["passed"].is_boolean() {
            return Err(format!("{test}"));
        }
    }
    Ok(())
}

fn check_scores(value: &Value) -> Result<(), String> {
    match (value["score"].as_u64(), value["max-score"].as_u64()) {
        (Some(score), Some(most)) if score <= most => Ok(()),
        _ => Err(format!("{} of {}", value["score"], value["max-score"])),
    }
}

fn export(class: &Class, place: &Place, seeds: Seeds) -> Vec<String> {
    let graded = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_818_602);
    let export = Classroom50 { classroom: "cs", assignment: "raft", graded, seeds };
    let exported = export.export(class, &place.path("out")).expect("the disk is writable");
    place.left_out(&exported)
}

fn result(place: &Place, owner: &str) -> Value {
    serde_json::from_str(&place.read(&format!("out/{owner}/result.json"))).expect("it is JSON")
}

#[test]
fn results_are_what_the_collector_accepts() {
    let place = Place::new();
    let left_out = export(&place.class(None), &place, Seeds::Revealed);
    let sentence = format!("not named after an account on GitHub, so left out: {HOSTILE}");
    assert_eq!(left_out[1..], [sentence]);
    for (owner, score, passed) in [("anna", 600, true), ("bob", 150, false), ("carl", 0, false)] {
        let result = result(&place, owner);
        assert_eq!(check(&result, owner), Ok(()));
        // One student has half a point, so all have hundredths.
        assert_eq!((&result["score"], &result["max-score"]), (&score.into(), &600.into()));
        assert_eq!(result["tests"][0]["passed"], passed);
        assert_eq!(result["datetime"], "2026-11-27T22:30:02Z");
        assert_eq!(result["submission"], "submit/manual-2026-11-27T22-30-02Z");
    }
    let mut bad = result(&place, "bob");
    bad["score"] = 1.5.into();
    assert!(check(&bad, "bob").is_err());
}

#[test]
fn accounts_are_the_ends_of_the_names_of_repositories() {
    let place = Place::new();
    let mut class = place.class(None);
    class.results.students.retain(|student| student.student.raw() == "anna");
    class.results.students[0].student = "CS-raft-Anna-M".into();
    class.results.students[0].points = 7.0;
    assert_eq!(export(&class, &place, Seeds::Secret), Vec::<String>::new());
    let result = result(&place, "Anna-M");
    assert_eq!(check(&result, "Anna-M"), Ok(()));
    assert_eq!((&result["score"], &result["max-score"]), (&7.into(), &7.into()));
    assert_eq!(result["tests"].as_array().map(Vec::len), Some(1), "one is shown later");
}
