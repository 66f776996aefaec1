//! How histories that are not linearizable are explained, word for word.

use linearizability::kv::{Action, Contradiction, Operation};
use linearizability::{Call, Evidence, Limits, Note, Verdict, check, explain, page};

const MILLISECOND: u64 = 1_000_000;

fn call(client: usize, called: u64, returned: u64, action: Action) -> Call<Operation> {
    let operation = Operation { key: "3".to_owned(), action };
    let returned = (returned != 0).then_some(returned * MILLISECOND);
    Call { client, called: called * MILLISECOND, returned, operation }
}

fn append(value: &str) -> Action {
    Action::Append { value: value.to_owned() }
}

fn get(value: &str) -> Action {
    Action::Get { value: Some(value.to_owned()) }
}

fn evidence(history: &[Call<Operation>]) -> Evidence<'_, Operation> {
    match check(history, &Limits::default()) {
        Verdict::Illegal(violation) => violation.evidence(),
        _ => panic!("the history is not linearizable"),
    }
}

fn stale() -> Vec<Call<Operation>> {
    vec![
        call(0, 0, 10, append("x 0 0 y")),
        call(1, 5, 40, append("x 1 0 y")),
        call(2, 20, 30, get("x 0 0 yx 1 0 y")),
        call(0, 32, 0, append("x 0 1 y")),
        call(2, 35, 50, get("x 0 0 y")),
        call(1, 60, 70, get("x 0 0 yx 1 0 y")),
    ]
}

#[test]
fn a_stale_get() {
    let expected = r#"key "3": no order of the calls explains
  client 2   0.0350-0.0500s    Get -> "x 0 0 y"
then the value was one of
  "x 0 0 yx 1 0 y"
  "x 0 0 yx 1 0 yx 0 1 y"
also in flight, and perhaps done before it
  client 0   0.0320s-          Append "x 0 1 y"
before that, in this order
  client 0   0.0000-0.0100s    Append "x 0 0 y"
  client 1   0.0050-0.0400s    Append "x 1 0 y"
  client 2   0.0200-0.0300s    Get -> "x 0 0 yx 1 0 y"
"#;
    assert_eq!(explain(&evidence(&stale())), expected);
}

#[test]
fn an_append_that_was_done_twice() {
    let mut history: Vec<_> =
        (0..9).map(|at| call(0, 10 * at, 10 * at + 5, append(&format!("x 0 {at} y")))).collect();
    let doubled: String = (0..9).chain([8]).map(|at| format!("x 0 {at} y")).collect();
    history.push(call(1, 100, 110, get(&doubled)));
    let expected = r#"key "3": no order of the calls explains
  client 1   0.1000-0.1100s    Get -> …" yx 0 7 yx 0 8 yx 0 8 y" (70 bytes)
then the value was
  …" yx 0 6 yx 0 7 yx 0 8 y" (63 bytes)
before that, in this order
  ... 4 calls
  client 0   0.0400-0.0450s    Append "x 0 4 y"
  client 0   0.0500-0.0550s    Append "x 0 5 y"
  client 0   0.0600-0.0650s    Append "x 0 6 y"
  client 0   0.0700-0.0750s    Append "x 0 7 y"
  client 0   0.0800-0.0850s    Append "x 0 8 y"
"#;
    assert_eq!(explain(&evidence(&history)), expected);
}

#[test]
fn a_key_that_was_wrong_from_the_first_answer_on() {
    let expected = r#"key "3": no order of the calls explains
  client 1   0.0000-0.0100s    Get -> "x 9 9 y"
then the value was
  ""
"#;
    assert_eq!(explain(&evidence(&[call(1, 0, 10, get("x 9 9 y"))])), expected);
}

fn put(value: &str) -> Action {
    Action::Put { value: value.to_owned() }
}

/// What is wrong with the answer that no order explains; empty if that cannot be told.
fn contradiction(history: &[Call<Operation>]) -> String {
    let found = Contradiction::find(&evidence(history));
    found.map_or_else(String::new, |found| found.to_string())
}

#[test]
fn a_value_that_is_missing_is_named() {
    assert_eq!(
        contradiction(&stale()),
        r#"it lacks "x 1 0 y", which client 1 wrote and which a Get had returned 0.005 s before"#
    );
}

#[test]
fn a_value_that_was_written_twice_is_named() {
    let history = [
        call(0, 0, 10, append("x 0 0 y")),
        call(0, 20, 30, append("x 0 1 y")),
        call(1, 40, 50, get("x 0 0 yx 0 1 yx 0 1 y")),
    ];
    assert_eq!(
        contradiction(&history),
        r#"it has "x 0 1 y" of client 0 more often than it was written"#
    );
}

#[test]
fn a_value_that_was_replaced_is_named() {
    let history =
        [call(0, 0, 10, put("x 0 0 y")), call(1, 20, 30, put("")), call(2, 50, 60, get("x 0 0 y"))];
    assert_eq!(
        contradiction(&history),
        r#"it has "x 0 0 y", which client 0 had written 0.040 s before and which was replaced since"#
    );
}

#[test]
fn a_value_that_nobody_wrote_is_not_explained() {
    assert_eq!(contradiction(&[call(1, 0, 10, get("x 9 9 y"))]), "");
}

#[test]
fn texts_cannot_break_out_of_the_page() {
    let hostile = "<script>alert(\"&\")</script>";
    let mut history = [call(0, 0, 10, get(hostile))];
    history[0].operation.key = hostile.to_owned();
    let notes = [Note { at: 5, text: hostile.to_owned() }];
    let page = page(&evidence(&history), &notes);
    assert!(!page.contains(hostile), "{page}");
    assert!(page.contains("&lt;script&gt;"), "{page}");
}

#[test]
fn the_page_shows_what_matters() {
    let history = stale();
    let notes = [Note { at: 33 * MILLISECOND, text: "server 2 leads term 7".to_owned() }];
    let page = page(&evidence(&history), &notes);
    for part in ["client 0", "client 1", "client 2", "class=\"stuck\"", "server 2 leads term 7"] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
}
