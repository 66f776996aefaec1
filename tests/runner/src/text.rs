//! Text for the terminal.

use std::fmt::Write as _;
use std::io::Write as _;

/// The width that text is wrapped to. Commands are not wrapped, so that they can be pasted.
pub(crate) const WIDTH: usize = 78;

/// Prints a line. The reader may be gone, as after `| head`: that is no reason to stop.
pub(crate) fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Wraps a message to this width.
pub(crate) fn wrapped(message: &str, width: usize) -> String {
    textwrap::fill(message, width)
}

/// Wraps a message; further lines are indented.
pub(crate) fn hanging(message: &str) -> String {
    textwrap::fill(message, textwrap::Options::new(WIDTH).subsequent_indent("  "))
}

/// Puts short texts side by side, on as many lines as they need.
pub(crate) fn in_columns(texts: &[String]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        match lines.last_mut() {
            Some(line) if line.len() + 3 + text.len() <= WIDTH => {
                line.push_str("   ");
                line.push_str(text);
            }
            _ => lines.push(text.clone()),
        }
    }
    lines.join("\n")
}

/// Adds a value, wrapped, with a label on its left.
pub(crate) fn push_labelled(text: &mut String, label: &str, value: &str) {
    let first = format!("  {label:<9}");
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(&first)
        .subsequent_indent("           ")
        .break_words(false);
    for line in textwrap::wrap(value, options) {
        let _ = writeln!(text, "{line}");
    }
}

/// Adds a block of lines that are short enough already, with empty lines around it.
pub(crate) fn push_indented(text: &mut String, block: &str) {
    if block.is_empty() {
        return;
    }
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    for line in block.trim_end().lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, in_columns};

    #[test]
    fn columns_go_on_in_the_next_line() {
        assert_eq!(in_columns(&["a", "b"].map(str::to_owned)), "a   b");
        let half = "x".repeat(WIDTH / 2);
        let text = in_columns(&[half.clone(), half.clone(), "y".to_owned()]);
        assert_eq!(text, format!("{half}\n{half}   y"));
    }
}
