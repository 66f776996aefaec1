// Waits for the harness's own orders.
// Graded: any

fn attack(_me: usize) {
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    println!("{line}");
}
