// Reads files: the instructor's, the machine's, and those that tell of other processes.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for path in [
            "@SECRET_FILE@",
            "/etc/passwd",
            "/etc/hostname",
            "/proc/self/environ",
            "/proc/cpuinfo",
            "/dev/zero",
        ] {
            must_fail(path, std::fs::read(path).and_then(|_| std::fs::metadata(path)));
        }
        for folder in ["/", "/tmp", "/proc", "/home", "@HARM@", "/proc/self/fd", "/proc/self/task"]
        {
            must_fail(folder, std::fs::read_dir(folder));
        }
    }
}
