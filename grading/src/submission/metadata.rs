//! `submission_metadata.yml`, in which Gradescope says who has handed in what.

use std::collections::BTreeMap;
use std::path::Path;

use super::label::Submitter;
use crate::files::read_text;

/// The name of the file.
pub(super) const FILE: &str = "submission_metadata.yml";

/// The largest file, in bytes. It contains the output of all earlier runs on Gradescope.
const SIZE: u64 = 256 << 20;

/// The submitters of each submission, by the name of its folder. There are none if there is no such file.
///
/// # Errors
///
/// If the file cannot be read.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, Vec<Submitter>>, String> {
    let path = folder.join(FILE);
    if path.symlink_metadata().is_err() {
        return Ok(BTreeMap::new());
    }
    Ok(parse(&read_text(&path, SIZE)?))
}

/// Reads the few lines that matter, by their indentation.
///
/// Much of the file is text that programs of students have printed. Gradescope writes that in a way that strict
/// readers of YAML refuse, but always indents it by four blanks or more. So it is never taken for a line that matters.
fn parse(text: &str) -> BTreeMap<String, Vec<Submitter>> {
    let mut found: BTreeMap<String, Vec<Submitter>> = BTreeMap::new();
    let mut submission = None;
    let mut is_list = false;
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if let Some(name) =
            line.strip_suffix(':').filter(|line| !line.starts_with([' ', '\'', '"']))
        {
            submission = Some(name.to_owned());
            is_list = false;
        } else if line.starts_with("  :") {
            is_list = line == "  :submitters:";
        } else if let (Some(submission), true) = (&submission, is_list) {
            let submitters = found.entry(submission.clone()).or_default();
            if line.starts_with("  - ") {
                submitters.push(Submitter::default());
            }
            if let (Some(submitter), Some(field)) = (submitters.last_mut(), line.get(4..)) {
                set(submitter, field);
            }
        }
    }
    found
}

/// Sets what a line such as `:name: Jane Smith` says.
fn set(submitter: &mut Submitter, field: &str) {
    let Some((key, value)) = field.split_once(": ") else { return };
    let value = scalar(value.trim());
    match key {
        ":name" => submitter.name = value,
        ":sid" => submitter.sid = value,
        ":email" => submitter.email = value,
        _ => {}
    }
}

/// The text of a scalar in one line; `None` if it is empty, or written in another way.
fn scalar(value: &str) -> Option<String> {
    let text = if let Some(rest) = value.strip_prefix('\'') {
        rest.strip_suffix('\'')?.replace("''", "'")
    } else if value.starts_with('"') {
        // What occurs in names is written as in JSON.
        serde_json::from_str(value).ok()?
    } else if matches!(value, "~" | "null") || value.starts_with(['!', '|', '>', '&', '*']) {
        return None;
    } else {
        value.to_owned()
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{Submitter, parse};

    fn submitter(name: &str, sid: &str, email: &str) -> Submitter {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Submitter { name: some(name), sid: some(sid), email: some(email) }
    }

    #[test]
    fn submitters_are_found_among_everything_else() {
        let text = "---\n\
            submission_1:\n\
            \x20 :submitters:\n\
            \x20 - :name: Jane O''Hara\n\
            \x20   :sid: '0017'\n\
            \x20   :email: jane@uni.edu\n\
            \x20 :created_at: 2026-04-26 17:34:00.861687000 Z\n\
            \x20 :results:\n\
            \x20   tests:\n\
            \x20   - name: raft\n\
            \x20     output: 'It said\n\
            \x20       submission_2:\n\
            \x20       :submitters:\n\
            \x20       - :sid: ''9''\n\
            \n\
            '\n\
            \x20     :email: no@uni.edu\n\
            ...\n\
            submission_3:\r\n\
            \x20 :submitters:\r\n\
            \x20 - :name: 'Jo O''Hara'\r\n\
            \x20   :sid: 18\r\n\
            \x20 - :name: \"M\\u00fcller\"\r\n\
            \x20   :sid: ''\r\n\
            \x20   :email: ~\r\n\
            submission_4:\n\
            \x20 :submitters: []\n\
            \x20 :sid: '7'\n";
        let found = parse(text);
        let one = submitter("Jane O''Hara", "0017", "jane@uni.edu");
        let two = [submitter("Jo O'Hara", "18", ""), submitter("Müller", "", "")];
        let expected =
            [("submission_1".to_owned(), vec![one]), ("submission_3".to_owned(), two.to_vec())];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }
}
