// Panics while a panic is told, and while it is undone.
// Graded: panic, aborted

struct Loud;

impl Display for Loud {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("within")
    }
}

impl Drop for Loud {
    fn drop(&mut self) {
        panic!("{}", Loud);
    }
}

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        let _loud = Loud;
        panic!("{}", Loud);
    }
}
