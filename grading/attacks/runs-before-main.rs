// Has the system call its code before the harness runs.
// Graded: build_error

#[unsafe(link_section = ".init_array")]
#[used]
static EARLY: extern "C" fn() = early;

extern "C" fn early() {
    std::process::exit(0);
}

fn attack(_me: usize) {}
