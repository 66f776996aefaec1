// Its messages, their methods and its log are markup, and megabytes of it.
// Graded: any

const MARKUP: &str = "</script></pre><script>alert(1)</script><img src=x onerror=alert(2)>@SEED@\u{202e}";

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for (_, peer) in self.others() {
            let peer = peer.clone();
            thread::spawn(move || {
                for _ in 0..10 {
                    tracing::error!(target: MARKUP, "{}", MARKUP.repeat(1 << 14));
                    let _: Option<String> = peer.call("Raft.Attack", &MARKUP.repeat(1 << 14));
                    thread::sleep(Duration::from_millis(100));
                }
                // This is refused, and ends the server.
                let _: Option<Vec<u8>> = peer.call(&format!("Raft.{MARKUP}"), MARKUP);
            });
        }
    }
}
