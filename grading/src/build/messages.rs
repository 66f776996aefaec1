//! What cargo and the compiler print.

use std::path::Path;
use std::process::ExitStatus;

use serde::Deserialize;

use super::error::BuildError;

/// The longest part of a compiler's messages that is kept, in characters.
const MESSAGE_LIMIT: usize = 6_000;

/// A line of cargo's JSON output.
#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    code: Option<Code>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

/// Checks for errors of the lints that a submission cannot turn off.
///
/// # Errors
///
/// The first such error.
pub(super) fn check_lints(json: &str) -> Result<(), BuildError> {
    let mut errors = errors(json);
    match errors.find(Message::is_policy).and_then(|message| message.rendered) {
        Some(text) => Err(BuildError::Policy(shorten(text.trim()))),
        None => Ok(()),
    }
}

/// Why there is no program, in the compiler's words.
pub(super) fn explain(out: &Path, status: ExitStatus) -> BuildError {
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap_or_default();
    let errors: Vec<String> =
        errors(&read("build.json")).filter_map(|message| message.rendered).collect();
    if !errors.is_empty() {
        return BuildError::Compiler(shorten(errors.join("\n").trim()));
    }
    let output = [read("build.txt"), read("script.txt")].concat();
    let output = output.trim();
    // Without this file the compiler was never started.
    if !out.join("build.txt").exists() {
        return BuildError::Fault(format!("the sandbox failed ({status}): {}", shorten(output)));
    }
    let limits = "its limits are 4 GiB of memory, 10 minutes, and 512 MiB for each file";
    BuildError::Compiler(shorten(&format!("the compiler failed ({limits}):\n{output}")))
}

impl Message {
    fn is_policy(&self) -> bool {
        let code = self.code.as_ref().map_or("", |code| code.code.as_str());
        code.starts_with("clippy::disallowed") || code == "unsafe_code" || code == "E0453"
    }
}

fn errors(json: &str) -> impl Iterator<Item = Message> {
    let messages = json.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()?.message);
    messages.filter(|message| message.level == "error")
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_LIMIT) {
        Some((end, _)) => format!("{}\n[shortened]", &text[..end]),
        None => text.to_owned(),
    }
}
