//! Where the Appends of a history belong, as its Gets show it.
//!
//! Assume that every value written to a key ends in the same byte and contains that byte nowhere else.
//! Then the answer of a Get splits into written values in one way only. If a value was written once, by
//! an Append, then the part of the answer before it is what that Append was applied to: it cannot have
//! happened in any other state.
//!
//! After a write that no Get shows, no Get can come before the next Put, so the value in between does not
//! matter. If such a write never returned, it can be left out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::operation::{Action, Operation};
use super::step::{Step, Suffix};
use crate::call::Call;
use crate::fingerprint::{BuildNumberHasher, Fingerprint};
use crate::model::Hints;

/// Turns the calls of one key into steps.
pub(super) fn prepare(calls: &[&Call<Operation>], hints: Hints) -> Vec<Option<Step>> {
    let terminator = match hints {
        Hints::Used => terminator(calls),
        Hints::Unused => None,
    };
    let mut steps: Vec<Option<Step>> =
        calls.iter().map(|call| write(&call.operation.action)).collect();
    let mut reader = Reader::new(terminator, &steps);
    for (index, call) in calls.iter().enumerate() {
        if let Action::Get { value: Some(value) } = &call.operation.action
            && call.returned.is_some()
        {
            steps[index] = Some(Step::Get(reader.read(value.as_bytes())));
        }
    }
    if terminator.is_some() {
        let Reader { writers, .. } = reader;
        add_hints(&mut steps, calls, &writers);
    }
    steps
}

fn write(action: &Action) -> Option<Step> {
    let value = Fingerprint::of(action.written()?.as_bytes());
    match action {
        Action::Append { .. } => {
            Some(Step::Append(Suffix { value, power: value.power(), before: None }))
        }
        _ => Some(Step::Put(value)),
    }
}

/// The byte that ends every written value and is nowhere else in one.
fn terminator(calls: &[&Call<Operation>]) -> Option<u8> {
    let mut values = calls
        .iter()
        .filter_map(|call| call.operation.action.written())
        .filter_map(|value| value.as_bytes().split_last());
    let (terminator, rest) = values.next()?;
    let ends_with_it =
        |(last, rest): (&u8, &[u8])| last == terminator && !rest.contains(terminator);
    (ends_with_it((terminator, rest)) && values.all(ends_with_it)).then_some(*terminator)
}

/// The writer of each value, by fingerprint.
type Writers = HashMap<Fingerprint, Writer, BuildNumberHasher>;

struct Writer {
    /// The one call that has written the value; `None` if there are several.
    call: Option<usize>,
    /// What stands before the value in the answer of a Get, if any shows it.
    before: Option<Fingerprint>,
}

/// Reads the answers of Gets. Most repeat the answer before and add to it: only the new part is read.
struct Reader<'a> {
    terminator: Option<u8>,
    writers: Writers,
    last: &'a [u8],
    /// Where each value in `last` begins, with the fingerprint of all before; the first is at 0.
    boundaries: Vec<(usize, Fingerprint)>,
}

impl<'a> Reader<'a> {
    fn new(terminator: Option<u8>, steps: &[Option<Step>]) -> Self {
        let mut writers = Writers::default();
        if terminator.is_some() {
            writers.reserve(steps.len());
            for (call, step) in steps.iter().enumerate() {
                let (Some(Step::Put(value)) | Some(Step::Append(Suffix { value, .. }))) = step
                else {
                    continue;
                };
                match writers.entry(*value) {
                    Entry::Vacant(entry) => {
                        entry.insert(Writer { call: Some(call), before: None });
                    }
                    Entry::Occupied(mut entry) => entry.get_mut().call = None,
                }
            }
        }
        Reader { terminator, writers, last: &[], boundaries: vec![(0, Fingerprint::default())] }
    }

    /// The fingerprint of a Get's answer.
    fn read(&mut self, text: &'a [u8]) -> Fingerprint {
        let Some(terminator) = self.terminator else {
            return Fingerprint::of(text);
        };
        let common = common_prefix(self.last, text);
        self.last = text;
        while self.boundaries.last().is_some_and(|(at, _)| *at > common) {
            self.boundaries.pop();
        }
        let (mut at, mut before) = self.boundaries.last().copied().unwrap_or_default();
        for value in text[at..].split_inclusive(|byte| *byte == terminator) {
            let fingerprint = Fingerprint::of(value);
            if let Some(writer) = self.writers.get_mut(&fingerprint) {
                writer.before.get_or_insert(before);
            }
            at += value.len();
            before = before.then(fingerprint, fingerprint.power());
            if value.last() == Some(&terminator) {
                self.boundaries.push((at, before));
            }
        }
        before
    }
}

/// The length of the common prefix of two texts.
fn common_prefix(left: &[u8], right: &[u8]) -> usize {
    const CHUNK: usize = 64;
    let pairs = left.chunks_exact(CHUNK).zip(right.chunks_exact(CHUNK));
    let equal = pairs.take_while(|(left, right)| left == right).count() * CHUNK;
    let rest = left[equal..].iter().zip(&right[equal..]);
    equal + rest.take_while(|(left, right)| left == right).count()
}

/// Adds to each Append what was before it, and marks or drops the writes that no Get shows.
fn add_hints(steps: &mut [Option<Step>], calls: &[&Call<Operation>], writers: &Writers) {
    for (index, slot) in steps.iter_mut().enumerate() {
        let value = match slot {
            Some(Step::Put(value) | Step::Append(Suffix { value, .. })) => *value,
            _ => continue,
        };
        let Some(writer) = writers.get(&value) else {
            continue;
        };
        let unseen = writer.before.is_none() && value.len() > 0;
        if unseen {
            *slot = calls[index].returned.map(|_| Step::Unseen);
        } else if writer.call == Some(index)
            && let Some(Step::Append(suffix)) = slot
        {
            suffix.before = writer.before;
        }
    }
}
