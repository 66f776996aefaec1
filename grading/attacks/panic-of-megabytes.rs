// Panics with more text than a verdict can hold.
// Graded: panic

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        panic!("{}", "all passed\n".repeat(3 << 20));
    }
}
