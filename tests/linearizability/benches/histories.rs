//! How long a check takes: for histories like those of the labs, and for published ones.
//!
//! ```text
//! LINEARIZABILITY_DATA=folder cargo bench --package linearizability
//! ```

#[path = "../tests/support/published.rs"]
mod published;
#[path = "../tests/support/mod.rs"]
mod support;

use std::num::NonZero;

use divan::{AllocProfiler, Bencher};
use linearizability::kv::Operation;
use linearizability::{Call, Limits, Verdict, check};
use support::{HOT, HOTTER, LAB, PARTITIONED, Shape, history, spoil};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const LONG: Shape = Shape { calls: 200_000, ..LAB };

fn main() {
    divan::main();
}

/// One thread, so that results can be compared.
fn limits() -> Limits {
    Limits { threads: NonZero::new(1), ..Limits::default() }
}

fn measure(bencher: Bencher<'_, '_>, history: &[Call<Operation>], legal: bool) {
    let check_it = || {
        let verdict = check(history, &limits());
        assert!(legal == matches!(verdict, Verdict::Linearizable));
        assert!(!matches!(verdict, Verdict::Unknown));
    };
    bencher.bench_local(check_it);
}

macro_rules! shapes {
    ($($name:ident: $shape:expr;)*) => {
        $(mod $name {
            #[divan::bench]
            fn ok(bencher: divan::Bencher<'_, '_>) {
                super::measure(bencher, &super::history($shape, 1), true);
            }

            #[divan::bench]
            fn bad(bencher: divan::Bencher<'_, '_>) {
                super::measure(bencher, &super::spoil(super::history($shape, 1)), false);
            }
        })*
    };
}

shapes! {
    clerks_15_keys_15: super::LAB;
    clerks_15_keys_15_partitioned: super::PARTITIONED;
    clerks_5_key_1: super::HOT;
    clerks_15_key_1: super::HOTTER;
    clerks_15_keys_15_long: super::LONG;
}

#[divan::bench(args = ["c01-ok", "c01-bad", "c10-ok", "c10-bad", "c50-ok", "c50-bad"])]
fn published_kv(bencher: Bencher<'_, '_>, name: &str) {
    let Some(folder) = published::folder() else {
        return;
    };
    let history = published::kv(&folder.join(format!("kv/{name}.txt")));
    measure(bencher, &history, name.ends_with("ok"));
}

#[divan::bench]
fn published_etcd(bencher: Bencher<'_, '_>) {
    let Some(folder) = published::folder() else {
        return;
    };
    let names = published::verdicts(&folder).into_iter().map(|(name, _)| name);
    let logs: Vec<_> = names
        .filter(|name| name.starts_with("jepsen/"))
        .map(|name| published::etcd(&folder.join(name)))
        .collect();
    bencher.bench_local(|| {
        for log in &logs {
            assert!(!matches!(check(log, &limits()), Verdict::Unknown));
        }
    });
}
