//! The start of the program: as `cargo lab`, as a target of `cargo test`, or as the judge of one test.

use std::process::ExitCode;

use crate::case::Case;
use crate::exit::Exit;
use crate::{cargo_test, judge, lab, supervisor, text, trial};

/// Whether the runner has started this program as a node: a process of the submission.
pub fn is_node() -> bool {
    std::env::args().nth(1).as_deref() == Some(supervisor::NODE_ARGUMENT)
}

/// Runs the program with these tests.
pub fn main(cases: &[Case]) -> ExitCode {
    let first = std::env::args().nth(1);
    let exit = match first.as_deref() {
        Some(judge::ARGUMENT) => return judge::main(cases),
        Some(trial::ARGUMENT) => return trial::main(),
        Some("run" | "show" | "shrink" | "list" | "serve" | "help" | "-h" | "--help") => {
            lab::main(cases)
        }
        _ => cargo_test::main(cases),
    };
    let exit = exit.unwrap_or_else(|problem| {
        eprintln!("{}", text::hanging(&format!("error: {problem}")));
        Exit::Usage
    });
    exit.into()
}
