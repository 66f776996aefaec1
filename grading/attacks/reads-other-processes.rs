// Looks for the seeds in the memory and the files of other processes.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let own = std::process::id() as i32;
        for process in (1..100).chain(own.saturating_sub(20)..own).chain([grader()]) {
            for file in
                ["environ", "cmdline", "maps", "mem", "stat", "root/etc/passwd", "fd/0", "cwd"]
            {
                let path = format!("/proc/{process}/{file}");
                must_fail(&path, std::fs::read(&path));
                must_fail(&path, std::fs::read_link(&path));
            }
        }
    }
}
