//! The node with a submission that misbehaves as the variable `MISBEHAVIOUR` says, when it first stands for
//! election. It does so in its own log dispatcher, as code of a submission can.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, io, panic, process, thread};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

fn main() -> ExitCode {
    if let Some(deed) = env::var("MISBEHAVIOUR").ok().and_then(|name| find(&name)) {
        let misbehaving = Misbehaving { deed, is_done: AtomicBool::new(false) };
        tracing::subscriber::set_global_default(misbehaving).expect("this is the first");
    }
    node::main(submission::make)
}

/// What a submission does.
fn find(name: &str) -> Option<fn()> {
    Some(match name {
        "panics" => || panic!("out of luck"),
        "panics at length" => || panic!("{}", "ä".repeat(1 << 20)),
        "panics elsewhere" => || {
            let named = thread::Builder::new().name("helper".to_owned());
            named.spawn(|| panic!("out of luck")).expect("a thread starts");
        },
        "panics everywhere" => || {
            for number in 0..20 {
                thread::spawn(move || panic!("number {number} is out of luck"));
            }
            panic!("out of luck");
        },
        "panics twice" => || {
            BAD_END.with(|_| ());
            panic!("out of luck");
        },
        "panics with a number" => || panic::panic_any(17),
        "swallows panics" => || {
            panic::set_hook(Box::new(|_| ()));
            let _ = thread::spawn(|| panic!("nobody hears this")).join();
        },
        "prints" => || println!("a line of the submission"),
        "reads" => || panic!("{:?} bytes", io::stdin().read_line(&mut String::new()).ok()),
        "exits" => || process::exit(0),
        "aborts" => || process::abort(),
        // Raft logs with its lock held.
        "waits for ever" => || {
            loop {
                thread::park();
            }
        },
        "spins" => || {
            loop {
                std::hint::spin_loop();
            }
        },
        _ => return None,
    })
}

thread_local! {
    /// Panics at the end of its thread, and of the process if it ends there.
    static BAD_END: BadEnd = const { BadEnd };
}

struct BadEnd;

impl Drop for BadEnd {
    fn drop(&mut self) {
        panic!("out of luck once more");
    }
}

/// A dispatcher of log events that misbehaves at the first one.
struct Misbehaving {
    deed: fn(),
    is_done: AtomicBool,
}

impl Subscriber for Misbehaving {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("raft")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        if !self.is_done.swap(true, Ordering::Relaxed) {
            (self.deed)();
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
