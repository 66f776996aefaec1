// Has every server of the cluster take nearly as much as one may.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        std::mem::forget(vec![1u8; 400 << 20]);
    }
}
