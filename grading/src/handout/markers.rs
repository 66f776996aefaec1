//! The lines that say what is a solution.
//!
//! | line, as a comment of whatever language | meaning |
//! |---|---|
//! | `BEGIN SOLUTION 2A` to `END SOLUTION` | goes, if the stage is cut |
//! | `BEGIN SOLUTION 2A: build it` to `END SOLUTION` | becomes `unimplemented!("2A: build it")` |
//! | `BEGIN INSTRUCTOR` to `END INSTRUCTOR` | goes always |
//! | `HANDOUT 2A 2B: code` | becomes `code`, if one of the stages is cut |
//!
//! Regions nest. Where a stage is not cut, only the markers go.

/// Who gets the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Students,
    /// A grader elsewhere, who is to cut the students' workspace in turn.
    Grader,
}

/// A text without its solutions.
#[derive(Debug, PartialEq)]
pub(crate) struct Cut {
    pub(crate) text: String,
    /// The lines that went, without indentation.
    pub(crate) solution: Vec<String>,
}

enum Marker<'a> {
    Solution { stage: &'a str, prompt: Option<&'a str> },
    EndSolution,
    Instructor,
    EndInstructor,
    Handout { stages: Vec<&'a str>, code: &'a str },
}

struct Region {
    line: usize,
    is_instructors: bool,
    /// Whether the region itself goes.
    goes: bool,
}

impl Cut {
    /// Cuts the stages out of a text, or all of them if none is named.
    ///
    /// # Errors
    ///
    /// The line, and what is wrong with the marker on it.
    pub(crate) fn of(text: &str, stages: &[String], audience: Audience) -> Result<Self, String> {
        let is_cut = |stage: &str| stages.is_empty() || stages.iter().any(|name| name == stage);
        let mut cut = Cut { text: String::new(), solution: Vec::new() };
        let mut open: Vec<Region> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let goes = open.iter().any(|region| region.goes);
            let indent = &line[..line.len() - line.trim_start().len()];
            match parse(line).map_err(|problem| format!("{number}: {problem}"))? {
                None if goes => cut.solution.push(line.trim().to_owned()),
                None => cut.push(line),
                Some(Marker::Solution { stage, prompt }) => {
                    let region =
                        Region { line: number, is_instructors: false, goes: is_cut(stage) };
                    if let Some(prompt) = prompt.filter(|_| region.goes && !goes) {
                        cut.push(&format!("{indent}unimplemented!(\"{stage}: {prompt}\")"));
                    }
                    open.push(region);
                }
                Some(Marker::Instructor) => {
                    let goes = audience == Audience::Students;
                    open.push(Region { line: number, is_instructors: true, goes });
                    if !goes {
                        cut.push(line);
                    }
                }
                Some(Marker::Handout { stages, code })
                    if stages.iter().any(|stage| is_cut(stage)) && !goes =>
                {
                    cut.push(&format!("{indent}{code}"));
                }
                Some(Marker::Handout { .. }) => {}
                Some(end @ (Marker::EndSolution | Marker::EndInstructor)) => {
                    let expected = matches!(end, Marker::EndInstructor);
                    let begun = open.pop().filter(|region| region.is_instructors == expected);
                    begun.ok_or_else(|| format!("{number}: this region has not been begun"))?;
                    if expected && audience == Audience::Grader {
                        cut.push(line);
                    }
                }
            }
        }
        match open.last() {
            Some(region) => Err(format!("{}: this region is not ended", region.line)),
            None => Ok(cut.tidied()),
        }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Without the empty lines that a region left behind: no two in a row, none at a block's ends.
    fn tidied(mut self) -> Self {
        if self.solution.is_empty() {
            return self;
        }
        let mut lines: Vec<&str> = Vec::new();
        for line in self.text.lines() {
            let last = lines.last().copied();
            let begins = last.is_none_or(|last| last.is_empty() || last.ends_with('{'));
            if line.is_empty() && begins {
                continue;
            }
            if line.trim_start().starts_with('}') && last == Some("") {
                lines.pop();
            }
            lines.push(line);
        }
        while lines.last() == Some(&"") {
            lines.pop();
        }
        self.text = lines.join("\n") + "\n";
        self
    }
}

fn parse(line: &str) -> Result<Option<Marker<'_>>, String> {
    let trimmed = line.trim();
    let comment = ["//", "#", "<!--"].iter().find_map(|leader| trimmed.strip_prefix(leader));
    let Some(comment) = comment else {
        return Ok(None);
    };
    let comment = comment.strip_suffix("-->").unwrap_or(comment).trim();
    if let Some(rest) = comment.strip_prefix("BEGIN SOLUTION") {
        let (stage, prompt) = match rest.split_once(':') {
            Some((stage, prompt)) => (stage.trim(), Some(prompt.trim())),
            None => (rest.trim(), None),
        };
        check_stage(stage)?;
        return Ok(Some(Marker::Solution { stage, prompt }));
    }
    if let Some(rest) = comment.strip_prefix("HANDOUT ") {
        let (names, code) = rest.split_once(':').ok_or("there is no colon after the stage")?;
        let stages: Vec<&str> = names.split_whitespace().collect();
        stages.iter().try_for_each(|stage| check_stage(stage))?;
        return Ok(Some(Marker::Handout { stages, code: code.trim() }));
    }
    Ok(match comment {
        "END SOLUTION" => Some(Marker::EndSolution),
        "BEGIN INSTRUCTOR" => Some(Marker::Instructor),
        "END INSTRUCTOR" => Some(Marker::EndInstructor),
        _ => None,
    })
}

/// Stages are a digit and a letter.
fn check_stage(stage: &str) -> Result<(), String> {
    let characters: Vec<char> = stage.chars().collect();
    match characters.as_slice() {
        [lab, part] if lab.is_ascii_digit() && part.is_ascii_uppercase() => Ok(()),
        _ => Err(format!("\"{stage}\" is no stage such as 2A")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Audience, Cut};

    const SOURCE: &str = "\
use std::sync::Arc;
// BEGIN SOLUTION 2A
use std::thread;
// END SOLUTION

// HANDOUT 2A: #![allow(unused)]
fn make() {
    // BEGIN SOLUTION 2A: start the threads
    spawn();
    // BEGIN SOLUTION 2D
    compact();
    // END SOLUTION
    // END SOLUTION
}
";

    fn cut(stages: &[&str]) -> String {
        let stages: Vec<String> = stages.iter().map(|stage| (*stage).to_owned()).collect();
        Cut::of(SOURCE, &stages, Audience::Students).expect("the markers match").text
    }

    #[test]
    fn a_prompt_takes_the_place_of_its_region() {
        let expected = "use std::sync::Arc;\n\n#![allow(unused)]\nfn make() {\n    unimplemented!(\"2A: start the threads\")\n}\n";
        assert_eq!(cut(&[]), expected);
    }

    #[test]
    fn a_stage_that_is_not_cut_keeps_its_code_and_loses_its_markers() {
        let expected = "use std::sync::Arc;\nuse std::thread;\n\nfn make() {\n    spawn();\n}\n";
        assert_eq!(cut(&["2D"]), expected);
    }

    #[test]
    fn a_grader_keeps_what_is_the_instructors() {
        let text = "a\n# BEGIN INSTRUCTOR\nb\n# END INSTRUCTOR\n";
        let cut = |audience| Cut::of(text, &[], audience).expect("the markers match").text;
        assert_eq!((cut(Audience::Students), cut(Audience::Grader)), ("a\n".into(), text.into()));
    }

    #[test]
    fn what_was_cut_is_known() {
        let solution =
            Cut::of(SOURCE, &[], Audience::Students).expect("the markers match").solution;
        assert_eq!(solution, ["use std::thread;", "spawn();", "compact();"]);
    }

    #[test]
    fn markers_that_do_not_match_are_named_by_their_line() {
        for (text, problem) in [
            ("a\n// BEGIN SOLUTION 2A\n", "2: this region is not ended"),
            ("// END SOLUTION\n", "1: this region has not been begun"),
            ("// BEGIN INSTRUCTOR\n// END SOLUTION\n", "2: this region has not been begun"),
            ("# BEGIN SOLUTION two\n", "1: \"two\" is no stage such as 2A"),
            ("<!-- HANDOUT 2A -->\n", "1: there is no colon after the stage"),
        ] {
            assert_eq!(Cut::of(text, &[], Audience::Students), Err(problem.to_owned()));
        }
    }
}
