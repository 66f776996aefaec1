// Keeps every request, and asks more and more.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for (_, peer) in self.others() {
            let peer = peer.clone();
            thread::spawn(move || {
                loop {
                    let peer = peer.clone();
                    thread::spawn(move || {
                        let _: Option<Vec<u8>> = peer.call("Raft.Attack", &vec![1u8]);
                    });
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
    }

    fn called(&self, _message: Vec<u8>) -> Vec<u8> {
        loop {
            thread::park();
        }
    }
}
