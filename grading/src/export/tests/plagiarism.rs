//! What JPlag reads, from its `CliOptions.java`, and Dolos, from its `dataset.ts`.

use std::path::Path;

use super::{ARABIC, HOSTILE, Place, hostile_cell, rows};
use crate::export::{Dolos, Jplag};
use crate::files::write_file;

/// The copies of what was handed in: anna has changed one of two files, bob none.
fn with_code(place: &Place) {
    let own = "fn own() {}\n";
    for (path, text) in [
        ("handout/raft/src/raft.rs", "fn stub() {}\n"),
        ("handout/kvraft/src/server.rs", "fn server() {}\n"),
        ("handout/raft/src/lib.rs", "fn given() {}\n"),
        ("results/submissions/anna/raft/src/raft.rs", own),
        ("results/submissions/anna/raft/src/raft/log.rs", "fn log() {}\n"),
        ("results/submissions/anna/kvraft/src/server.rs", "fn server() {}\n"),
        ("results/submissions/bob/raft/src/raft.rs", "fn stub() {}\n"),
        (&format!("results/submissions/{HOSTILE}/raft/src/raft.rs"), own),
    ] {
        write_file(&place.path(path), text).expect("the disk is writable");
    }
    std::os::unix::fs::symlink(
        "/etc/passwd",
        place.path("results/submissions/anna/raft/src/raft/x.rs"),
    )
    .expect("the disk is writable");
}

fn files(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = files.map(|file| file.expect("it is readable"));
    let files = files.filter(|file| file.file_type().is_file());
    files
        .map(|file| file.path().strip_prefix(folder).expect("it is below").display().to_string())
        .collect()
}

const WITHOUT: &str = "without code of their own, so left out: bob, carl, dora, zoe";

#[test]
fn jplag_gets_what_students_wrote_and_what_was_handed_out() {
    let place = Place::new();
    with_code(&place);
    let (results, handout) = (place.path("results"), place.path("handout"));
    let jplag = Jplag { results: &results, handout: Some(&handout) };
    let exported = jplag.export(&place.class(None), &place.path("o ut")).expect("it is written");
    assert_eq!(place.left_out(&exported), [WITHOUT]);
    let out = place.path("o ut");
    let expected = [
        "base/kvraft/src/server.rs".to_owned(),
        "base/raft/src/raft.rs".to_owned(),
        format!("submissions/{HOSTILE}/raft/src/raft.rs"),
        "submissions/anna/raft/src/raft/log.rs".to_owned(),
        "submissions/anna/raft/src/raft.rs".to_owned(),
    ];
    let mut found = files(&out);
    found.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(found, expected);
    let show = out.display();
    let command = format!(
        "java -jar jplag.jar -l rust -bc '{show}/base' -r '{show}/result' '{show}/submissions'"
    );
    assert_eq!(exported.lines[1], command);
}

#[test]
fn dolos_gets_one_file_for_each_student_and_what_to_ignore() {
    let place = Place::new();
    with_code(&place);
    let (results, handout) = (place.path("results"), place.path("handout"));
    let roster = format!("anna,{ARABIC},1,,g1\nbob,{},2,,\n", hostile_cell());
    let dolos = Dolos { results: &results, handout: Some(&handout) };
    let exported = dolos.export(&place.class(Some(&roster)), &place.path("out"));
    assert_eq!(place.left_out(&exported.expect("it is written")), [WITHOUT]);
    let table = rows(&place.read("out/info.csv"));
    assert_eq!(table[0], ["filename", "id", "full_name", "status", "label", "ignored"]);
    assert_eq!(table[1], ["template.rs", "", "", "", "", "true"]);
    assert_eq!(table[3], ["submissions/anna/code.rs", "anna", ARABIC, "6 points", "g1", ""]);
    assert_eq!(table.len(), 4);
    for row in &table[1..] {
        assert!(place.path("out").join(&row[0]).is_file(), "{row:?}");
        let cells = row[1..].iter();
        cells.for_each(|cell| assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}"));
    }
    let anna = "// raft/src/raft/log.rs\nfn log() {}\n\n// raft/src/raft.rs\nfn own() {}\n\n";
    assert_eq!(place.read("out/submissions/anna/code.rs"), anna);
    let template =
        "// kvraft/src/server.rs\nfn server() {}\n\n// raft/src/raft.rs\nfn stub() {}\n\n";
    assert_eq!(place.read("out/template.rs"), template);
}

#[test]
fn without_a_handout_the_stubs_of_this_workspace_are_the_base() {
    let place = Place::new();
    with_code(&place);
    let jplag = Jplag { results: &place.path("results"), handout: None };
    jplag.export(&place.class(None), &place.path("out")).expect("it is written");
    assert!(place.read("out/base/raft/src/raft.rs").contains("unimplemented!(\"2A"));
    assert!(!place.path("out/base/raft/src/raft/log.rs").exists(), "no solution");
    assert_eq!(files(&place.path("out/submissions/bob")), ["raft/src/raft.rs"]);
}

#[test]
fn nothing_is_overwritten_and_a_handout_must_be_one() {
    let place = Place::new();
    with_code(&place);
    let results = place.path("results");
    let problem = Jplag { results: &results, handout: None }.export(&place.class(None), &results);
    let problem = problem.expect_err("it is full");
    assert_eq!(
        place.short(&problem),
        "results exists: remove it, or choose another --out".to_owned()
    );
    let empty = place.path("results/submissions");
    let dolos = Dolos { results: &results, handout: Some(&empty) };
    let problem = dolos.export(&place.class(None), &place.path("out")).expect_err("it is none");
    assert!(problem.contains("has no file that students complete"), "{problem}");
    assert!(!place.path("out").exists());
}
