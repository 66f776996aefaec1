//! What cargo, the compiler and the linker print.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use serde::Deserialize;

use super::error::BuildError;

/// The longest part of a compiler's messages that is kept, in characters.
const MESSAGE_LIMIT: usize = 6_000;

/// The package that is linked. It holds nothing of a submission, so what the compiler says of it is about the
/// linker.
const LINKED: &str = "lab";

/// What a shell exits with after a program that was killed.
const KILLED: i32 = 128 + 9;

/// What is printed of a program that was killed, by cargo of the compiler, by the compiler of the linker's
/// driver, and by that of the linker.
const WAS_KILLED: &[&str] =
    &["(signal: 9, SIGKILL: kill)", "signal: 9 (SIGKILL)", "signal 9 [Killed]"];

/// What the system says when a disk is full.
const FULL: &str = "No space left on device";

/// A line of cargo's JSON output.
#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// What a compilation has left behind.
struct Messages {
    /// The compiler's output about the submission, and about the program that it is linked into.
    json: String,
    /// Cargo's own output; `None` if cargo was never started.
    cargo: Option<String>,
    /// The script's own output.
    script: String,
}

/// Why there is no program, in the compiler's words.
///
/// The limits of the build never kill a compiler by SIGKILL, so that it was somebody else who did.
pub(super) fn explain(out: &Path, status: ExitStatus, limits: &str) -> BuildError {
    let read = |name: &str| {
        let bytes = std::fs::read(out.join(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let messages = Messages {
        json: read("build.json").unwrap_or_default(),
        cargo: read("build.txt"),
        script: read("script.txt").unwrap_or_default(),
    };
    messages.explain(status, limits)
}

impl Messages {
    fn explain(&self, status: ExitStatus, limits: &str) -> BuildError {
        if let Some(fault) = self.fault(status) {
            return BuildError::Fault(fault);
        }
        let errors: Vec<String> = self.errors().filter_map(|(_, error)| error.rendered).collect();
        if !errors.is_empty() {
            return BuildError::Compiler(shorten(errors.join("\n").trim()));
        }
        let output = self.output();
        BuildError::Compiler(shorten(&format!("the compiler failed ({limits}):\n{output}")))
    }

    /// What went wrong that is not the submission's.
    fn fault(&self, status: ExitStatus) -> Option<String> {
        let output = shorten(&self.output());
        let linker: String = self
            .errors()
            .filter(|(package, _)| package == LINKED)
            .filter_map(|(_, error)| error.rendered)
            .collect();
        let is_said = |text: &&str| output.contains(*text) || linker.contains(*text);
        let was_killed = status.signal() == Some(9) || status.code() == Some(KILLED);
        if was_killed || WAS_KILLED.iter().any(&is_said) {
            return Some(format!(
                "the compiler was killed from outside, perhaps because memory ran out: {output}{linker}"
            ));
        }
        if is_said(&FULL) {
            return Some(format!("the disk was full: {output}{linker}"));
        }
        let never_started = self.cargo.is_none();
        never_started.then(|| format!("the sandbox failed ({status}): {output}"))
    }

    /// The errors of the compiler, each with the package that it is about.
    fn errors(&self) -> impl Iterator<Item = (String, Message)> {
        let parse = |line| {
            let Line { message, target } = serde_json::from_str(line).ok()?;
            Some((target.map(|target| target.name).unwrap_or_default(), message?))
        };
        let messages = self.json.lines().filter_map(parse);
        messages.filter(|(_, message): &(String, Message)| message.level == "error")
    }

    fn output(&self) -> String {
        let cargo = self.cargo.as_deref().unwrap_or_default();
        [cargo, &self.script].concat().trim().to_owned()
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_LIMIT) {
        Some((end, _)) => format!("{}\n[shortened]", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::{BuildError, Messages};

    fn explain(package: &str, error: &str, cargo: Option<&str>, raw_status: i32) -> BuildError {
        let message = serde_json::json!({
            "reason": "compiler-message",
            "target": { "name": package },
            "message": { "level": "error", "rendered": error },
        });
        let messages = Messages {
            json: if error.is_empty() { String::new() } else { format!("not json\n{message}\n") },
            cargo: cargo.map(str::to_owned),
            script: String::new(),
        };
        messages.explain(ExitStatus::from_raw(raw_status), "limits")
    }

    /// The raw status of a program that has exited with this code.
    fn code(code: i32) -> i32 {
        code << 8
    }

    #[test]
    fn a_compiler_that_was_killed_is_a_fault() {
        let cargo = "error: could not compile `raft` (lib)\n\nCaused by:\n  process didn't exit \
                     successfully: `rustc --crate-name raft` (signal: 9, SIGKILL: kill)";
        for (package, error, cargo, status) in [
            ("", "", cargo, code(101)),
            ("lab", "linking with `cc` failed: signal: 9 (SIGKILL)", "", code(101)),
            ("lab", "collect2: fatal error: ld terminated with signal 9 [Killed]", "", code(101)),
            ("lab", "rust-lld: error: x: No space left on device", "", code(101)),
            ("", "", "", code(137)),
            ("", "", "", 9),
        ] {
            let found = explain(package, error, Some(cargo), status);
            assert!(matches!(found, BuildError::Fault(_)), "{package} {error} {cargo}: {found:?}");
        }
        assert!(matches!(explain("", "", None, code(1)), BuildError::Fault(_)));
    }

    #[test]
    fn a_submission_cannot_say_that_it_was_killed() {
        let error = "signal: 9 (SIGKILL), (signal: 9, SIGKILL: kill), No space left on device";
        let expected = Err(BuildError::Compiler(error.to_owned()));
        assert_eq!(Err::<(), _>(explain("raft", error, Some(""), code(101))), expected);
    }

    #[test]
    fn a_compiler_that_exceeds_a_limit_is_the_submissions() {
        let cargo = "error: could not compile `raft` (lib)\n\nCaused by:\n  process didn't exit \
                     successfully: `rustc` (signal: 6, SIGABRT: process abort signal)";
        let found = explain("", "", Some(cargo), code(101));
        assert_eq!(found, BuildError::Compiler(format!("the compiler failed (limits):\n{cargo}")));
    }
}
