//! Descriptions say what a value is, and never more than they may.

use std::collections::BTreeMap;

use labgob::describe;
use serde::{Deserialize, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
struct Entry {
    term: u64,
    command: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Args {
    candidate: Option<usize>,
    entries: Vec<Entry>,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
    kind: Kind,
    names: BTreeMap<String, i128>,
    nothing: Vec<u8>,
    ids: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
enum Kind {
    Empty,
    Letter(char),
    Pair(u8, bool),
    Named { left: u8 },
}

fn args(kind: Kind) -> Args {
    Args {
        candidate: Some(2),
        entries: vec![Entry { term: 3, command: b"x 1 y".to_vec() }],
        data: vec![0, 255],
        kind,
        names: BTreeMap::from([("a".to_owned(), -1)]),
        nothing: Vec::new(),
        ids: vec![65, 66],
    }
}

#[test]
fn a_description_names_types_fields_and_variants() {
    let text = describe(&args(Kind::Named { left: 7 }), 1_000);
    assert_eq!(
        text,
        "Args { candidate: Some(2), entries: [Entry { term: 3, command: \"x 1 y\" }], data: 0x00ff, \
         kind: Named { left: 7 }, names: {\"a\": -1}, nothing: [], ids: [65, 66] }"
    );
}

#[test]
fn variants_are_written_as_in_rust() {
    let of = |kind| describe(&kind, 100);
    assert_eq!(of(Kind::Empty), "Empty");
    assert_eq!(of(Kind::Letter('x')), "Letter('x')");
    assert_eq!(of(Kind::Pair(7, true)), "Pair(7, true)");
}

#[test]
fn a_description_ends_at_its_limit() {
    let long = describe(&vec!["ä"; 1_000_000], 20);
    assert!(long.ends_with('…') && long.len() <= 20 + '…'.len_utf8(), "{long}");
    assert!(describe(&vec![b'a'; 1_000_000], 20).len() < 50);
}

#[test]
fn a_value_that_cannot_be_written_ends_there() {
    struct Broken;
    impl Serialize for Broken {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    assert_eq!(describe(&(1, Broken), 100), "(1, …");
}
