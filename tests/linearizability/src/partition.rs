//! A history, split by key.

use std::collections::HashMap;

use crate::call::Call;
use crate::fingerprint::BuildNumberHasher;
use crate::model::Model;

/// The calls of one key, in the order in which they began.
pub(crate) struct Partition<'a, M> {
    pub(crate) key: &'a str,
    pub(crate) calls: Vec<&'a Call<M>>,
}

/// Splits a history by key: the keys in their order, and the calls of a key in the order of time.
pub(crate) fn partitions_of<M: Model>(history: &[Call<M>]) -> Vec<Partition<'_, M>> {
    let mut places: HashMap<&str, usize, BuildNumberHasher> = HashMap::default();
    let mut partitions: Vec<Partition<'_, M>> = Vec::new();
    for call in history {
        let key = call.operation.key();
        let place = *places.entry(key).or_insert_with(|| {
            partitions.push(Partition { key, calls: Vec::new() });
            partitions.len() - 1
        });
        partitions[place].calls.push(call);
    }
    for partition in &mut partitions {
        partition.calls.sort_by_key(|call| call.called);
    }
    partitions.sort_by_key(|partition| partition.key);
    partitions
}
