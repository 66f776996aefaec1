//! Histories that others have published with their verdicts: the logs of etcd that linearizability
//! checkers are usually compared on, and the key/value histories of Porcupine. They are not part of this
//! project: set `LINEARIZABILITY_DATA` to a folder with `jepsen/`, `kv/` and `VERDICTS`, or nothing is
//! checked.

#[path = "support/published.rs"]
mod published;

use linearizability::{Call, Limits, Model, Verdict, check};

fn verdict<M: Model>(history: &[Call<M>]) -> Option<bool> {
    match check(history, &Limits::default()) {
        Verdict::Linearizable => Some(true),
        Verdict::Illegal(_) => Some(false),
        Verdict::Unknown => None,
    }
}

#[test]
fn every_published_verdict_is_right() {
    let Some(folder) = published::folder() else {
        println!("skipped: LINEARIZABILITY_DATA is not set");
        return;
    };
    let mut checked = 0;
    for (name, expected) in published::verdicts(&folder) {
        let seen = if name.starts_with("jepsen/") {
            verdict(&published::etcd(&folder.join(&name)))
        } else {
            verdict(&published::kv(&folder.join(&name)))
        };
        assert_eq!(seen, Some(expected), "{name}");
        checked += 1;
    }
    println!("{checked} histories have the published verdict");
}
