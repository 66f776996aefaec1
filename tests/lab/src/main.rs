//! `cargo lab …`

fn main() -> std::process::ExitCode {
    tests::runner::main(&tests::suites::all())
}
