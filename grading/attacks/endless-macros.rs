// Has macros call each other ten thousand million times, for nothing.
// Graded: build_error

macro_rules! ten {
    ($next:ident) => {
        $next!();
        $next!();
        $next!();
        $next!();
        $next!();
        $next!();
        $next!();
        $next!();
        $next!();
        $next!();
    };
}
macro_rules! a {
    () => {
        ten!(b);
    };
}
macro_rules! b {
    () => {
        ten!(c);
    };
}
macro_rules! c {
    () => {
        ten!(d);
    };
}
macro_rules! d {
    () => {
        ten!(e);
    };
}
macro_rules! e {
    () => {
        ten!(f);
    };
}
macro_rules! f {
    () => {
        ten!(g);
    };
}
macro_rules! g {
    () => {
        ten!(h);
    };
}
macro_rules! h {
    () => {
        ten!(i);
    };
}
macro_rules! i {
    () => {
        ten!(j);
    };
}
macro_rules! j {
    () => {};
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        a!();
    }
}
