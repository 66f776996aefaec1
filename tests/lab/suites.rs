//! `cargo test …`: the same program as a test target.

fn main() -> std::process::ExitCode {
    tests::runner::main(&tests::suites::all())
}
