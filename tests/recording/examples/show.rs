//! Makes the page of a recording: `cargo run --package recording --example show -- FILE page.html`

use std::fs::File;
use std::io::{self, BufReader};
use std::process::ExitCode;

use recording::{Recording, page};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = arguments.as_slice() else {
        eprintln!("usage: show FILE page.html");
        return ExitCode::from(2);
    };
    match show(from, to) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to make the page of {from}: {error}");
            ExitCode::from(2)
        }
    }
}

fn show(from: &str, to: &str) -> io::Result<()> {
    let recording = Recording::read(BufReader::new(File::open(from)?));
    std::fs::write(to, page(&recording))
}
