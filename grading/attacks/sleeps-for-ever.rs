// Sleeps until the end of time, in many ways.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for time in [
            Duration::MAX,
            Duration::from_secs(u64::MAX),
            Duration::from_secs(1 << 62),
            Duration::from_nanos(u64::MAX),
        ] {
            thread::spawn(move || thread::sleep(time));
            thread::spawn(move || thread::park_timeout(time));
            thread::spawn(move || {
                let (_sender, receiver) = crossbeam_channel::bounded::<()>(0);
                receiver.recv_timeout(time)
            });
        }
    }
}
