//! Decoding gives back the encoded value, or an error that says what is wrong.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use labgob::{DecodeError, MAX_BYTES, Problem, decode, encode};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Args {
    term: u64,
    voted_for: Option<usize>,
    entries: Vec<Entry>,
    ratio: f64,
    kind: Kind,
    names: BTreeMap<String, i128>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    term: u64,
    #[serde(with = "serde_bytes")]
    command: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Empty,
    Letter(char),
    Pair { left: bool, right: String },
}

fn sample() -> Args {
    let entry = |term, length| Entry { term, command: vec![7; length] };
    Args {
        term: 300,
        voted_for: Some(2),
        entries: vec![entry(1, 0), entry(u64::MAX, 3), entry(3, 300)],
        ratio: 0.1,
        kind: Kind::Pair { left: true, right: "grüße".to_owned() },
        names: BTreeMap::from([("a".to_owned(), i128::MIN), (String::new(), 0)]),
    }
}

fn problem<T: std::fmt::Debug>(result: Result<T, DecodeError>) -> Problem {
    result.expect_err("the bytes are bad").problem().clone()
}

#[test]
fn values_survive_a_round_trip() {
    assert_eq!(decode(&encode(&sample())), Ok(sample()));
    for kind in [Kind::Empty, Kind::Letter('ß')] {
        assert_eq!(decode(&encode(&kind)), Ok(kind));
    }
    assert_eq!(decode(&encode(&())), Ok(()));
    assert_eq!(decode(&encode("text")), Ok("text".to_owned()));
}

#[test]
fn values_much_larger_in_memory_than_encoded_survive_a_round_trip() {
    let integers = vec![1u128; 1_000_000];
    assert_eq!(decode(&encode(&integers)), Ok(integers));
    let strings = vec![String::new(); 100_000];
    assert_eq!(decode(&encode(&strings)), Ok(strings));
    let blob = Entry { term: 1, command: vec![1; 20 << 20] };
    assert_eq!(decode(&encode(&blob)), Ok(blob));
}

#[test]
fn small_integers_take_one_byte() {
    let entry = Entry { term: 250, command: vec![9; 4] };
    assert_eq!(encode(&entry), [250, 4, 9, 9, 9, 9]);
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = encode(&sample());
    for length in 0..bytes.len() {
        assert_eq!(problem(decode::<Args>(&bytes[..length])), Problem::EndsEarly, "{length} bytes");
    }
}

#[test]
fn leftover_bytes_are_an_error() {
    let mut bytes = encode(&sample());
    bytes.extend([0, 0]);
    assert_eq!(problem(decode::<Args>(&bytes)), Problem::LeftOver { bytes: 2 });
}

#[test]
fn oversized_input_is_an_error() {
    let bytes = vec![0; MAX_BYTES + 1];
    assert_eq!(problem(decode::<Vec<u8>>(&bytes)), Problem::TooLong);
}

#[test]
fn a_forged_length_is_an_error_without_delay() {
    // The byte 253 announces an integer of eight bytes.
    let mut forged = vec![253];
    forged.extend((1u64 << 60).to_le_bytes());
    let begun = Instant::now();
    assert_eq!(problem(decode::<String>(&forged)), Problem::EndsEarly);
    assert_eq!(problem(decode::<Vec<u64>>(&forged)), Problem::EndsEarly);
    assert_eq!(problem(decode::<BTreeMap<u64, u64>>(&forged)), Problem::EndsEarly);
    let mut entry = vec![1];
    entry.extend(&forged);
    assert_eq!(problem(decode::<Entry>(&entry)), Problem::EndsEarly);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
#[cfg(target_os = "linux")]
fn arbitrary_bytes_neither_panic_nor_exhaust_memory() {
    let peak = || {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux has this file");
        let line = status
            .lines()
            .find(|line| line.starts_with("VmPeak:"))
            .expect("the file has a VmPeak line");
        line.split_whitespace()
            .nth(1)
            .and_then(|size| size.parse::<u64>().ok())
            .expect("the peak is a number of kB")
    };
    let mut rng = SmallRng::seed_from_u64(1);
    let valid = encode(&sample());
    let before = peak();
    for _ in 0..100_000 {
        let mut bytes = valid.clone();
        for _ in 0..rng.random_range(1..4) {
            let place = rng.random_range(0..bytes.len());
            bytes[place] = rng.random();
        }
        let _ = decode::<Args>(&bytes);
        let noise: Vec<u8> = (0..rng.random_range(0..64)).map(|_| rng.random()).collect();
        let _ = decode::<Args>(&noise);
        let _ = decode::<Vec<String>>(&noise);
    }
    // The limit is generous because other tests allocate large values at the same time.
    let grown = peak() - before;
    assert!(grown < 1 << 20, "the peak grew by {grown} kB");
}

#[test]
fn errors_name_type_field_position_and_reason() {
    let bytes = encode(&sample());
    let messages = [
        decode::<Args>(&bytes[..17]).map(drop),
        decode::<Kind>(&[9]).map(drop),
        decode::<Option<Entry>>(&[1, 1, 2, 0, 0, 0]).map(drop),
        decode::<(bool, bool)>(&[1, 7]).map(drop),
        decode::<Vec<String>>(&[1, 1, 0xff]).map(drop),
    ]
    .map(|result| result.expect_err("the bytes are bad").to_string());
    assert_eq!(
        messages,
        [
            "decode Args: field 2.1.1, at byte 17 of 17: the bytes end too early",
            "decode Kind: at byte 1 of 1: invalid value: integer `9`, expected variant index 0 <= i < 3",
            "decode Option<Entry>: at byte 5 of 6: extra bytes after the value (1)",
            "decode (bool, bool): field 1, at byte 2 of 2: 7 is not a boolean",
            "decode Vec<String>: field 0, at byte 3 of 3: not valid UTF-8",
        ]
    );
}
