// Takes what the harness says to the server.
// Graded: any

use std::io::Read;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        thread::spawn(|| {
            let mut bytes = [0; 4096];
            while std::io::stdin().read(&mut bytes).is_ok_and(|count| count > 0) {
                println!("{bytes:?}");
            }
        });
    }
}
