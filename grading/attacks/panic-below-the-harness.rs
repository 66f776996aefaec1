// Panics in code of the harness, called with what it does not expect.
// Graded: panic, no_progress

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let peer = self.peers[0].clone();
        thread::spawn(move || {
            let _: Option<String> = peer.call("Raft.Attack", &vec![0xffu8; 7]);
            let _: Option<Vec<u8>> = peer.call("No.Such.Method", &vec![0u8; 7]);
        });
    }
}
