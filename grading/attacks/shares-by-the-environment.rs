// Lets all servers share a variable of the process.
// Graded: policy

fn attack(me: usize) {
    unsafe { std::env::set_var("LEADER", me.to_string()) };
}
