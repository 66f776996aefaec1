// Calls methods whose names are long, and hold what terminals obey.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for (_, peer) in self.others() {
            let peer = peer.clone();
            thread::spawn(move || {
                let name = "\u{1b}[2J<script>\n".repeat(1 << 16);
                peer.call::<_, Vec<u8>>(&name, &vec![7u8])
            });
        }
    }
}
