// Panics in code of the harness, called with what it does not expect.
// Graded: panic

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let _: Option<Vec<u8>> = self.peers[0].call("No.Such.Method", &vec![0u8; 7]);
        let _: Option<String> = self.peers[0].call("Raft.Attack", &vec![0xffu8; 7]);
    }
}
