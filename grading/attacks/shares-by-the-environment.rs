// Lets all servers share a variable of the process.
// Graded: build_error

fn attack(me: usize) {
    unsafe { std::env::set_var("LEADER", me.to_string()) };
}
