// Writes where a process can be changed through files: its memory, its name, its rank among those to be killed.
// Graded: any

use std::io::Write;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for file in [
            "mem",
            "comm",
            "oom_score_adj",
            "coredump_filter",
            "clear_refs",
            "loginuid",
            "uid_map",
            "attr/current",
        ] {
            let path = format!("/proc/self/{file}");
            must_fail(&path, std::fs::OpenOptions::new().write(true).open(&path));
        }
        let program = std::fs::OpenOptions::new().append(true).open("/proc/self/exe");
        must_fail("program", program.and_then(|mut program| program.write_all(b"x")));
    }
}
