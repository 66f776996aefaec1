// Writes files where something may be writable, for the next life or for another server.
// Graded: any

use std::io::Write;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for folder in
            ["/tmp", "/dev/shm", "/var/tmp", "@HARM@", ".", "/run", "/dev/mqueue", "/proc/self"]
        {
            let path = format!("{folder}/raft-{}", self.me);
            must_fail(&path, std::fs::read(&path));
            must_fail(
                &path,
                std::fs::File::create(&path).and_then(|mut file| file.write_all(b"1")),
            );
            must_fail(&path, std::fs::create_dir(&path));
            must_fail(&path, std::os::unix::fs::symlink("/etc/passwd", &path));
        }
        must_fail("remove", std::fs::remove_file("@SECRET_FILE@"));
        must_fail("rename", std::fs::rename("@SECRET_FILE@", "@HARM@/moved"));
    }
}
