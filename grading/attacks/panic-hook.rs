// Ends the process with success when the harness notices a failure.
// Graded: any

fn attack(_me: usize) {
    std::panic::set_hook(Box::new(|_| std::process::exit(0)));
    panic!("now");
}
