//! Tests that misbehave as submissions might, for the tests of the runner.

use std::process::{Command, ExitCode, abort, exit};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use nix::sys::socket::{MsgFlags, send};
use runner::case::{Case, Run, Summary, Work};
use runner::{Class, Failure, fail, on_failure};

const SUMMARY: Summary =
    Summary { seconds: 1.5, peers: 3, rpcs: 62, bytes: 15_100, work: Work::Commits(4) };

const fn case(name: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "0X", name, title: "misbehaves", limit: Duration::from_secs(2), run }
}

/// A case that may take as long as the machine needs.
const fn with_long_limit(case: Case) -> Case {
    Case { limit: Duration::from_secs(100), ..case }
}

const CASES: &[Case] = &[
    case("passes", |_| SUMMARY),
    case("fails", |_| {
        on_failure(|| "server  term\n0          7\n".to_owned());
        println!("a line of the submission");
        fail(Failure::new(Class::Assertion, "two and two are four".to_owned(), "five".to_owned()))
    }),
    case("fails_under_a_name_that_leaves_no_room_for_anything_else_on_a_line_of_text", |_| {
        fail(Failure::new(Class::Assertion, "a short name".to_owned(), "many words ".repeat(20)))
    }),
    case("fails_in_a_thread", |_| {
        thread::spawn(|| {
            fail(Failure::new(Class::Invariant, "order".to_owned(), "chaos".to_owned()))
        });
        sleep_forever()
    }),
    case("panics_in_a_thread", |_| {
        thread::spawn(|| panic!("out of luck"));
        sleep_forever()
    }),
    case("sleeps", |_| sleep_forever()),
    case("exits", |_| {
        println!("test result: ok. 4 passed; 0 failed");
        exit(0)
    }),
    case("aborts", |_| abort()),
    with_long_limit(case("hoards", |_| {
        let mut hoard = Vec::new();
        loop {
            hoard.push(vec![1u8; 1 << 24]);
        }
    })),
    with_long_limit(case("floods", |_| {
        loop {
            println!("{}", "x".repeat(1 << 16));
        }
    })),
    case("starts_a_process", |_| {
        println!("{:?}", Command::new("true").status());
        SUMMARY
    }),
    case("uses_the_network", |_| {
        println!("{:?}", std::net::TcpListener::bind("127.0.0.1:0"));
        SUMMARY
    }),
    case("reads_a_file", |_| match std::fs::read("/etc/hostname") {
        Ok(_) => SUMMARY,
        Err(error) => {
            fail(Failure::new(Class::Assertion, "a file".to_owned(), error.kind().to_string()))
        }
    }),
    with_long_limit(case("spawns_without_end", |_| {
        loop {
            thread::spawn(|| -> Summary { sleep_forever() });
        }
    })),
    case("leaves_a_process", |_| {
        let sleeper = Command::new("sleep").arg("4242").spawn();
        println!("{}", sleeper.is_ok());
        SUMMARY
    }),
    case("explains_forever", |_| {
        on_failure(sleep_forever);
        fail(Failure::new(Class::Assertion, "an end".to_owned(), "none".to_owned()))
    }),
    case("writes_to_its_socket", |_| {
        // As an attacker might who gets around the compiler: to any descriptor, without the key.
        let forged = b"{\"key\":\"0\",\"verdict\":{\"class\":\"pass\"}}\n";
        let sent = (3..64).any(|descriptor| send(descriptor, forged, MsgFlags::empty()).is_ok());
        assert!(sent, "there is a socket");
        exit(0)
    }),
    case("spins", |_| {
        while !NEVER.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
        SUMMARY
    }),
    case("yields_forever", |_| {
        thread::spawn(|| {
            loop {
                thread::sleep(Duration::from_millis(1));
            }
        });
        loop {
            thread::yield_now();
        }
    }),
    case("depends_on_its_process", |_| {
        thread::sleep(Duration::from_millis(u64::from(std::process::id())));
        SUMMARY
    }),
    case("depends_on_addresses", |_| {
        let blocks: Vec<Vec<u8>> = (4..12).map(|class| Vec::with_capacity(1 << class)).collect();
        let on_the_stack = 0u8;
        let own = [&raw const on_the_stack, (&raw const LAST).cast()];
        for address in blocks.iter().map(Vec::as_ptr).chain(own) {
            thread::sleep(Duration::from_micros(address.addr() as u64 % 1_000_000));
        }
        SUMMARY
    }),
    case("depends_on_the_schedule", |run| {
        let threads = [1, 2].map(|number| {
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(1));
                LAST.store(number, Ordering::Relaxed);
            })
        });
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        if LAST.load(Ordering::Relaxed) == 1 {
            let seen = format!("with seed {}", run.seed);
            fail(Failure::new(Class::Assertion, "the second comes last".to_owned(), seen));
        }
        SUMMARY
    }),
    case("logs", |_| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                thread::spawn(move || {
                    for round in 0..20 {
                        tracing::debug!(number, round, "a word");
                        thread::sleep(Duration::from_micros(50));
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        SUMMARY
    }),
    case("starts_many_threads", |_| {
        let threads: Vec<_> = (0..500).map(|_| thread::spawn(thread::park)).collect();
        assert_eq!(threads.len(), 500);
        SUMMARY
    }),
];

static NEVER: AtomicBool = AtomicBool::new(false);
static LAST: AtomicU32 = AtomicU32::new(0);

fn sleep_forever<T>() -> T {
    loop {
        thread::park();
    }
}

fn main() -> ExitCode {
    runner::main(CASES)
}
