//! Parts that are not what was split, and what a merge says about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use records::Clock;
use tempfile::TempDir;

use super::merge::{Merged, merge};
use super::number::PartNumber;
use super::part::{Part, folder};
use super::split::{Split, write};
use crate::runlog::{Build, Entry, Grading, Harness, Outcome, RunLog};
use crate::seeds::Secret;

/// A class of two, in two parts that are done.
struct Class {
    results: TempDir,
    secret: Secret,
}

impl Class {
    fn new() -> Self {
        let results = tempfile::tempdir().expect("the disk is writable");
        let secret = Secret::open(&results.path().join("secret")).expect("it is made");
        let class = Class { results, secret };
        let grading = class.grading();
        let students = [("ann".to_owned(), 1), ("ben".to_owned(), 2)];
        let split = Split {
            of: 2,
            grading: grading.clone(),
            students: students.clone().into_iter().collect(),
            missing: Vec::new(),
        };
        write(&split, class.path()).expect("the disk is writable");
        for (student, number) in students {
            let part = class.part(number, 2, &student);
            part.write(class.path()).expect("the disk is writable");
            class.log(number, &[Entry::Grading(grading.clone()), build(&student, "hash")]);
            part.seal(class.path()).expect("the disk is writable");
        }
        class
    }

    fn path(&self) -> &Path {
        self.results.path()
    }

    fn grading(&self) -> Grading {
        Grading {
            version: 1,
            stages: vec!["2A".to_owned()],
            tests: Vec::new(),
            clock: Clock::Sim,
            runs: 1,
            seeds: self.secret.seeds().fingerprint(),
            harness: Harness::default(),
            rubric: String::new(),
        }
    }

    fn part(&self, number: u32, of: u32, student: &str) -> Part {
        let key = self.secret.key_of_part(number, of);
        let mut part = Part::new(PartNumber { number, of }, key, self.secret.seeds());
        part.students = BTreeMap::from([(student.to_owned(), "hash".to_owned())]);
        part
    }

    fn log(&self, number: u32, entries: &[Entry]) {
        let path = self.file(number, "runs.jsonl");
        std::fs::remove_file(&path).unwrap_or_default();
        let (mut log, _) = RunLog::open(&folder(self.path(), number)).expect("it is made");
        for entry in entries {
            log.append(entry).expect("the disk is writable");
        }
    }

    fn file(&self, number: u32, name: &str) -> PathBuf {
        folder(self.path(), number).join(name)
    }

    fn merge(&self) -> Result<Merged, String> {
        merge(self.path(), &self.secret)
    }

    fn problem(&self) -> String {
        let before = std::fs::read(self.path().join("runs.jsonl")).ok();
        let problem = self.merge().expect_err("it is refused");
        let after = std::fs::read(self.path().join("runs.jsonl")).ok();
        assert!(before == after, "something was written: {problem}");
        problem
    }
}

fn build(student: &str, files: &str) -> Entry {
    let (student, submission) = (student.to_owned(), files.to_owned());
    Entry::Build(Build { student, submission, ..Build::default() })
}

#[test]
fn parts_that_are_done_are_merged_as_often_as_one_likes() {
    let class = Class::new();
    for _ in 0..2 {
        let merged = class.merge().expect("both parts are done");
        assert_eq!((merged.entries.len(), merged.missing), (4, vec![]));
    }
    std::fs::remove_file(class.file(2, "seal")).expect("it is there");
    assert_eq!(class.merge().map(|merged| merged.missing), Ok(vec![2]));
    std::fs::remove_dir_all(folder(class.path(), 1)).expect("it is there");
    assert_eq!(class.merge().map(|merged| merged.missing), Ok(vec![1, 2]));
}

#[test]
fn a_part_that_was_copied_half_or_changed_is_refused() {
    for (name, text) in [
        ("runs.jsonl", ""),
        ("part.json", ""),
        ("seal", ""),
        ("submissions/ann/raft.rs", "one more file"),
    ] {
        let class = Class::new();
        let path = class.file(1, name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("it is writable");
        std::fs::write(path, text).expect("the disk is writable");
        let problem = class.problem();
        assert!(problem.starts_with("part 1/2: its results are not what they were"), "{problem}");
        assert!(problem.contains("Copy ") && problem.contains("repeat the part"), "{problem}");
    }
}

#[test]
fn a_seal_or_a_part_from_elsewhere_is_refused() {
    let (class, other) = (Class::new(), Class::new());
    std::fs::copy(other.file(1, "seal"), class.file(1, "seal")).expect("it is writable");
    assert!(class.problem().starts_with("part 1/2: its results are not what"));
    let class = Class::new();
    for name in ["seal", "part.json", "runs.jsonl"] {
        std::fs::copy(other.file(2, name), class.file(2, name)).expect("it is writable");
    }
    assert!(class.problem().starts_with("part 2/2: its results are not what"));
    // Another part of the same class.
    let class = Class::new();
    for name in ["seal", "part.json", "runs.jsonl"] {
        std::fs::copy(class.file(2, name), class.file(1, name)).expect("it is writable");
    }
    assert!(class.problem().starts_with("part 1/2: its results are not what"));
}

#[test]
fn a_fault_that_is_over_does_not_stand_in_the_way() {
    let class = Class::new();
    let fault = Entry::Build(Build {
        student: "ann".to_owned(),
        outcome: Outcome::Fault,
        ..Build::default()
    });
    class.log(1, &[Entry::Grading(class.grading()), fault, build("ann", "hash")]);
    class.part(1, 2, "ann").seal(class.path()).expect("the disk is writable");
    assert_eq!(class.merge().map(|merged| merged.missing), Ok(vec![]));
}

#[test]
fn a_part_of_another_version_of_the_tests_is_refused() {
    let class = Class::new();
    let harness = Harness { hash: "other".to_owned(), ..Harness::default() };
    class.log(1, &[Entry::Grading(Grading { harness, ..class.grading() }), build("ann", "hash")]);
    class.part(1, 2, "ann").seal(class.path()).expect("the disk is writable");
    assert_eq!(class.problem(), "part 1/2: it was graded by another version of the tests");
}

#[test]
fn a_part_that_was_graded_on_another_kind_of_processor_is_refused() {
    let class = Class::new();
    let on = |kind: &str| {
        let harness = Harness { processor: kind.to_owned(), ..Harness::default() };
        Grading { harness, ..class.grading() }
    };
    let students = [("ann".to_owned(), 1), ("ben".to_owned(), 2)].into_iter().collect();
    let split = Split { of: 2, grading: on("x86-64"), students, missing: Vec::new() };
    write(&split, class.path()).expect("the disk is writable");
    class.log(1, &[Entry::Grading(on("AArch64")), build("ann", "hash")]);
    class.part(1, 2, "ann").seal(class.path()).expect("the disk is writable");
    let problem = class.problem();
    assert!(problem.starts_with("part 1/2: it was graded on an AArch64 processor"), "{problem}");
}

#[test]
fn all_problems_of_all_parts_are_named() {
    let class = Class::new();
    for (number, student, files, runs) in [(1, "ann", "other files", 1), (2, "ben", "hash", 2)] {
        let grading = Grading { runs, ..class.grading() };
        class.log(number, &[Entry::Grading(grading), build(student, files)]);
        class.part(number, 2, student).seal(class.path()).expect("the disk is writable");
    }
    let problem = class.problem();
    let says = "part 1/2: the files of ann have changed since the class was split";
    assert!(problem.starts_with(says), "{problem}");
    assert!(problem.contains("\npart 2/2: it was graded with other options"), "{problem}");
}
