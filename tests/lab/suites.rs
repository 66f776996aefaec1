//! `cargo lab …`

use std::process::ExitCode;

fn main() -> ExitCode {
    if tests::runner::is_node() {
        return node::main(submission::make);
    }
    tests::runner::main(&tests::suites::all())
}
