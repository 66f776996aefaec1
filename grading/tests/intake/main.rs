//! Whatever is handed in, reading it takes little memory, ends, and says in one line what is wrong with it.

mod archives;
mod folders;
mod reader;
mod repositories;

use nix::sys::resource::{UsageWho, getrusage};
use reader::{Answer, Inputs};

/// What Canvas has renamed: the files, the names that they had, and the student's files.
const SEVERAL: &[(&[&str], &[&str], &[&str])] = &[
    (&["good.rs", "paper.pdf"], &["lab2.rs", "notes.pdf"], &["raft/src/raft.rs"]),
    (&["good.rs", "good.rs"], &["raft-2.rs", "log.rs"], &["raft/src/raft.rs"]),
    (
        &["good.zip", "paper.pdf"],
        &["lab.zip", "-x.pdf"],
        &["raft/src/raft/log.rs", "raft/src/raft.rs"],
    ),
    (&["good.rs", "good.zip"], &["raft.rs", "old.zip"], &["raft/src/raft.rs"]),
    (&["elsewhere", "paper.pdf"], &["elsewhere", "text.html"], &["raft/src/raft.rs"]),
    (&["good.rs", "good.rs"], &["notes.rs", "main.rs"], &[]),
    (&["link.rs", "good.rs"], &["raft.rs", "main.rs"], &[]),
];

/// The most memory that reading any submission may take, in bytes.
const MEMORY: i64 = 100 << 20;

/// What must be refused, with a part of the sentence that says why.
const REFUSED: &[(&str, &str)] = &[
    ("bomb.zip", "larger than 1 MiB"),
    ("crowd.zip", "more than 2000 files"),
    ("directory-only.zip", "more than 20000 files"),
    ("large.zip", "larger than 8 MiB together"),
    ("lying.zip", "cannot read raft.rs"),
    ("twice.zip", "two files of the same name"),
    ("nested-twice.zip", "but the archive a.zip"),
    ("bomb-within.zip", "a/bomb.zip/raft.rs is larger than 1 MiB"),
    ("damaged-within.zip", "a.zip is not a valid zip archive"),
    ("large-within.zip", "but the archive a.zip"),
    ("climber-within.zip", "leads out of the archive"),
    ("crowds-within.zip", "more than 2000 files"),
    ("tars-within.zip", "unpacks to more than 32 MiB"),
    ("climber.zip", "leads out of the archive"),
    ("absolute.zip", "leads out of the archive"),
    ("line-break.zip", "raft/a\\nb.rs contains a line break"),
    ("escape.zip", "\\u{1b}"),
    ("long-name.zip", "longer than 200 bytes"),
    ("deep.zip", "longer than 200 bytes"),
    ("link.zip", "raft.rs is a link"),
    ("damaged.zip", "not a valid zip archive"),
    ("bomb.tar.gz", "larger than 1 MiB"),
    ("beside-a-bomb.tar.gz", "unpacks to more than 32 MiB"),
    ("long-name.tar.gz", "unpacks to more than 32 MiB"),
    ("crowd.tar.gz", "more than 2000 files"),
    ("twice.tgz", "raft.rs twice"),
    ("hard-link.tgz", "is a link"),
    ("fifo.tgz", "not an ordinary file"),
    ("damaged.tgz", "not a valid tar archive"),
    ("fifo.rs", "it is a FIFO"),
    ("fifo", "raft.rs is a FIFO"),
    ("socket", "raft.rs is a socket"),
    ("folder.rs", "contains no file named"),
    ("link.rs", "it is a link"),
    ("link", "raft.rs is a link"),
    ("sparse.rs", "the limit is 8 MiB"),
    ("sparse", "larger than 1 MiB"),
    ("crowd", "more than 2000 files"),
    ("deep", "nested more than 32 deep"),
    ("not-utf-8", "caf\\xe9.rs is not UTF-8"),
    ("not-text.rs", "not UTF-8 text"),
    ("paper.pdf", "it must be a .rs file"),
    ("folders-of-folders.git", "more than 2000 files"),
    ("empty-folders.git", "more than 2000 files"),
    ("one-file-many-names.git", "larger than 8 MiB together"),
    ("crowd.git", "more than 2000 files"),
    ("long-folder.git", "more than 2000 files"),
    ("deep.git", "nested more than 32 deep"),
    ("large-file.git", "larger than 1 MiB"),
    ("link.git", "raft.rs is a link"),
    ("no-commit.git", "HEAD names no commit"),
    ("borrowed.git", "uses another one"),
    ("linked-objects.git", "whose objects is a link"),
];

/// What must be read, and the student's files in it.
const READ: &[(&str, &[&str])] = &[
    ("good.zip", &["raft/src/raft/log.rs", "raft/src/raft.rs"]),
    ("nested.zip", &["raft/src/raft.rs"]),
    ("beside-an-old.zip", &["raft/src/raft.rs"]),
    ("folder-with-zip", &["raft/src/raft.rs"]),
    ("backslashes.zip", &["raft/src/raft.rs"]),
    ("good.tgz", &["raft/src/raft.rs"]),
    ("with-build", &["raft/src/raft.rs"]),
    ("odd-names", &["raft/src/raft.rs"]),
    ("good.git", &["raft/src/raft.rs"]),
    ("replaced.git", &["raft/src/raft.rs"]),
    ("elsewhere", &["raft/src/raft.rs"]),
    ("1900.zip", &[]),
];

#[test]
fn every_submission_is_read_or_refused_within_its_limits() {
    let inputs = Inputs::create();
    for (name, reason) in REFUSED {
        match inputs.read(name) {
            Answer::Refused(sentence) => {
                assert!(sentence.contains(reason), "{name}: {sentence}");
                assert!(!sentence.contains(char::is_control), "{name}: {sentence:?}");
                assert!(sentence.len() < 500, "{name}: {sentence}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    for (name, files) in READ {
        match inputs.read(name) {
            Answer::Files(paths, text) => {
                assert!(files.is_empty() || paths == *files, "{name}: {paths:?}");
                assert!(!text.contains("ANOTHER'S"), "{name}: {text}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    for (files, names, expected) in SEVERAL {
        match inputs.read_several(files, names) {
            Answer::Files(paths, _) => assert_eq!(paths, *expected, "{names:?}"),
            Answer::Refused(sentence) => assert!(expected.is_empty(), "{names:?}: {sentence}"),
        }
    }
    // In KiB; git is among the children.
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).expect("it is known").max_rss() << 10;
    assert!(peak < MEMORY, "reading took {peak} bytes of memory");
}
