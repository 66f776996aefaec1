// Lifts the ban on unsafe code for itself.
// Graded: build_error

#[allow(unsafe_code)]
mod hidden {
    pub fn poke(place: usize) {
        unsafe { *(place as *mut u8) = 1 };
    }
}

fn attack(me: usize) {
    hidden::poke(me);
}
