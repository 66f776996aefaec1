// A clerk whose calls return at once, having done nothing.
// Graded: any
// Stages: 3A
// File: kvraft/src/client.rs

use labrpc::ClientEnd;

pub struct Clerk;

impl Clerk {
    pub fn new(_servers: Vec<ClientEnd>) -> Clerk {
        Clerk
    }

    pub fn get(&mut self, _key: &str) -> String {
        String::new()
    }

    pub fn put(&mut self, _key: &str, _value: &str) {}

    pub fn append(&mut self, _key: &str, _value: &str) {}
}
