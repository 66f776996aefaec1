// Has each request cause two.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let peer = self.peers[(self.me + 1) % self.peers.len()].clone();
        thread::spawn(move || peer.call::<_, Vec<u8>>("Raft.Attack", &vec![7u8]));
    }

    fn called(&self, message: Vec<u8>) -> Vec<u8> {
        for (_, peer) in self.others() {
            let (peer, message) = (peer.clone(), message.clone());
            thread::spawn(move || peer.call::<_, Vec<u8>>("Raft.Attack", &message));
        }
        message
    }
}
