//! `cargo test …`: the same program, built where cargo looks for tests.

fn main() -> std::process::ExitCode {
    tests::runner::main(&tests::suites::all())
}
