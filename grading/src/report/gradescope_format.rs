//! `results.json` is what Gradescope documents.

use records::Class;
use serde_json::{Value, json};

use super::tests::{build, grading, log, run, scoring, written};
use super::visibility::StudentView;
use super::{Seeds, gradescope, write_results};
use crate::results::Results;
use crate::runlog::{Entry, Outcome, students};
use crate::scoring::Scoring;

const VISIBILITY: &[&str] = &["hidden", "after_due_date", "after_published", "visible"];

const FORMATS: &[&str] = &["text", "html", "simple_format", "md", "ansi"];

/// The fields that Gradescope documents for `results.json`.
const FIELDS: &[&str] = &[
    "score",
    "execution_time",
    "output",
    "output_format",
    "test_output_format",
    "test_name_format",
    "visibility",
    "stdout_visibility",
    "extra_data",
    "tests",
    "leaderboard",
];

/// The fields that Gradescope documents for each test.
const TEST_FIELDS: &[&str] = &[
    "score",
    "max_score",
    "status",
    "name",
    "name_format",
    "number",
    "output",
    "output_format",
    "tags",
    "visibility",
    "extra_data",
];

fn check_fields(value: &Value, fields: &[&str]) -> Result<(), String> {
    let object = value.as_object().ok_or("not an object")?;
    let unknown = object.keys().find(|key| !fields.contains(&key.as_str()));
    unknown.map_or(Ok(()), |key| Err(format!("unknown field {key}")))
}

fn check_value(value: &Value, values: &[&str]) -> Result<(), String> {
    match value.as_str() {
        Some(text) if values.contains(&text) => Ok(()),
        _ if value.is_null() => Ok(()),
        _ => Err(format!("{value} is none of {values:?}")),
    }
}

/// Checks `results.json` against Gradescope's documentation.
pub(super) fn check_gradescope(results: &Value) -> Result<(), String> {
    check_fields(results, FIELDS)?;
    check_numbers(results, &["score", "execution_time"])?;
    check_value(&results["output_format"], FORMATS)?;
    check_value(&results["visibility"], VISIBILITY)?;
    check_value(&results["stdout_visibility"], VISIBILITY)?;
    let tests = results["tests"].as_array().ok_or("tests are not a list")?;
    if tests.is_empty() && !results["score"].is_number() {
        return Err("there are neither tests nor a score".to_owned());
    }
    tests.iter().try_for_each(check_gradescope_test)
}

/// Numbers that are not negative, or nothing.
fn check_numbers(value: &Value, fields: &[&str]) -> Result<(), String> {
    let is_bad = |field: &&&str| {
        let value = &value[**field];
        !value.is_null() && value.as_f64().is_none_or(|number| number < 0.0)
    };
    fields.iter().find(is_bad).map_or(Ok(()), |field| Err(format!("{field} is no number from 0")))
}

fn check_gradescope_test(test: &Value) -> Result<(), String> {
    check_fields(test, TEST_FIELDS)?;
    check_value(&test["status"], &["passed", "failed"])?;
    check_value(&test["visibility"], VISIBILITY)?;
    check_value(&test["output_format"], FORMATS)?;
    for field in ["name", "number", "output"] {
        test[field].as_str().ok_or(format!("{field} is not a string"))?;
    }
    check_numbers(test, &["max_score"])?;
    // Only what has no most may be negative: it takes points away.
    if !test["score"].is_null() && !test["score"].is_number() {
        return Err("score is no number".to_owned());
    }
    let tags = test["tags"].as_array();
    if tags.is_some_and(|tags| !tags.iter().all(Value::is_string)) || test["extra_data"].is_string()
    {
        return Err("tags are not strings, or extra_data is no object".to_owned());
    }
    if let (Some(score), Some(most)) = (test["score"].as_f64(), test["max_score"].as_f64())
        && !(0.0..=most).contains(&score)
    {
        return Err(format!("a score of {score} out of {most}"));
    }
    Ok(())
}

/// What Gradescope gets about one student of the log.
fn live(name: &str) -> Value {
    let folder = tempfile::tempdir().expect("the disk is writable");
    let path = folder.path().join("results.json");
    let mut log = log();
    log.retain(|entry| students(std::slice::from_ref(entry)).all(|student| student == name));
    write_results(&path, &log, &scoring(), None).expect("it is written");
    let text = std::fs::read_to_string(path).expect("the report exists");
    serde_json::from_str(&text).expect("it is JSON")
}

#[test]
fn gradescope_gets_the_format_that_it_documents() {
    for (name, score) in [("good", 6.0), ("flaky", 1.5), ("broken", 0.0), ("cheat", 0.0)] {
        let results = live(name);
        assert_eq!(check_gradescope(&results), Ok(()));
        let tests = results["tests"].as_array().expect("it was checked");
        let sum: f64 = tests.iter().filter_map(|test| test["score"].as_f64()).sum();
        assert_eq!(sum, score, "{name}");
        assert_eq!(tests[2]["visibility"], "after_published");
    }
    let (_guard, folder) = written(Seeds::Secret);
    for name in ["good", "flaky", "broken", "cheat"] {
        let path = folder.join("students").join(name).join("results.json");
        let text = std::fs::read_to_string(path).expect("the report exists");
        let own: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(check_gradescope(&own), Ok(()));
        assert_eq!(own["tests"][1], live(name)["tests"][1], "{name}");
        assert!(own["tests"][2].is_null(), "the other test is shown later");
    }
    let good =
        json!({ "tests": [{ "name": "x", "number": "1", "output": "", "status": "passed" }] });
    assert_eq!(check_gradescope(&good), Ok(()));
    for (field, value) in [
        ("status", json!("ok")),
        ("score", json!("1")),
        ("max_score", json!(-1)),
        ("visibility", json!("never")),
        ("tags", json!([1])),
        ("number", json!(1)),
        ("time", json!(1)),
    ] {
        let mut bad = good.clone();
        bad["tests"][0][field] = value;
        assert!(check_gradescope(&bad).is_err(), "{bad}");
    }
}

/// The results of the first student of a log.
fn rendered(entries: &[Entry]) -> Value {
    let results = Results::of(entries, &scoring()).expect("the log is in order");
    let text = gradescope::render(
        &StudentView::for_gradescope(&results.students[0]),
        &results.grading,
        None,
    );
    let text = text.expect("it is JSON");
    assert!(text.len() < 600 << 10, "{} bytes", text.len());
    serde_json::from_str(&text).expect("it is JSON")
}

/// A log with failures that say a lot.
fn log_with(details: &str) -> Vec<Entry> {
    let mut log = vec![Entry::Grading(grading()), build("a", Outcome::Built, "")];
    for test in ["2A::first", "2A::second"] {
        for (index, class) in [Class::Pass, Class::Assertion].into_iter().enumerate() {
            let Entry::Run(mut run) = run("a", test, index as u64, class) else { continue };
            run.record.details = details.to_owned();
            log.push(Entry::Run(run));
        }
    }
    log
}

#[test]
fn too_large_results_are_cut_where_they_are_longest() {
    let long = rendered(&log_with(&"`````\u{1b}ü".repeat(100_000)));
    assert_eq!(check_gradescope(&long), Ok(()));
    for test in [1, 2] {
        let output = long["tests"][test]["output"].as_str().expect("it was checked");
        assert!(output.contains(" bytes were cut here\n``"), "{}", output.len());
        assert!(output.contains("seen      <script>") && output.contains("secret"), "{output}");
    }
    let short = rendered(&log_with("brief"));
    assert!(!short.to_string().contains("cut here"), "{short}");
}

#[test]
fn missing_runs_are_named_unless_their_tests_are_not_shown() {
    let log = log_with("");
    let all_but_last_runs = [&log[..3], &log[4..5]].concat();
    let results = rendered(&all_but_last_runs);
    let expected = "2 runs could not be made, and do not count as passed, so these points are not final. Missing: 1 of 2 of 2A::first, runs of 1 more.";
    assert_eq!(results["output"], expected);
}

#[test]
fn gradescope_is_told_why_the_grader_has_stopped() {
    let folder = tempfile::tempdir().expect("the disk is writable");
    let path = folder.path().join("results.json");
    for entries in [&[] as &[Entry], &log_with("")] {
        write_results(&path, entries, &scoring(), Some("Time is up.")).expect("it is written");
        let text = std::fs::read_to_string(&path).expect("the report exists");
        let results: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(check_gradescope(&results), Ok(()));
        let output = results["output"].as_str().unwrap_or_default();
        assert!(output.starts_with("Time is up. "), "{output}");
    }
}

#[test]
fn gradescope_gets_results_even_if_nothing_was_graded() {
    let folder = tempfile::tempdir().expect("the disk is writable");
    let path = folder.path().join("results.json");
    write_results(&path, &[], &Scoring::default(), None).expect("it is written");
    let text = std::fs::read_to_string(path).expect("the report exists");
    let results: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(check_gradescope(&results), Ok(()));
    assert_eq!(results["score"], 0.0);
}
