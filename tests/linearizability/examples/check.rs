//! Checks a history in a file: `cargo run --package linearizability --example check FILE`

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use linearizability::{Limits, Verdict, check, explain, kv};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: check FILE");
        return ExitCode::from(2);
    };
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
    let history = match text.and_then(|text| kv::load(&text).map_err(|error| error.to_string())) {
        Ok(history) => history,
        Err(error) => {
            eprintln!("cannot read {}: {error}", path.display());
            return ExitCode::from(2);
        }
    };
    let begun = Instant::now();
    let verdict = check(&history, &Limits::default());
    let took = begun.elapsed().as_secs_f64() * 1e3;
    let (words, code) = match verdict {
        Verdict::Linearizable => ("linearizable\n".to_owned(), 0),
        Verdict::Illegal(violation) => (explain(&violation.evidence()), 1),
        Verdict::Unknown => ("not decided\n".to_owned(), 3),
    };
    // The reader may be gone, as after `| head`.
    let _ = write!(std::io::stdout(), "{} calls, {took:.1} ms\n{words}", history.len());
    ExitCode::from(code)
}
