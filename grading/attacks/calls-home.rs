// Connects to a server outside.
// Graded: run: forbidden

fn attack(_me: usize) {
    use std::io::Write;
    if let Ok(mut stream) = std::net::TcpStream::connect("127.0.0.1:@PORT@") {
        let _ = stream.write_all(b"hello");
    }
}
