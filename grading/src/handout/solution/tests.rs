//! The rules, each on a small crate.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Role, SourceFile, cut_crate};
use crate::stages::Cut;

/// Cuts a crate of a students' file `a.rs`, a module `a/b.rs` of the solution, and given code.
fn cut(
    stages: &[&str],
    file: &str,
    module: &str,
    given: &str,
) -> Result<Vec<Option<String>>, String> {
    let stages = stages.iter().map(|stage| (*stage).to_owned()).collect();
    let cut = Cut { stages, unasked: Default::default() };
    cut_as(&cut, file, module, given)
}

fn cut_as(cut: &Cut, file: &str, module: &str, given: &str) -> Result<Vec<Option<String>>, String> {
    let files = [
        ("src/a.rs", file, Role::Students),
        ("src/a/b.rs", module, Role::Solution),
        ("src/lib.rs", given, Role::Given),
    ];
    let parse = |(path, text, role): (&str, &str, Role)| {
        SourceFile::parse(Path::new(path), Path::new("src"), text.to_owned(), role, cut)
    };
    let files = files.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    Ok(cut_crate(&files)?.into_iter().map(|cut| cut.text).collect())
}

/// What is left of a students' file that is a crate by itself.
fn left(stages: &[&str], file: &str) -> String {
    let mut files = cut(stages, file, "", "pub mod a;\n").expect("it can be cut");
    files.remove(0).expect("a students' file stays")
}

#[test]
fn the_body_of_a_public_function_becomes_its_task() {
    let text = "//! Docs.\n//!\n//! Notes.\n\n/// F.\n// 2B: do it\npub fn f(x: u8) {\n    g(x);\n}\n\nfn g(_: u8) {}\n";
    let expected = "//! Docs.\n\n// Until the stubs are filled in:\n#![allow(unused)]\n\n/// F.\npub fn f(x: u8) {\n    unimplemented!(\"2B: do it\")\n}\n";
    assert_eq!(left(&["2B"], text), expected);
    assert_eq!(left(&["2C"], text), text);
}

#[test]
fn a_public_function_without_a_task_is_given_with_all_that_it_needs() {
    let text = "use std::fmt::Debug;\nuse std::sync::{Arc, Mutex};\n\npub fn f() -> Arc<u8> {\n    g()\n}\n\nfn g() -> Arc<u8> {\n    Arc::new(1)\n}\n\n// 2B: do it\npub fn h() {\n    let _ = Mutex::new(1);\n}\n";
    let left = left(&["2B"], text);
    assert!(left.contains("use std::sync::Arc;\n") && left.contains("fn g()"), "{left}");
    assert!(!left.contains("Mutex"), "{left}");
    // It might be used for its methods, as long as there is code that could call them.
    assert!(left.contains("Debug"), "{left}");
}

#[test]
fn fields_below_a_tag_go() {
    let text = "/// S.\npub struct S {\n    me: u8,\n    // 2A: the rest\n    /// A.\n    a: Option<A>,\n    // 2D: more\n    b: u8,\n}\n\nstruct A;\n";
    let kept = |stages: &[&str]| {
        let left = left(stages, text);
        ["me: u8", "the rest", "a: Option", "more", "b: u8", "struct A;"]
            .map(|part| left.contains(part))
    };
    assert_eq!(kept(&["2A", "2D"]), [true, true, false, true, false, false]);
    assert_eq!(kept(&["2D"]), [true, true, true, true, false, true]);
}

#[test]
fn a_statement_below_a_tag_goes_and_an_arm_becomes_a_task() {
    let text = "pub fn f(x: u8) {\n    // 2D\n    if x == 1 {\n        g();\n    }\n    match x {\n        // 2D: do it\n        2 => g(),\n        _ => {}\n    }\n}\n\nfn g() {}\n";
    let expected = "pub fn f(x: u8) {\n    match x {\n        2 => unimplemented!(\"2D: do it\"),\n        _ => {}\n    }\n}\n";
    assert_eq!(left(&["2D"], text).split_once("\n\n").map(|(_, code)| code), Some(expected));
}

#[test]
fn a_body_that_loses_its_only_statement_is_empty() {
    let text = "pub fn f() {\n    // 2C\n    g();\n}\n\nfn g() {}\n";
    assert_eq!(left(&["2C"], text), "pub fn f() {}\n");
}

#[test]
fn methods_stay_if_something_that_stays_calls_them() {
    let text = "pub struct S;\n\nimpl S {\n    pub fn f(&self) {\n        self.g();\n    }\n\n    fn g(&self) {}\n\n    fn h(&self) {}\n}\n\n/// More.\nimpl S {\n    fn i(&self) {\n        Other::f();\n    }\n}\n\nstruct Other;\n\nimpl Other {\n    fn f() {}\n}\n";
    let left = left(&["2A"], text);
    assert!(left.contains("fn g"), "{left}");
    for gone in ["fn h", "fn i", "More", "Other"] {
        assert!(!left.contains(gone), "{left}");
    }
}

#[test]
fn a_module_goes_whole_or_loses_what_is_not_needed() {
    let file = "mod b;\n\nuse b::{One, Two};\n\n// 2A: do it\npub fn f() {\n    One::new();\n}\n\n// 2B: do it\npub fn g() {\n    Two::new();\n}\n";
    let module = "pub(super) struct One;\n\nimpl One {\n    pub(super) fn new() {}\n}\n\npub(super) struct Two;\n\nimpl Two {\n    pub(super) fn new() {}\n}\n";
    let cut = |stages: &[&str]| cut(stages, file, module, "pub mod a;\n").expect("it can be cut");
    let all = cut(&["2A", "2B"]);
    assert_eq!(all[1], None);
    assert!(all[0].as_ref().is_some_and(|text| !text.contains("mod b") && !text.contains("use b")));
    let some = cut(&["2B"]);
    assert_eq!(
        some[1].as_deref(),
        module
            .split_once("\n\npub(super) struct Two")
            .map(|(one, _)| one.to_owned() + "\n")
            .as_deref()
    );
    assert!(some[0].as_ref().is_some_and(|text| text.contains("mod b;\n\nuse b::One;\n")));
}

#[test]
fn given_code_keeps_what_it_uses() {
    let file = "pub(crate) fn f() {}\n\npub(crate) fn g() {}\n";
    let given = "pub mod a;\n\npub fn h() {\n    a::f();\n}\n";
    let files = cut(&["2A"], file, "", given).expect("it can be cut");
    assert_eq!(files[0].as_deref(), Some("pub(crate) fn f() {}\n"));
    assert_eq!(files[2].as_deref(), Some(given));
}

#[test]
fn names_are_those_of_their_file() {
    let file = "mod b;\n\nstruct Op;\n\npub fn f() {\n    let _ = Op;\n}\n";
    let files =
        cut(&["2A"], file, "pub(super) struct Op;\n", "pub mod a;\n").expect("it can be cut");
    assert_eq!(files[1], None);
}

#[test]
fn a_tag_must_mark_something() {
    let text = "pub fn f() {\n    g(\n        // 2B: here?\n        1,\n    );\n}\n";
    let problem = cut(&["2B"], text, "", "").expect_err("the tag is misplaced");
    assert!(
        problem.starts_with("src/a.rs:3: the tag \"// 2B: here?\" is above nothing"),
        "{problem}"
    );
}

#[test]
fn a_field_that_is_set_and_a_call_in_a_chain_go() {
    let text = "pub fn f() -> S {\n    S {\n        a: 1,\n        // 2D\n        b: g(),\n    }\n    .with(1)\n    // 2D\n    .with(h())\n}\n\nfn g() -> u8 {\n    2\n}\n\nfn h() -> u8 {\n    3\n}\n";
    let expected = "pub fn f() -> S {\n    S {\n        a: 1,\n    }\n    .with(1)\n}\n";
    assert_eq!(left(&["2D"], text), expected);
    assert_eq!(left(&["2C"], text), text);
}

#[test]
fn of_what_nobody_is_asked_for_not_even_a_stub_is_left() {
    let text = "pub struct S {\n    a: u8,\n    // 2E\n    b: u8,\n}\n\nimpl S {\n    pub fn f(&self) {\n        // 2E\n        self.g();\n    }\n\n    /// G.\n    // 2E: do it\n    pub fn g(&self) {\n        h();\n    }\n}\n\nfn h() {}\n";
    let stages: BTreeSet<String> = ["2E".to_owned()].into();
    let asked = |unasked| {
        let cut = Cut { stages: stages.clone(), unasked };
        let mut files = cut_as(&cut, text, "", "pub mod a;\n").expect("it can be cut");
        files.remove(0).expect("a students' file stays")
    };
    let expected = "pub struct S {\n    a: u8,\n}\n\nimpl S {\n    pub fn f(&self) {}\n}\n";
    assert_eq!(asked(stages.clone()), expected);
    let stubs = asked(BTreeSet::new());
    assert!(
        stubs.contains("unimplemented!(\"2E: do it\")") && stubs.contains("// 2E\n}"),
        "{stubs}"
    );
}
