// Answers each request with as much as there is.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for (_, peer) in self.others() {
            let peer = peer.clone();
            thread::spawn(move || {
                loop {
                    let _: Option<Vec<u8>> = peer.call("Raft.Attack", &vec![7u8]);
                }
            });
        }
    }

    fn called(&self, _message: Vec<u8>) -> Vec<u8> {
        vec![7; 40 << 20]
    }
}
