//! Which files are taken for the student's.

use std::path::PathBuf;

use super::{Sources, select};
use crate::tree;

fn selected(paths: &[&str]) -> Result<Vec<String>, String> {
    let mut sources = Sources::default();
    for path in paths {
        sources.see(path.as_bytes())?;
        if path.ends_with(".rs") {
            sources.add(PathBuf::from(path), b"x".as_slice())?;
        }
    }
    let files = select(&sources)?.files;
    Ok(files.iter().map(|(path, _)| path.display().to_string()).collect())
}

#[test]
fn only_the_named_file_and_its_modules_count() {
    let files = selected(&["lab/raft/src/raft.rs", "lab/raft/src/raft/log.rs", "lab/build.rs"]);
    assert_eq!(files, Ok(vec!["raft/src/raft/log.rs".into(), "raft/src/raft.rs".into()]));
}

#[test]
fn a_file_in_its_place_is_preferred_to_others_of_its_name() {
    let files = selected(&["old/raft.rs", "raft/src/raft.rs"]);
    assert_eq!(files, Ok(vec!["raft/src/raft.rs".into()]));
}

#[test]
fn modules_that_came_without_their_folder_count() {
    let select = |files: &[(&str, &str)]| {
        let mut sources = Sources::default();
        for (path, text) in files {
            sources.add(PathBuf::from(path), text.as_bytes()).expect("it is small");
        }
        let files = select(&sources).expect("it has a raft.rs").files;
        Vec::from_iter(files.iter().map(|(path, _)| path.display().to_string()))
    };
    let expected =
        |names: &[&str]| Vec::from_iter(names.iter().map(|name| format!("raft/src/{name}.rs")));
    let loose = select(&[
        ("hw/raft-1.rs", "mod log;\npub(crate) mod election;\nmod gone;\nmod server;"),
        ("hw/log-1.rs", "mod store;"),
        ("hw/election.rs", "mod log;"),
        ("hw/store.rs", ""),
        ("hw/server.rs", ""),
        ("hw/client.rs", ""),
        ("hw/other.rs", ""),
        ("gone.rs", ""),
    ]);
    let of_raft = Vec::from_iter(loose.into_iter().filter(|path| path.starts_with("raft")));
    assert_eq!(of_raft, expected(&["raft/election", "raft/log/store", "raft/log", "raft"]));
    let in_place = select(&[
        ("raft.rs", "mod log;"),
        ("raft/log.rs", "mod store;"),
        ("log.rs", ""),
        ("store.rs", ""),
    ]);
    assert_eq!(in_place, expected(&["raft/log/store", "raft/log", "raft"]));
}

#[test]
fn what_is_there_instead_is_named() {
    assert_eq!(
        selected(&["a/raft_final.rs", "x.rs"]),
        Err("it contains no file named raft.rs, server.rs, client.rs or replica.rs, but a/raft_final.rs, x.rs: \
             give the file its name"
            .into())
    );
}

#[test]
fn two_files_of_the_same_name_are_refused() {
    let problem = selected(&["a/raft.rs", "b/raft.rs"]);
    assert_eq!(problem, Err("it contains two files named raft.rs: a/raft.rs and b/raft.rs".into()));
}

#[test]
fn a_copy_counts_if_it_is_alone() {
    for path in ["raft(1).rs", "hw/src/raft (2).rs", "raft-1.rs"] {
        assert_eq!(selected(&[path]), Ok(vec!["raft/src/raft.rs".into()]), "{path}");
    }
    let files = selected(&["raft(1).rs", "raft/log.rs", "raft(1)/other.rs"]);
    assert_eq!(files, Ok(vec!["raft/src/raft/log.rs".into(), "raft/src/raft.rs".into()]));
    let files = selected(&["kvraft/src/client(1).rs", "kvraft/src/server.rs"]);
    assert_eq!(files.map(|files| files.len()), Ok(2));
    assert_eq!(
        selected(&["src/raft.rs", "src/raft(1).rs"]),
        Err("it contains src/raft.rs and src/raft(1).rs: leave the one that counts".into())
    );
    assert_eq!(
        selected(&["raft(1).rs", "raft(2).rs"]),
        Err("it contains two files named raft.rs: raft(1).rs and raft(2).rs".into())
    );
}

#[test]
fn the_second_of_two_archives_is_not_passed_over() {
    let both = ["raft-1.zip/raft.rs", "raft.zip/raft/src/raft.rs"];
    assert_eq!(
        selected(&both),
        Err(format!("it contains two files named raft.rs: {} and {}", both[0], both[1]))
    );
    let own_places = tree::LABS[2].files.iter().map(|file| format!("4.zip/{file}"));
    let apart = ["3.zip/client.rs", "3.zip/server.rs", "2.zip/raft.rs"].map(str::to_owned);
    let apart: Vec<String> = apart.into_iter().chain(own_places).collect();
    let apart: Vec<&str> = apart.iter().map(String::as_str).collect();
    let mut expected: Vec<String> = tree::student_files().map(str::to_owned).collect();
    expected.sort();
    assert_eq!(selected(&apart), Ok(expected));
}

#[test]
fn archives_are_not_passed_over() {
    let names = "raft.rs, server.rs, client.rs or replica.rs";
    assert_eq!(
        selected(&["hw/lab2.ZIP"]),
        Err(format!(
            "it contains no file named {names}, but the archive hw/lab2.ZIP: hand in what is in it"
        ))
    );
}

#[test]
fn it_says_which_files_count() {
    let mut sources = Sources::default();
    let paths = [
        "hw/raft/src/raft.rs",
        "hw/raft/src/raft/log.rs",
        "hw/labrpc/src/lib.rs",
        "hw/raft/src/lib.rs",
        "old/raft.rs",
        "old/raft(1).rs",
    ];
    for path in paths {
        sources.add(PathBuf::from(path), b"x".as_slice()).expect("it is small");
    }
    let origin = select(&sources).expect("it has a raft.rs").origin;
    let pair = |(one, other): (&str, &str)| (one.to_owned(), other.to_owned());
    let taken = [
        ("hw/raft/src/raft/log.rs", "raft/src/raft/log.rs"),
        ("hw/raft/src/raft.rs", "raft/src/raft.rs"),
    ];
    assert_eq!(origin.taken, taken.map(pair));
    let left = [
        ("hw/labrpc/src/lib.rs", "in a crate that is given"),
        ("hw/raft/src/lib.rs", "not a file that you write, nor a module of one"),
        ("old/raft(1).rs", "a copy"),
        ("old/raft.rs", "another file of its name is in its place"),
    ]
    .map(pair);
    assert_eq!(origin.left, left);
}

#[test]
fn many_files_are_counted() {
    let mut sources = Sources::default();
    sources.add(PathBuf::from("raft.rs"), b"x".as_slice()).expect("it is small");
    for number in 0..500 {
        for path in [format!("raft/{number}.rs"), format!("other/{number}.rs")] {
            sources.add(PathBuf::from(path), b"x".as_slice()).expect("it is small");
        }
    }
    let origin = select(&sources).expect("it has a raft.rs").origin;
    assert!(origin.is_bounded());
    assert_eq!((origin.taken.len(), origin.more_taken), (20, 481));
    assert_eq!((origin.left.len(), origin.more_left), (20, 480));
}

#[test]
fn a_program_is_the_same_on_every_system() {
    let hash = |text: &str| {
        let mut sources = Sources::default();
        sources.add(PathBuf::from("raft.rs"), text.as_bytes()).expect("it is small");
        select(&sources).expect("it has a raft.rs").files.hash()
    };
    assert_eq!(hash("\u{feff}a\r\nb\r\n"), hash("a\nb\n"));
    assert_ne!(hash("a\rb"), hash("a\nb"));
}

#[test]
fn files_of_given_crates_are_not_the_students() {
    let files = selected(&[
        "lab/labrpc/src/client.rs",
        "lab/labrpc/src/server.rs",
        "lab/raft/src/raft.rs",
        "lab/tests/src/harness/client.rs",
    ]);
    assert_eq!(files, Ok(vec!["raft/src/raft.rs".into()]));
}

#[test]
fn labs_without_files_keep_their_stubs() {
    assert_eq!(selected(&["raft.rs"]), Ok(vec!["raft/src/raft.rs".into()]));
    let files = selected(&["server.rs", "client.rs", "client/cache.rs"]);
    let expected =
        ["client/cache.rs", "client.rs", "server.rs"].map(|file| format!("kvraft/src/{file}"));
    assert_eq!(files, Ok(expected.to_vec()));
    assert_eq!(
        selected(&["kvraft/src/server.rs", "raft.rs"]),
        Err("it contains kvraft/src/server.rs but not kvraft/src/client.rs".into())
    );
    assert_eq!(
        selected(&[]),
        Err("it contains no file named raft.rs, server.rs, client.rs or replica.rs: nothing in it ends in .rs".into())
    );
}

#[test]
fn files_of_the_same_name_are_distinguished_by_their_place() {
    let places = [
        "kvraft/src/client.rs",
        "kvraft/src/server.rs",
        "raft/src/raft.rs",
        "shardkv/src/client.rs",
        "shardkv/src/ctrler/client.rs",
        "shardkv/src/ctrler/server.rs",
        "shardkv/src/replica.rs",
        "shardkv/src/server.rs",
    ];
    let all: Vec<String> = places.iter().map(|place| (*place).to_owned()).collect();
    assert_eq!(selected(&places), Ok(all.clone()));
    let short: Vec<String> = places.iter().map(|place| place.replace("src/", "")).collect();
    let short: Vec<&str> = short.iter().map(String::as_str).collect();
    assert_eq!(selected(&short), Ok(all));
    let lab_4 = selected(&places[3..]);
    assert_eq!(lab_4.map(|files| files.len()), Ok(5));
}
