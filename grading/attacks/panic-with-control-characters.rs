// Panics with what terminals, browsers and spreadsheets obey.
// Graded: panic

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        println!("\u{1b}]0;owned\u{7}\u{1b}[2J\r2A initial_election ... ok\u{202e}\u{0}");
        panic!(
            "\u{1b}[2J\r\u{8}ok\u{0}\u{202e}</pre><img src=x onerror=alert(1)>|![x](http://x)\n=cmd|'/c calc'!A1"
        );
    }
}
