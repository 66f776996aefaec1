//! Tags: comments that say what belongs to a stage.

use crate::stages;

/// The width of a line, as rustfmt counts it.
pub(super) const WIDTH: usize = 100;

/// A line such as `// 2B: append the command to the log`.
#[derive(Debug, PartialEq)]
pub(super) struct Tag {
    /// Where the tag is; lines count from 1.
    pub(super) line: usize,
    /// The first line of code below it.
    pub(super) target: usize,
    pub(super) stage: String,
    pub(super) prompt: Option<String>,
}

impl Tag {
    /// All tags of a source text, in order.
    ///
    /// # Errors
    ///
    /// The line with a stage that does not exist.
    pub(super) fn find_all(text: &str) -> Result<Vec<Tag>, String> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let mut tags = Vec::new();
        for (number, line) in (1..).zip(&lines) {
            let Some((stage, prompt)) = parse(line) else {
                continue;
            };
            if !stages::exists(stage) {
                return Err(format!("{number}: {}", stages::unknown(stage)));
            }
            let is_code = |line: &&str| !(line.starts_with("//") || line.starts_with("#["));
            let below = lines[number..].iter().position(is_code);
            tags.push(Tag {
                line: number,
                target: number + 1 + below.unwrap_or(lines.len() - number),
                stage: stage.to_owned(),
                prompt: prompt.map(str::to_owned),
            });
        }
        Ok(tags)
    }

    /// What takes the place of the code, as a line with this indentation, or as several if it is long.
    pub(super) fn stub(&self, indent: &str) -> String {
        let prompt = self.prompt.as_deref().unwrap_or("build this");
        let text = format!("\"{}: {prompt}\"", self.stage);
        let line = format!("{indent}unimplemented!({text})");
        if line.chars().count() <= WIDTH {
            return line;
        }
        format!("{indent}unimplemented!(\n{indent}    {text}\n{indent})")
    }
}

/// Whether something in a source text belongs to a stage.
pub(in crate::handout) fn has_tag(text: &str, stage: &str) -> bool {
    text.lines().any(|line| parse(line.trim()).is_some_and(|(tagged, _)| tagged == stage))
}

/// Stage and prompt, if the line is a tag: `// 2B` or `// 2B: prompt`.
fn parse(line: &str) -> Option<(&str, Option<&str>)> {
    let comment = line.strip_prefix("// ")?;
    let (stage, prompt) = match comment.split_once(": ") {
        Some((stage, prompt)) => (stage, Some(prompt)),
        None => (comment, None),
    };
    let mut letters = stage.chars();
    let is_stage = letters.next().is_some_and(|letter| letter.is_ascii_digit())
        && letters.next().is_some_and(|letter| letter.is_ascii_uppercase())
        && letters.next().is_none();
    is_stage.then_some((stage, prompt))
}

#[cfg(test)]
mod tests {
    use super::Tag;

    #[test]
    fn a_tag_belongs_to_the_code_below_it() {
        let text = "/// Docs.\n// 2B: do it\n#[inline]\n// why\nfn f() {\n    // 2C\n    g();\n}\n";
        let tags = Tag::find_all(text).expect("the stages exist");
        let found: Vec<_> = tags.iter().map(|tag| (tag.line, tag.target, tag.stub(""))).collect();
        assert_eq!(
            found,
            [
                (2, 5, "unimplemented!(\"2B: do it\")".to_owned()),
                (6, 7, "unimplemented!(\"2C: build this\")".to_owned())
            ]
        );
    }

    #[test]
    fn a_long_stub_is_wrapped() {
        let text = format!("// 2B: {}\nf();\n", "do it ".repeat(14).trim_end());
        let tags = Tag::find_all(&text).expect("the stage exists");
        let stub = tags[0].stub("    ");
        assert_eq!(stub.lines().count(), 3, "{stub}");
        assert!(stub.lines().all(|line| line.len() <= 100), "{stub}");
    }

    #[test]
    fn other_comments_are_no_tags() {
        for text in ["// 2Bs: x\n", "// In 2B: x\n", "/// 2B: x\n", "f(); // 2B: x\n", "// 2B:x\n"]
        {
            assert_eq!(Tag::find_all(text), Ok(Vec::new()), "{text}");
        }
    }

    #[test]
    fn a_stage_that_does_not_exist_is_named_with_its_line() {
        let problem = Tag::find_all("\n// 9A: x\nf();\n").expect_err("there is no 9A");
        assert!(problem.starts_with("2: unknown stage \"9A\""), "{problem}");
    }
}
