//! Writes a made-up recording and its page:
//! `cargo run --package recording --example sample -- page.html [EVENTS [SEED [SERVERS]]]`

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::process::ExitCode;

use recording::{Recording, page};
use sample::{Options, sample};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(path) = arguments.first() else {
        eprintln!("usage: sample page.html [EVENTS [SEED [SERVERS]]]");
        return ExitCode::from(2);
    };
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse().ok());
    let default = Options::default();
    let options = Options {
        events: number(1).unwrap_or(default.events as u64) as usize,
        seed: number(2).unwrap_or(default.seed),
        servers: number(3).unwrap_or(default.servers as u64) as usize,
        ..default
    };
    let lines = sample(&options);
    let html = page(&Recording::read(lines.as_bytes()));
    let written =
        std::fs::write(path, html).and_then(|()| std::fs::write(format!("{path}.jsonl"), lines));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write {path}: {error}");
            ExitCode::from(2)
        }
    }
}
