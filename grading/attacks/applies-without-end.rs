// Applies more than any service can take.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let apply_ch = self.apply_ch.clone();
        thread::spawn(move || {
            for index in 1.. {
                let _ = apply_ch.send(ApplyMsg::Command { index, command: vec![7; 1 << 10] });
            }
        });
    }
}
