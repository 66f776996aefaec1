//! Regions of a text that are the instructor's alone.
//!
//! They go from a comment `BEGIN INSTRUCTOR` to a comment `END INSTRUCTOR`, in files of every kind.

/// A text without its instructor's regions.
///
/// # Errors
///
/// The line, and what is wrong with the marker on it.
pub(super) fn without_instructors(text: &str) -> Result<String, String> {
    let mut kept: Vec<&str> = Vec::new();
    let mut begun = None;
    for (number, line) in (1..).zip(text.lines()) {
        match (comment(line), begun) {
            (Some("BEGIN INSTRUCTOR"), None) => begun = Some(number),
            (Some("BEGIN INSTRUCTOR"), Some(first)) => {
                return Err(format!("{number}: the region of line {first} has not ended yet"));
            }
            (Some("END INSTRUCTOR"), Some(_)) => begun = None,
            (Some("END INSTRUCTOR"), None) => {
                return Err(format!("{number}: no region has begun"));
            }
            (_, Some(_)) => {}
            (_, None) => kept.push(line),
        }
    }
    match begun {
        Some(number) => Err(format!("{number}: this region does not end")),
        None if kept.len() == text.lines().count() => Ok(text.to_owned()),
        None => Ok(joined(&kept)),
    }
}

/// The lines as a text, without an empty line where a region has left two.
fn joined(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut last = "";
    for line in lines {
        if !(line.is_empty() && last.is_empty()) {
            text.push_str(line);
            text.push('\n');
        }
        last = line;
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text + "\n"
}

/// What a line says as a comment of Rust, of a shell, or of Markdown.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim();
    let comment = ["//", "#", "<!--"].iter().find_map(|leader| line.strip_prefix(leader))?;
    Some(comment.strip_suffix("-->").unwrap_or(comment).trim())
}

#[cfg(test)]
mod tests {
    use super::without_instructors;

    #[test]
    fn regions_go() {
        let text = "a\n# BEGIN INSTRUCTOR\nb\n# END INSTRUCTOR\nc\n";
        assert_eq!(without_instructors(text).as_deref(), Ok("a\nc\n"));
        let text = "a\n\n<!-- BEGIN INSTRUCTOR -->\nb\n<!-- END INSTRUCTOR -->\n\nc\n";
        assert_eq!(without_instructors(text).as_deref(), Ok("a\n\nc\n"));
    }

    #[test]
    fn a_text_without_regions_stays_as_it_is() {
        assert_eq!(without_instructors("a\n\n\nb").as_deref(), Ok("a\n\n\nb"));
    }

    #[test]
    fn markers_that_do_not_match_are_named_by_their_line() {
        for (text, problem) in [
            ("a\n// BEGIN INSTRUCTOR\n", "2: this region does not end"),
            ("// END INSTRUCTOR\n", "1: no region has begun"),
            (
                "# BEGIN INSTRUCTOR\n# BEGIN INSTRUCTOR\n",
                "2: the region of line 1 has not ended yet",
            ),
        ] {
            assert_eq!(without_instructors(text), Err(problem.to_owned()));
        }
    }
}
