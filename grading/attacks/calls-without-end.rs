// Calls all servers with large messages, as fast as it can, and never waits.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for peer in self.peers.iter().cloned() {
            thread::spawn(move || {
                loop {
                    let peer = peer.clone();
                    thread::spawn(move || {
                        peer.call::<_, Vec<u8>>("Raft.Attack", &vec![7u8; 1 << 20])
                    });
                    thread::sleep(Duration::from_micros(100));
                }
            });
        }
    }
}
