//! Readers for published histories.

use std::collections::HashMap;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use linearizability::kv::{self, Action};
use linearizability::{Call, register};

/// The folder of the histories, if there is one.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("LINEARIZABILITY_DATA").map(PathBuf::from)
}

/// Names and verdicts: true for linearizable.
pub(crate) fn verdicts(folder: &Path) -> Vec<(String, bool)> {
    let text = read_to_string(folder.join("VERDICTS")).expect("the folder has VERDICTS");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let fields = lines.filter_map(|line| line.split_once(' '));
    fields.map(|(name, verdict)| (name.to_owned(), verdict.trim() == "true")).collect()
}

/// A log of Jepsen: a register with read, write and compare-and-set. A line is an event; its number is
/// its time.
pub(crate) fn etcd(path: &Path) -> Vec<Call<register::Operation>> {
    use register::Operation::{CompareAndSet, Read, Write};
    let text = read_to_string(path).expect("the log is there");
    let mut history: Vec<Call<register::Operation>> = Vec::new();
    let mut open: HashMap<&str, usize> = HashMap::new();
    for (time, line) in text.lines().enumerate() {
        let Some((_, event)) = line.split_once(" - ") else {
            continue;
        };
        let fields: Vec<&str> = event.split('\t').map(str::trim).collect();
        let [process, kind, function, value] = fields[..] else {
            continue;
        };
        let number = |text: &str| text.parse().ok();
        if kind == ":invoke" {
            let operation = match function {
                ":read" => Read { answer: None },
                ":write" => Write(number(value).expect("a number is written")),
                _ => {
                    let pair = value.trim_matches(['[', ']']).split_once(' ').expect("a pair");
                    let (old, new) = (number(pair.0), number(pair.1));
                    CompareAndSet {
                        old: old.expect("a number"),
                        new: new.expect("a number"),
                        done: None,
                    }
                }
            };
            open.insert(process, history.len());
            let client = process.parse().expect("processes are numbers");
            history.push(Call { client, called: time as u64, returned: None, operation });
            continue;
        }
        // `:info` says that the outcome is unknown.
        let Some(call) = open.remove(process).filter(|_| kind != ":info") else {
            continue;
        };
        let call = &mut history[call];
        call.returned = Some(time as u64);
        match &mut call.operation {
            Read { answer } if kind == ":ok" => *answer = Some(number(value)),
            CompareAndSet { done, .. } => *done = Some(kind == ":ok"),
            _ => {}
        }
    }
    history
}

/// A history of Porcupine: lines such as `{:process 9, :type :invoke, :f :append, :key "0", :value "x"}`.
pub(crate) fn kv(path: &Path) -> Vec<Call<kv::Operation>> {
    let text = read_to_string(path).expect("the history is there");
    let mut history: Vec<Call<kv::Operation>> = Vec::new();
    let mut open: HashMap<usize, usize> = HashMap::new();
    for (time, line) in text.lines().enumerate() {
        let field = |name: &str| {
            line.split_once(name).map(|(_, rest)| rest.split([',', '}']).next().unwrap_or(""))
        };
        let quoted = |name: &str| field(name).map(|value| value.trim_matches('"').to_owned());
        let client = field(":process ").and_then(|text| text.parse().ok()).expect("a process");
        let value = quoted(":value ").unwrap_or_default();
        if line.contains(":type :invoke") {
            let action = match field(":f ") {
                Some(":get") => Action::Get { value: None },
                Some(":put") => Action::Put { value },
                _ => Action::Append { value },
            };
            open.insert(client, history.len());
            let operation = kv::Operation { key: quoted(":key ").expect("a key"), action };
            history.push(Call { client, called: time as u64, returned: None, operation });
        } else if let Some(call) = open.remove(&client) {
            let call = &mut history[call];
            call.returned = Some(time as u64);
            if let Action::Get { value: answer } = &mut call.operation.action {
                *answer = Some(value);
            }
        }
    }
    history
}
