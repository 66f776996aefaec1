//! Histories as text: one call per line.

use std::fmt::Write;

use super::operation::{Action, Operation};
use crate::call::Call;

/// Why a text is not a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for LoadError {}

/// Writes a history, one call per line: client, times of call and return, key, operation and value,
/// separated by tabs. A `-` stands for a missing return; texts are escaped as in Rust, without quotes.
pub fn dump(history: &[Call<Operation>]) -> String {
    let mut text = String::new();
    for call in history {
        let returned = call.returned.map_or("-".to_owned(), |time| time.to_string());
        let (name, value) = match &call.operation.action {
            Action::Get { value } => ("get", value.as_ref()),
            Action::Put { value } => ("put", Some(value)),
            Action::Append { value } => ("append", Some(value)),
        };
        // A missing value has no column, since every text can be a value.
        let value = value.map(|value| format!("\t{}", value.escape_debug())).unwrap_or_default();
        let key = call.operation.key.escape_debug();
        let _ =
            writeln!(text, "{}\t{}\t{returned}\t{key}\t{name}{value}", call.client, call.called);
    }
    text
}

/// Reads what [`dump`] has written.
///
/// # Errors
///
/// If a line is not a call, or a call returns before it begins.
pub fn load(text: &str) -> Result<Vec<Call<Operation>>, LoadError> {
    let numbered = text.lines().enumerate().filter(|(_, line)| !line.is_empty());
    numbered
        .map(|(index, line)| parse(line).map_err(|problem| LoadError { line: index + 1, problem }))
        .collect()
}

fn parse(line: &str) -> Result<Call<Operation>, String> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [client, called, returned, key, name, value @ ..] = &columns[..] else {
        return Err(format!("a call has at least 5 columns, but this line has {}", columns.len()));
    };
    let value = match value {
        [] => None,
        [value] => Some(unescape(value)?),
        _ => return Err("a call has at most 6 columns".to_owned()),
    };
    let called = number(called, "time of call")?;
    let returned = match *returned {
        "-" => None,
        time => Some(number(time, "time of return")?),
    };
    if returned.is_some_and(|returned| returned < called) {
        return Err("the call returns before it begins".to_owned());
    }
    let action = match (*name, value) {
        ("get", value) => Action::Get { value },
        ("put", Some(value)) => Action::Put { value },
        ("append", Some(value)) => Action::Append { value },
        ("put" | "append", None) => return Err(format!("{name} has no value")),
        _ => return Err(format!("{name:?} is not get, put or append")),
    };
    let client = number(client, "client")? as usize;
    Ok(Call { client, called, returned, operation: Operation { key: unescape(key)?, action } })
}

fn number(text: &str, what: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text:?} is not a {what}"))
}

fn unescape(text: &str) -> Result<String, String> {
    let bad = || format!("{text:?} has an unknown escape");
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        if char != '\\' {
            plain.push(char);
            continue;
        }
        plain.push(match rest.next().ok_or_else(bad)? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            'u' => {
                let code: String = rest.by_ref().take_while(|char| *char != '}').collect();
                let code = code.strip_prefix('{').ok_or_else(bad)?;
                u32::from_str_radix(code, 16).ok().and_then(char::from_u32).ok_or_else(bad)?
            }
            same @ ('\\' | '"' | '\'') => same,
            _ => return Err(bad()),
        });
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dumped_can_be_loaded() {
        let texts = ["", "-", "a\tb\nc\\d\"e'", "\u{1b}[0m ü \u{200b}", "null"];
        let history: Vec<Call<Operation>> = texts
            .iter()
            .flat_map(|text| {
                let text = (*text).to_owned();
                [
                    Action::Get { value: Some(text.clone()) },
                    Action::Get { value: None },
                    Action::Put { value: text.clone() },
                    Action::Append { value: text },
                ]
            })
            .enumerate()
            .map(|(at, action)| Call {
                client: at,
                called: at as u64,
                returned: (at % 2 == 0).then_some(at as u64 + 7),
                operation: Operation { key: texts[at % texts.len()].to_owned(), action },
            })
            .collect();
        assert_eq!(load(&dump(&history)), Ok(history));
    }

    #[test]
    fn a_bad_line_is_named() {
        let complaint = |line: &str| {
            let text = format!("0\t1\t2\tk\tget\tv\n{line}\n");
            load(&text).expect_err("the line is bad").to_string()
        };
        assert_eq!(complaint("x"), "line 2: a call has at least 5 columns, but this line has 1");
        assert_eq!(complaint("0\t5\t4\tk\tget\tv"), "line 2: the call returns before it begins");
        assert_eq!(complaint("0\t5\t-\tk\tput"), "line 2: put has no value");
        assert_eq!(complaint("0\t5\t-\tk\tcas\tv"), "line 2: \"cas\" is not get, put or append");
        assert_eq!(complaint("0\tnow\t-\tk\tget"), "line 2: \"now\" is not a time of call");
        assert!(complaint("0\t5\t-\tk\\q\tget").ends_with("has an unknown escape"));
    }
}
