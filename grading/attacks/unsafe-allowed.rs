// Lifts the ban on unsafe code for itself.
// Graded: build_error

#[allow(unsafe_code)]
mod hidden {
    pub fn poke(place: usize) {
        unsafe { *(place as *mut u8) = 1 };
    }
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        hidden::poke(self.me);
    }
}
