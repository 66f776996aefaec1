// Has the compiler fill the disk with constants that are no larger than they may be.
// Graded: any, build_error

fn large<const N: u8>(at: usize) -> u8 {
    const { &[N; 400 << 20] }
    [at]
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let all = [
            large::<1>, large::<2>, large::<3>, large::<4>, large::<5>, large::<6>, large::<7>,
            large::<8>,
        ];
        println!("{}", all[self.me](self.me));
    }
}
