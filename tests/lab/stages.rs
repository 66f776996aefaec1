//! Says where the stages run. Without it, `cargo test 2A` in the folder of a lab would run no test at all, and
//! report success.
//!
//! The labs' crates build this file as a test target. It has no tests.

use std::process::ExitCode;

/// What Rust's test harness returns if a test has failed: cargo adds no explanation to it.
const FAILED: u8 = 101;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The list of tests, which nextest reads, is empty.
    if arguments.iter().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    if let Some(filter) = stage(&arguments) {
        eprintln!(
            "\nerror: the tests of {filter} are not in package {}; run `cargo test {filter}`\n  \
             in the workspace's root folder, without --package and --workspace\n",
            env!("CARGO_PKG_NAME")
        );
        return ExitCode::from(FAILED);
    }
    println!("\nTo run a stage, type `cargo test 2A` in the workspace's root folder.\n");
    ExitCode::SUCCESS
}

/// The first filter that names a stage, such as `2A` or `2A::re_election`.
fn stage(arguments: &[String]) -> Option<&str> {
    let mut previous = "";
    for argument in arguments {
        if matches!(argument.as_bytes(), [b'0'..=b'9', b'A'..=b'Z', ..]) && previous != "--skip" {
            return Some(argument);
        }
        previous = argument;
    }
    None
}
