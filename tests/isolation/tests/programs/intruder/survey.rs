//! Starts processes of this program and prints how each has ended.

use std::fs::File;
use std::io::{Read, Write, pipe};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use isolation::{CONFINED_ARGUMENT, Group, Process, Program, Start, Variables};

use crate::attacks::ATTACKS;
use crate::work::WORK;

/// How long a process may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Prints a line for each process: how it was confined, its phase, its task, how it has ended and what it has
/// printed, with tabs between.
pub(crate) fn run() {
    // Children inherit this, unless somebody sees to it that they do not.
    // SAFETY: takes numbers.
    unsafe { libc::dup2(2, 9) };
    let open = || Program::open(Path::new("/proc/self/exe")).expect("it can be read");
    let programs = [
        ("free", open()),
        ("confined", open().confine().expect("this is a kernel of these years")),
        ("user", open().confine().expect("as before").give_up_root()),
    ];
    for (name, program) in &programs {
        if *name == "user" && !program.layers().contains(&"user".to_owned()) {
            continue;
        }
        // Whom to attack. It is alone in its group, as a server of another run is.
        let (_ours, theirs) = UnixStream::pair().expect("there are sockets");
        let sibling = start(program, &["after", argument(program), "sleep"], theirs, null());
        let mut sibling = sibling.expect("it starts");
        for phase in ["before", "after"] {
            for (attack, _, is_sure) in ATTACKS {
                // Without confinement the others do harm, or depend on the system.
                if *name != "free" || *is_sure {
                    report(name, program, phase, attack, &sibling);
                }
            }
        }
        for (work, _) in &WORK[..WORK.len() - 1] {
            report(name, program, "after", work, &sibling);
        }
        assert!(sibling.try_wait().expect("it is ours").is_none(), "the sibling lives");
        let memory = format!("/proc/{}/mem", sibling.pid().as_raw_nonzero());
        let result = if File::open(memory).is_ok() { "done" } else { "refused" };
        println!("{name}\tafter\tbe read by others\texit 0\t{result}");
        sibling.kill();
        sibling.wait().expect("it is ours");
    }
}

fn report(name: &str, program: &Program, phase: &str, task: &str, sibling: &Process) {
    let (end, text) = observe(program, phase, task, sibling);
    println!("{name}\t{phase}\t{task}\t{}\t{}", describe(end), text.replace(['\n', '\t'], " "));
}

/// Has a process do something, and waits for its end.
fn observe(program: &Program, phase: &str, task: &str, sibling: &Process) -> (ExitStatus, String) {
    let (parent, sibling) =
        (std::process::id().to_string(), sibling.pid().as_raw_nonzero().to_string());
    let arguments = [phase, argument(program), task, &parent, &sibling];
    let (mut ours, theirs) = UnixStream::pair().expect("there are sockets");
    let (mut reader, writer) = pipe().expect("there are pipes");
    let mut process = start(program, &arguments, theirs, writer.into()).expect("it starts");
    let _ = ours.write_all(b"pong");
    let begun = Instant::now();
    let (status, _) = loop {
        if let Some(end) = process.try_wait().expect("it is ours") {
            break end;
        }
        if begun.elapsed() > LIMIT {
            process.kill();
        }
        std::thread::sleep(Duration::from_micros(200));
    };
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("it prints text");
    (status, text)
}

fn start(
    program: &Program,
    arguments: &[&str],
    stdin: UnixStream,
    output: std::os::fd::OwnedFd,
) -> std::io::Result<Process> {
    program.start(Start {
        arguments,
        variables: Variables::Only(&["RUST_LOG"]),
        group: Group::Own,
        stdin: stdin.into(),
        stdout: None,
        output,
        inherited: None,
    })
}

fn argument(program: &Program) -> &'static str {
    if program.is_confined() { CONFINED_ARGUMENT } else { "--free" }
}

fn null() -> std::os::fd::OwnedFd {
    File::options().write(true).open("/dev/null").expect("it is there").into()
}

fn describe(status: ExitStatus) -> String {
    match status.signal() {
        Some(signal) => format!("signal {signal}"),
        None => format!("exit {}", status.code().unwrap_or(-1)),
    }
}

/// Prints what a start costs, from fork to the end of a process that finds nobody to speak with. The program
/// may be another than this one, such as `lab`.
pub(crate) fn cost(program: Option<&str>) {
    const STARTS: u32 = 500;
    let path = Path::new(program.unwrap_or("/proc/self/exe"));
    let open = || Program::open(path).expect("it can be read");
    let confined = open().confine().expect("this is a kernel of these years");
    let user = open().confine().expect("as before").give_up_root();
    for (name, program) in [("free", open()), ("confined", confined), ("user", user)] {
        let begun = (Instant::now(), own_cpu());
        let mut theirs_cpu = Duration::ZERO;
        for _ in 0..STARTS {
            let (_, theirs) = UnixStream::pair().expect("there are sockets");
            let arguments = ["__node", argument(&program)];
            let mut process = start(&program, &arguments, theirs, null()).expect("it starts");
            theirs_cpu += process.wait().expect("it is ours").1.cpu;
        }
        println!(
            "{name}: {:?} a start, of the starter's processor time {:?}, of the process's {:?}",
            begun.0.elapsed() / STARTS,
            (own_cpu() - begun.1) / STARTS,
            theirs_cpu / STARTS
        );
    }
}

fn own_cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is written to a local.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
