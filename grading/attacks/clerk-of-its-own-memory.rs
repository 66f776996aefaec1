// A clerk that never asks a server: it answers from what it has been told.
// Graded: any
// Stages: 3A
// File: kvraft/src/client.rs

use std::collections::HashMap;

use labrpc::ClientEnd;

pub struct Clerk {
    values: HashMap<String, String>,
}

impl Clerk {
    pub fn new(_servers: Vec<ClientEnd>) -> Clerk {
        Clerk { values: HashMap::new() }
    }

    pub fn get(&mut self, key: &str) -> String {
        self.values.get(key).cloned().unwrap_or_default()
    }

    pub fn put(&mut self, key: &str, value: &str) {
        self.values.insert(key.to_owned(), value.to_owned());
    }

    pub fn append(&mut self, key: &str, value: &str) {
        self.values.entry(key.to_owned()).or_default().push_str(value);
    }
}
