//! Checks a history that was kept in a file: `cargo run --package linearizability --example check FILE`

use std::process::ExitCode;
use std::time::Instant;

use linearizability::{Limits, Verdict, check, explain, kv};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("name a file with a history");
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
    println!("{} calls, {:.1} ms", history.len(), begun.elapsed().as_secs_f64() * 1e3);
    match verdict {
        Verdict::Linearizable => {
            println!("linearizable");
            ExitCode::SUCCESS
        }
        Verdict::Illegal(violation) => {
            print!("{}", explain(&violation.evidence()));
            ExitCode::from(1)
        }
        Verdict::Unknown => {
            println!("not decided");
            ExitCode::from(3)
        }
    }
}
