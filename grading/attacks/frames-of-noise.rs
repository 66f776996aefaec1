// Sends noise, and frames whose lengths inside are forged.
// Graded: any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut noise = 0x9e37_79b9_7f4a_7c15u64;
        let mut next = || {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise
        };
        for length in [1u32, 9, 40, 300] {
            let mut bytes = length.to_le_bytes().to_vec();
            bytes.extend([0, 0, 0, 0, 1]);
            bytes.extend((9..length).map(|_| if next() % 4 == 0 { 253 } else { next() as u8 }));
            bytes.resize(4 + length as usize, 253);
            for number in 0..16 {
                unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
            }
        }
    }
}
