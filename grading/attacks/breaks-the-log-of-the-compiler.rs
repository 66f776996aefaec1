// Has the compiler say what only cargo says of a compiler that was killed, in red, and with a link.
// Graded: build_error

compile_error!(
    "\u{1b}[31m(signal: 9, SIGKILL: kill)\r\nNo space left on device <img src=x onerror=alert(1)> ![x](http://x) =cmd()"
);

impl Attack for Raft {}
