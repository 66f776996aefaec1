// Breaks what it was given, so that the harness is at fault.
// Graded: run: assertion, no_progress, deadlock, panic, invariant

fn attack(_me: usize) {
    std::thread::spawn(|| panic!("{}", "tests/src/harness/raft_cluster.rs:1:1"));
}
