// Has the compiler read its own environment and that of the first process.
// Graded: any, build_error

const OWN: &[u8] = include_bytes!("/proc/self/environ");
const FIRST: &[u8] = include_bytes!("/proc/1/environ");

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for text in [OWN, FIRST].map(String::from_utf8_lossy) {
            if text.contains("HOME=/") && !text.contains("CARGO_HOME=/") || text.contains("USER=") {
                gained(text);
            }
        }
    }
}
