// Lets all servers of the process share what they know.
// Graded: any

static SHARED: std::sync::Mutex<Vec<usize>> = std::sync::Mutex::new(Vec::new());

fn attack(me: usize) {
    SHARED.lock().expect("nobody panics").push(me);
}
