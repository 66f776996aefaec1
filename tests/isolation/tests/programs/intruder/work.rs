//! What an honest program does, and must still be able to do when it is confined.

use std::backtrace::Backtrace;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// A name, and what it does. It prints the name if it has worked, or ends the process in a way of its own.
pub(crate) type Work = (&'static str, fn());

/// All that must work.
pub(crate) const WORK: &[Work] = &[
    ("threads", || {
        let sum: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..200).map(|number| scope.spawn(move || number)).collect();
            threads.into_iter().map(|thread| thread.join().expect("it does not panic")).sum()
        });
        assert_eq!(sum, 19_900);
        let named = thread::Builder::new().name("by name".to_owned()).stack_size(1 << 20);
        named.spawn(|| ()).expect("it starts").join().expect("it does not panic");
        assert!(thread::available_parallelism().is_ok());
    }),
    ("locks", || {
        let pair = Arc::new((Mutex::new(0), Condvar::new()));
        let other = pair.clone();
        let thread = thread::spawn(move || {
            for _ in 0..1_000 {
                *other.0.lock().expect("it is not poisoned") += 1;
                other.1.notify_one();
            }
        });
        let mut count = pair.0.lock().expect("it is not poisoned");
        while *count < 1_000 {
            count = pair.1.wait(count).expect("it is not poisoned");
        }
        drop(count);
        thread.join().expect("it does not panic");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(7));
        assert_eq!(receiver.recv(), Ok(7));
    }),
    ("time", || {
        let begun = Instant::now();
        thread::sleep(Duration::from_millis(5));
        thread::park_timeout(Duration::from_millis(5));
        assert!(begun.elapsed() >= Duration::from_millis(5));
        assert!(SystemTime::now() > SystemTime::UNIX_EPOCH);
        assert!(HashMap::<u8, u8>::new().is_empty());
    }),
    ("memory", || {
        let block = vec![7u8; 256 << 20];
        assert_eq!(block[block.len() / 2], 7);
        let blocks: Vec<Box<[u8; 100]>> = (0..100_000).map(|_| Box::new([1; 100])).collect();
        assert_eq!(blocks.len(), 100_000);
    }),
    ("a panic", || {
        std::panic::set_hook(Box::new(|_| ()));
        let result = thread::spawn(|| panic!("on purpose")).join();
        assert!(result.is_err());
        assert!(std::panic::catch_unwind(|| panic!("once more")).is_err());
    }),
    ("a backtrace", || {
        let program = std::fs::File::open("/proc/self/exe").expect("it can be read");
        assert!(program.metadata().expect("it is open").len() > 1_000);
        let text = somewhere_else(Backtrace::force_capture).to_string();
        assert!(text.contains("somewhere_else"), "{text}");
        assert!(text.contains("work.rs:"), "{text}");
    }),
    ("the descriptors", || {
        let mut stream = UnixStream::from(
            std::io::stdin().as_fd().try_clone_to_owned().expect("there are descriptors"),
        );
        stream.set_nonblocking(true).expect("it has modes");
        stream.write_all(b"ping").expect("somebody listens");
        stream.set_nonblocking(false).expect("it has modes");
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).expect("somebody answers");
        assert_eq!(&answer, b"pong");
        eprint!("");
    }),
    ("no environment", || {
        let names: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
        assert!(names.iter().all(|name| name == "RUST_LOG"), "{names:?}");
    }),
    ("the limits", || {
        let is_confined = std::env::args().nth(2).as_deref() == Some(isolation::CONFINED_ARGUMENT);
        let limit = |resource| {
            let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: the limit is written to a local.
            assert_eq!(unsafe { libc::getrlimit(resource, &raw mut limit) }, 0);
            limit.rlim_cur
        };
        if is_confined {
            assert!(limit(libc::RLIMIT_CPU) <= isolation::CPU_LIMIT.as_secs());
            assert!(limit(libc::RLIMIT_NOFILE) <= 16);
            assert_eq!((limit(libc::RLIMIT_FSIZE), limit(libc::RLIMIT_CORE)), (0, 0));
        }
    }),
    ("an abort", || std::process::abort()),
    ("a stack that overflows", || {
        let _ = thread::spawn(|| overflow(0)).join();
    }),
    ("an exit", || std::process::exit(42)),
    ("a null pointer", || {
        // SAFETY: it is not; the process dies of it.
        unsafe { std::ptr::null_mut::<u8>().write_volatile(1) };
    }),
    ("sleep", || thread::sleep(Duration::from_secs(1_000))),
];

#[inline(never)]
fn somewhere_else<T>(work: impl Fn() -> T) -> T {
    std::hint::black_box(work())
}

#[inline(never)]
fn overflow(depth: u64) -> u64 {
    let block = std::hint::black_box([depth; 1_000]);
    if depth == u64::MAX { 0 } else { overflow(depth + 1) + block[7] }
}

/// Does the work that the arguments name.
pub(crate) fn run(arguments: &[String]) {
    let name = arguments.get(3).expect("it is told what to do");
    let (_, work) = WORK.iter().find(|(known, _)| known == name).expect("it is known");
    work();
    print!("{name}");
}
